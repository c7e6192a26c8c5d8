import type { Input } from "../../api/draft.ts";
import { checkName } from "../../api/names.ts";
import type { Service } from "../../api/types/core-v1.ts";
import type { Endpoint, EndpointPort, EndpointSlice } from "../../api/types/discovery-v1.ts";
import { deepEqual } from "../../controllerkit/deep-equal.ts";
import { controllerReference } from "../../controllerkit/ownership.ts";
import { hasServiceAddress, headlessLabel } from "../service/service-pods.ts";
import {
  type AddressType,
  addressTypesOf,
  type EndpointGroup,
  type EndpointState,
  endpointIdentity,
  planEndpoints,
  portsKey,
  sameEndpoint,
} from "./plan-endpoints.ts";
import { withHints } from "./plan-hints.ts";

/** Labels by which slices are found. Source: Kubernetes documentation, "EndpointSlices". */
export const sliceLabels = {
  service: "kubernetes.io/service-name",
  managedBy: "endpointslice.kubernetes.io/managed-by",
} as const;

/** What slices of this controller are labelled as managed by. */
export const sliceManager = "endpointslice-controller.k8s.io";

/** Most endpoints of one slice: small slices make small changes. Source: upstream's default. */
export const maxEndpointsPerSlice = 100;

/** What is to be done to a service's slices. */
export interface SlicesPlan {
  readonly create: readonly SliceDraft[];
  readonly update: readonly EndpointSlice[];
  readonly remove: readonly EndpointSlice[];
  /** Pods that cannot be endpoints yet, in words. */
  readonly faults: readonly string[];
}

/** A slice to be made, or one that is there with other contents. */
export type SliceDraft = Input<EndpointSlice> & {
  readonly addressType: AddressType;
  readonly endpoints: readonly Endpoint[];
  readonly ports: readonly EndpointPort[];
};

/** Decides how to change a service's slices with as few writes as will do. */
export function planSlices(state: EndpointState, slices: readonly EndpointSlice[]): SlicesPlan {
  const types = addressTypesOf(state.service);
  const plans = types.map((type) =>
    planAddressType(
      state,
      slices.filter((slice) => slice.addressType === type),
      type,
    ),
  );
  return {
    create: plans.flatMap((plan) => plan.create),
    update: plans.flatMap((plan) => plan.update),
    remove: [...plans.flatMap((plan) => plan.remove), ...slices.filter((slice) => !types.includes(slice.addressType))],
    faults: plans.flatMap((plan) => plan.faults),
  };
}

/** Changes while they are worked out: slices by name, each once. */
interface Changes {
  readonly create: Endpoint[][];
  readonly update: Map<EndpointSlice, readonly Endpoint[]>;
  readonly remove: EndpointSlice[];
}

function planAddressType(state: EndpointState, slices: readonly EndpointSlice[], type: AddressType): SlicesPlan {
  const { service } = state;
  const { groups, faults } = planEndpoints(state, type);
  const own = slices.filter((slice) => isOwnedBy(slice, service));
  const create: SliceDraft[] = [];
  const update: EndpointSlice[] = [];
  const remove = slices.filter((slice) => !isOwnedBy(slice, service));
  const byPorts = Map.groupBy(own, (slice) => portsKey(slice.ports ?? []));
  for (const [key, group] of groups) {
    const changes = planGroup(service, byPorts.get(key) ?? [], group);
    create.push(...changes.create.map((endpoints) => newSlice(service, type, group.ports, endpoints)));
    for (const [slice, endpoints] of changes.update)
      update.push(changedSlice(service, slice, slice.ports ?? [], endpoints));
    remove.push(...changes.remove);
  }
  for (const [key, unwanted] of byPorts) if (!groups.has(key)) remove.push(...unwanted);
  const planned = withPlaceholder(service, type, slices, { create, update, remove });
  return { ...withHints(service, slices, reuseRemoved(service, planned)), faults };
}

/** A service without endpoints has one empty slice, so that clients see that someone has looked. */
function withPlaceholder(
  service: Service,
  type: AddressType,
  slices: readonly EndpointSlice[],
  plan: Omit<SlicesPlan, "faults">,
): Omit<SlicesPlan, "faults"> {
  if (slices.length !== plan.remove.length || plan.create.length > 0) return plan;
  const [only] = plan.remove;
  const isPlaceholder =
    plan.remove.length === 1 &&
    only !== undefined &&
    (only.endpoints ?? []).length === 0 &&
    (only.ports ?? []).length === 0 &&
    deepEqual(only.metadata.labels, labelsOf(service));
  if (isPlaceholder && isOwnedBy(only, service)) return { ...plan, remove: [] };
  return { ...plan, create: [newSlice(service, type, [], [])] };
}

/** A slice that would go is rather filled anew than replaced. */
function reuseRemoved(service: Service, plan: Omit<SlicesPlan, "faults">): Omit<SlicesPlan, "faults"> {
  const create = [...plan.create];
  const update = [...plan.update];
  const remove: EndpointSlice[] = [];
  for (const slice of plan.remove) {
    const draft = isOwnedBy(slice, service) ? create.pop() : undefined;
    if (draft === undefined) remove.push(slice);
    else update.push(changedSlice(service, slice, draft.ports, draft.endpoints));
  }
  return { create, update, remove };
}

