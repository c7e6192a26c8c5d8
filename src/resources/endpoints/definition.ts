import { FieldPath } from "../../api/field-error.ts";
import { endpoints } from "../../api/resources.ts";
import type { EndpointSubset, Endpoints } from "../../api/types/core-v1.ts";
import { listCell } from "../../printing/list-cell.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { warnOfIpAddress } from "../ip-address.ts";
import { validateEndpoints, validateEndpointsUpdate } from "./validation.ts";

/** Addresses that a table shows of one object. */
const shownAddresses = 3;

/** The addresses behind a service, in the older form. */
export const endpointsDefinition = defineResource({
  resource: endpoints,
  countsGeneration: false,
  allowCreateOnUpdate: true,
  applyDefaults: (draft) => {
    for (const subset of draft.subsets ?? []) for (const port of subset.ports ?? []) port.protocol ??= "TCP";
  },
  validate: validateEndpoints,
  validateUpdate: validateEndpointsUpdate,
  validatesWholeUpdate: true,
  warnings: warnOfAddresses,
  table: {
    columns: [nameColumn, textColumn("Endpoints"), ageColumn],
    row: (object, { nowMs }) => [object.metadata.name, endpointsCell(object), objectAge(object, nowMs)],
  },
});

function endpointsCell(object: Endpoints): string {
  const { subsets = [] } = object;
  return subsets.length === 0 ? "<none>" : listCell(subsets.flatMap(subsetAddresses), shownAddresses);
}

function subsetAddresses({ addresses = [], ports = [] }: EndpointSubset): string[] {
  if (ports.length === 0) return addresses.map(({ ip }) => ip);
  return ports.flatMap(({ port }) =>
    addresses.map(({ ip }) => (ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`)),
  );
}

function warnOfAddresses(object: Endpoints): readonly string[] {
  if (object.metadata.labels?.["endpoints.kubernetes.io/managed-by"] === "endpoint-controller") return [];
  return (object.subsets ?? []).flatMap((subset, index) =>
    (["addresses", "notReadyAddresses"] as const).flatMap((list) =>
      (subset[list] ?? []).flatMap(({ ip }, position) =>
        warnOfIpAddress(FieldPath.of("subsets").index(index).child(list).index(position).child("ip"), ip),
      ),
    ),
  );
}
