import { equalJson, type JsonValue } from "../../api/json-value.ts";
import type { Container, Pod } from "../../api/types/core-v1.ts";
import { findContainerStatus } from "../../resources/pod-status.ts";
import { type ResourceList, sameResources } from "../../resources/resource-list.ts";

type Resources = Container["resources"];

/** The resources that a node has granted to a pod, which may be others than its spec asks for by now. Source: KEP-1287. */
export interface Grant {
  /** By container name, init containers among them. */
  readonly containers: ReadonlyMap<string, Resources>;
  /** For the pod as a whole. */
  readonly pod: Pod["spec"]["resources"];
}

/** A grant of everything that a pod asks for. */
export function grantOf({ spec }: Pod): Grant {
  const all = [...spec.containers, ...(spec.initContainers ?? [])];
  return { containers: new Map(all.map(({ name, resources }) => [name, resources])), pod: spec.resources };
}

/**
 * What a pod was granted before the agent began, as far as its status tells: requests as they were granted, limits as
 * they were in force. Containers that status does not know count as granted.
 */
export function grantFromStatus(pod: Pod): Grant {
  const { spec, status } = pod;
  const granted = [...spec.containers, ...(spec.initContainers ?? [])].map((container): [string, Resources] => {
    const known = findContainerStatus(status, container.name);
    if (known?.containerID === undefined || known.allocatedResources === undefined || known.resources === undefined)
      return [container.name, container.resources];
    const { limits } = known.resources;
    return [
      container.name,
      { ...container.resources, requests: known.allocatedResources, ...(limits === undefined ? {} : { limits }) },
    ];
  });
  return { containers: new Map(granted), pod: podGrantFromStatus(pod) };
}

function podGrantFromStatus({ spec, status }: Pod): Grant["pod"] {
  const { resources } = spec;
  if (resources === undefined || status.allocatedResources === undefined) return resources;
  const { requests, limits } = resources;
  return {
    ...resources,
    ...(requests === undefined ? {} : { requests: withAmounts(requests, status.allocatedResources) }),
    ...(limits === undefined ? {} : { limits: withAmounts(limits, status.resources?.limits) }),
  };
}

/** The same resources with the amounts of another list, where it has them. */
function withAmounts(list: ResourceList, amounts: ResourceList | undefined): ResourceList {
  return Object.fromEntries(Object.entries(list).map(([name, amount]) => [name, amounts?.[name] ?? amount]));
}

/** The pod with what it was granted in place of what it asks for; the same object where both are one. */
export function withGrant(pod: Pod, grant: Grant): Pod {
  const { spec } = pod;
  const isGranted =
    isSame(spec.resources, grant.pod) &&
    [...spec.containers, ...(spec.initContainers ?? [])].every(({ name, resources }) =>
      isSame(resources, grant.containers.get(name) ?? resources),
    );
  if (isGranted) return pod;
  const apply = (container: Container): Container => ({
    ...container,
    resources: grant.containers.get(container.name) ?? container.resources,
  });
  const { resources: _wanted, ...rest } = spec;
  return {
    ...pod,
    spec: {
      ...rest,
      ...(grant.pod === undefined ? {} : { resources: grant.pod }),
      containers: spec.containers.map(apply),
      ...(spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(apply) }),
    },
  };
}

function claimsOf(resources: Resources | undefined): JsonValue {
  return (resources?.claims ?? []) as unknown as JsonValue;
}

/** However amounts are written. */
function isSame(a: Resources | undefined, b: Resources | undefined): boolean {
  return (
    a === b ||
    (sameResources(a?.requests, b?.requests) &&
      sameResources(a?.limits, b?.limits) &&
      equalJson(claimsOf(a), claimsOf(b)))
  );
}
