import type { Draft } from "../../api/draft.ts";
import { FieldPath } from "../../api/field-error.ts";
import { equalJson, type JsonValue } from "../../api/json-value.ts";
import { checkDnsSubdomain } from "../../api/names.ts";
import { endpointSlices } from "../../api/resources.ts";
import type { EndpointPort, EndpointSlice } from "../../api/types/discovery-v1.ts";
import { listCell } from "../../printing/list-cell.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { sameValue } from "../field-checks.ts";
import { warnOfIpAddress } from "../ip-address.ts";
import { validateEndpointSlice, validateEndpointSliceUpdate } from "./validation.ts";

/** Ports and addresses that a table shows of one slice. */
const shownItems = 3;
const hostnameLabel = "kubernetes.io/hostname";
const managers: ReadonlySet<string> = new Set([
  "endpointslice-controller.k8s.io",
  "endpointslicemirroring-controller.k8s.io",
]);

/** Some of the addresses behind a service. */
export const endpointSliceDefinition = defineResource({
  resource: endpointSlices,
  countsGeneration: false,
  applyDefaults: (draft) => {
    for (const port of draft.ports ?? []) {
      port.name ??= "";
      port.protocol ??= "TCP";
    }
  },
  prepareForCreate: (draft) => {
    draft.metadata.generation = 1;
    dropTopology(draft, undefined);
  },
  prepareForUpdate: (draft, old) => {
    countChange(draft, old);
    dropTopology(draft, old);
  },
  validate: validateEndpointSlice,
  validateUpdate: validateEndpointSliceUpdate,
  validatesWholeUpdate: true,
  warnings: warnOfSlice,
  table: {
    columns: [nameColumn, textColumn("AddressType"), textColumn("Ports"), textColumn("Endpoints"), ageColumn],
    row: (slice, { nowMs }) => [
      slice.metadata.name,
      slice.addressType,
      listCell((slice.ports ?? []).map(portCell), shownItems) || "<unset>",
      listCell(
        (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses ?? []),
        shownItems,
      ) || "<unset>",
      objectAge(slice, nowMs),
    ],
  },
});

function portCell({ port, name }: EndpointPort): string {
  return port === undefined ? (name ?? "*") : String(port);
}

/** A slice has no status: labels and everything beside metadata count. */
function countChange(draft: Draft<EndpointSlice>, old: EndpointSlice): void {
  const { metadata: _unused, ...fields } = draft;
  const { metadata: _old, ...oldFields } = old;
  const isSame =
    equalJson(fields as unknown as JsonValue, oldFields as unknown as JsonValue) &&
    sameValue(draft.metadata.labels, old.metadata.labels);
  const generation = isSame ? old.metadata.generation : (old.metadata.generation ?? 0) + 1;
  if (generation !== undefined) draft.metadata.generation = generation;
}

/** Topology came before nodeName; what old slices kept there of a node is carried over. */
function dropTopology(draft: Draft<EndpointSlice>, old: EndpointSlice | undefined): void {
  if (old !== undefined && sameValue(draft.endpoints, old.endpoints)) return;
  const known = new Set(old?.endpoints?.map((endpoint) => endpoint.deprecatedTopology?.[hostnameLabel]));
  for (const endpoint of draft.endpoints ?? []) {
    const node = endpoint.deprecatedTopology?.[hostnameLabel];
    if (node !== undefined && known.has(node) && checkDnsSubdomain(node).length === 0) endpoint.nodeName ??= node;
    delete endpoint.deprecatedTopology;
  }
}

function warnOfSlice(slice: EndpointSlice, old: EndpointSlice | undefined): readonly string[] {
  const warnings: string[] = [];
  if (slice.addressType === "FQDN" && old === undefined)
    warnings.push("spec.addressType: FQDN endpoints are deprecated");
  if (managers.has(slice.metadata.labels?.["endpointslice.kubernetes.io/managed-by"] ?? "")) return warnings;
  for (const [index, endpoint] of (slice.endpoints ?? []).entries())
    for (const [position, address] of (endpoint.addresses ?? []).entries())
      warnings.push(
        ...warnOfIpAddress(FieldPath.of("endpoints").index(index).child("addresses").index(position), address),
      );
  return warnings;
}