/** Spreads the endpoints of one set of ports over its slices: those that change anyway are filled up first. */
function planGroup(service: Service, slices: readonly EndpointSlice[], group: EndpointGroup): Changes {
  const wanted = new Map(group.endpoints);
  const changes: Changes = { create: [], update: new Map(), remove: [] };
  const untouched: EndpointSlice[] = [];
  for (const slice of slices) {
    const present = slice.endpoints ?? [];
    const kept = keepWanted(present, wanted);
    const hasChanged = kept.length !== present.length || kept.some((endpoint, index) => endpoint !== present[index]);
    if (hasChanged && kept.length === 0) changes.remove.push(slice);
    else if (hasChanged || !deepEqual(slice.metadata.labels, labelsOf(service))) changes.update.set(slice, kept);
    else untouched.push(slice);
  }
  fillChanged(changes.update, wanted);
  placeRest(changes, untouched, wanted);
  return changes;
}

/** Endpoints of a slice that are still wanted, in their newest form; takes them off the list of wanted ones. */
function keepWanted(present: readonly Endpoint[], wanted: Map<string, Endpoint>): readonly Endpoint[] {
  const kept: Endpoint[] = [];
  for (const endpoint of present) {
    const identity = endpointIdentity(endpoint);
    const newest = wanted.get(identity);
    if (newest === undefined) continue;
    wanted.delete(identity);
    kept.push(sameEndpoint(endpoint, newest) ? endpoint : newest);
  }
  return kept;
}

function fillChanged(update: Map<EndpointSlice, readonly Endpoint[]>, wanted: Map<string, Endpoint>): void {
  const fullestFirst = [...update].sort(([, a], [, b]) => b.length - a.length);
  for (const [slice, endpoints] of fullestFirst)
    update.set(slice, [...endpoints, ...take(wanted, maxEndpointsPerSlice - endpoints.length)]);
}

function placeRest(changes: Changes, untouched: EndpointSlice[], wanted: Map<string, Endpoint>): void {
  while (wanted.size > 0) {
    const slice = wanted.size < maxEndpointsPerSlice ? bestFit(untouched, wanted.size) : undefined;
    if (slice === undefined) changes.create.push(take(wanted, maxEndpointsPerSlice));
    else {
      untouched.splice(untouched.indexOf(slice), 1);
      const present = slice.endpoints ?? [];
      changes.update.set(slice, [...present, ...take(wanted, maxEndpointsPerSlice - present.length)]);
    }
  }
}

/** The slice that comes nearest to being full with so many more. */
function bestFit(slices: readonly EndpointSlice[], count: number): EndpointSlice | undefined {
  let best: EndpointSlice | undefined;
  let leastRoom = maxEndpointsPerSlice;
  for (const slice of slices) {
    const room = maxEndpointsPerSlice - count - (slice.endpoints ?? []).length;
    if (room < 0 || room >= leastRoom) continue;
    best = slice;
    leastRoom = room;
  }
  return best;
}

function take(wanted: Map<string, Endpoint>, count: number): Endpoint[] {
  const taken = [...wanted].slice(0, Math.max(0, count));
  for (const [identity] of taken) wanted.delete(identity);
  return taken.map(([, endpoint]) => endpoint);
}

function newSlice(
  service: Service,
  addressType: AddressType,
  ports: readonly EndpointPort[],
  endpoints: readonly Endpoint[],
): SliceDraft {
  const { name, namespace } = service.metadata;
  const prefix = `${name}-`;
  return {
    metadata: {
      generateName: checkName("dnsSubdomain", prefix, true).length === 0 ? prefix : name,
      namespace,
      labels: labelsOf(service),
      ownerReferences: [controllerReference(service)],
    },
    addressType,
    endpoints,
    ports,
  };
}

function changedSlice(
  service: Service,
  slice: EndpointSlice,
  ports: readonly EndpointPort[],
  endpoints: readonly Endpoint[],
): EndpointSlice {
  return { ...slice, metadata: { ...slice.metadata, labels: labelsOf(service) }, ports, endpoints };
}

const reservedLabels: ReadonlySet<string> = new Set([...Object.values(sliceLabels), headlessLabel]);

/** A slice has its service's labels and some of its own. */
function labelsOf(service: Service): Readonly<Record<string, string>> {
  const labels: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(service.metadata.labels ?? {}))
    if (!reservedLabels.has(name)) labels[name] = value;
  if (!hasServiceAddress(service)) labels[headlessLabel] = "";
  labels[sliceLabels.service] = service.metadata.name;
  labels[sliceLabels.managedBy] = sliceManager;
  return labels;
}

function isOwnedBy({ metadata }: EndpointSlice, service: Service): boolean {
  return (metadata.ownerReferences ?? []).some(
    ({ uid, kind, apiVersion }) => uid === service.metadata.uid && kind === "Service" && apiVersion === "v1",
  );
}
