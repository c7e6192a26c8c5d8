import { checkName } from "../../api/names.ts";
import type { EndpointAddress, Endpoints } from "../../api/types/core-v1.ts";
import type { Endpoint, EndpointPort, EndpointSlice } from "../../api/types/discovery-v1.ts";
import { deepEqual } from "../../controllerkit/deep-equal.ts";
import { controllerReference } from "../../controllerkit/ownership.ts";
import { packSubsets } from "../endpoints/plan-subsets.ts";
import { formatIpAddress, parseIpAddress } from "../ip-address.ts";
import { triggerTimeAnnotation } from "../service/trigger-times.ts";
import { type AddressType, endpointIdentity, portsKey, sameEndpoint } from "./plan-endpoints.ts";
import { type SliceDraft, sliceLabels } from "./plan-slices.ts";

/** What mirrored slices are labelled as managed by. */
export const mirrorManager = "endpointslicemirroring-controller.k8s.io";

/** Most addresses that are mirrored of one subset, so that each one has a single slice. Source: upstream's default. */
export const maxMirroredPerSubset = 1000;

/** What is to be done to the slices that mirror Endpoints. */
export interface MirroringPlan {
  readonly create: readonly SliceDraft[];
  readonly update: readonly EndpointSlice[];
  readonly remove: readonly EndpointSlice[];
  /** Addresses that are no addresses. */
  readonly invalid: number;
  /** All addresses that are not mirrored. */
  readonly skipped: number;
}

/** Endpoints of one family with one set of ports: they have one slice. */
interface Group {
  readonly addressType: AddressType;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: Map<string, Endpoint>;
}

/** Decides how slices have to change to say the same as Endpoints that were written by hand. */
export function planMirroring(endpoints: Endpoints, slices: readonly EndpointSlice[]): MirroringPlan {
  const { groups, invalid, skipped } = groupAddresses(endpoints);
  const create: SliceDraft[] = [];
  const update: EndpointSlice[] = [];
  const remove: EndpointSlice[] = [];
  const present = Map.groupBy(slices, ({ ports, addressType }) => `${addressType} ${portsKey(ports ?? [])}`);
  for (const [key, group] of groups) {
    if (group.endpoints.size === 0) continue;
    const [slice, ...others] = present.get(key) ?? [];
    present.delete(key);
    remove.push(...others);
    if (slice === undefined) create.push(renderSlice(endpoints, group));
    else if (!isRight(slice, endpoints, group)) update.push(changed(slice, renderSlice(endpoints, group)));
  }
  remove.push(...[...present.values()].flat());
  return { ...reuseRemoved({ create, update, remove }), invalid, skipped };
}

function groupAddresses({ subsets = [] }: Endpoints) {
  const groups = new Map<string, Group>();
  let [invalid, skipped] = [0, 0];
  for (const { addresses = [], notReadyAddresses = [], ports: subsetPorts = [] } of packSubsets(subsets)) {
    const ports = subsetPorts.map((port) => ({ ...port, name: port.name ?? "" }));
    let mirrored = 0;
    for (const [list, ready] of [
      [addresses, true],
      [notReadyAddresses, false],
    ] as const)
      for (const address of list) {
        if (mirrored >= maxMirroredPerSubset) break;
        const mirror = renderEndpoint(address, ready);
        if (mirror === undefined) {
          invalid += 1;
          continue;
        }
        mirrored += 1;
        const key = `${mirror.addressType} ${portsKey(ports)}`;
        const group = groups.get(key) ?? { addressType: mirror.addressType, ports, endpoints: new Map() };
        groups.set(key, group);
        group.endpoints.set(endpointIdentity(mirror.endpoint), mirror.endpoint);
      }
    skipped += addresses.length + notReadyAddresses.length - mirrored;
  }
  return { groups, invalid, skipped };
}

function renderEndpoint(
  { ip, hostname, nodeName, targetRef }: EndpointAddress,
  ready: boolean,
): { readonly addressType: AddressType; readonly endpoint: Endpoint } | undefined {
  const address = parseIpAddress(ip);
  if (address === undefined) return undefined;
  const endpoint = {
    addresses: [formatIpAddress(address)],
    conditions: { ready },
    ...(hostname === undefined ? {} : { hostname }),
    ...(targetRef === undefined ? {} : { targetRef }),
    ...(nodeName === undefined ? {} : { nodeName }),
  };
  return { addressType: address.family, endpoint };
}

function renderSlice(endpoints: Endpoints, { addressType, ports, endpoints: wanted }: Group): SliceDraft {
  const { name, namespace, labels } = endpoints.metadata;
  const prefix = `${name}-`;
  return {
    metadata: {
      generateName: checkName("dnsSubdomain", prefix, true).length === 0 ? prefix : name,
      namespace,
      labels: { ...labels, [sliceLabels.service]: name, [sliceLabels.managedBy]: mirrorManager },
      annotations: annotationsOf(endpoints),
      ownerReferences: [controllerReference(endpoints)],
    },
    addressType,
    ports,
    endpoints: [...wanted.values()],
  };
}

const unmirroredAnnotations: ReadonlySet<string> = new Set([
  triggerTimeAnnotation,
  "kubectl.kubernetes.io/last-applied-configuration",
]);

function annotationsOf({ metadata }: Endpoints): Readonly<Record<string, string>> {
  const annotations: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(metadata.annotations ?? {}))
    if (!unmirroredAnnotations.has(name)) annotations[name] = value;
  return annotations;
}

function isRight(slice: EndpointSlice, endpoints: Endpoints, group: Group): boolean {
  const { metadata } = renderSlice(endpoints, group);
  const present = slice.endpoints ?? [];
  return (
    present.length === group.endpoints.size &&
    present.every((endpoint) => {
      const wanted = group.endpoints.get(endpointIdentity(endpoint));
      return wanted !== undefined && sameEndpoint(wanted, endpoint);
    }) &&
    deepEqual(slice.metadata.labels, metadata?.labels) &&
    deepEqual(slice.metadata.annotations ?? {}, metadata?.annotations) &&
    !isOfFormer(slice, endpoints)
  );
}

/** Whether the slice mirrors Endpoints of the same name that are gone: it would go with them. */
function isOfFormer({ metadata: { ownerReferences = [] } }: EndpointSlice, { metadata }: Endpoints): boolean {
  return ownerReferences.some(
    ({ kind, name, uid }) => kind === "Endpoints" && name === metadata.name && uid !== metadata.uid,
  );
}

function changed(slice: EndpointSlice, { metadata, ports, endpoints }: SliceDraft): EndpointSlice {
  const { labels, annotations, ownerReferences } = metadata as EndpointSlice["metadata"];
  return {
    ...slice,
    metadata: {
      ...slice.metadata,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
    },
    ports,
    endpoints,
  };
}

/** A slice that would go is rather filled anew than replaced by one of its family. */
function reuseRemoved(plan: Pick<MirroringPlan, "create" | "update" | "remove">) {
  const remove = [...plan.remove];
  const update = [...plan.update];
  const create = plan.create.filter((draft) => {
    const index = remove.findIndex(({ addressType }) => addressType === draft.addressType);
    const [slice] = index === -1 ? [] : remove.splice(index, 1);
    if (slice !== undefined) update.push(changed(slice, draft));
    return slice === undefined;
  });
  return { create, update, remove };
}
