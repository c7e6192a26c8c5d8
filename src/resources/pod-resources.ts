import type { Container, ContainerStatus, Pod, PodSpec } from "../api/types/core-v1.ts";
import { isSidecar } from "./pod-status.ts";
import {
  addResources,
  createTotals,
  isPositive,
  type ResourceList,
  type ResourceTotals,
  raiseResources,
  sameResources,
} from "./resource-list.ts";
import { isPodLevelResource } from "./resource-names.ts";

/** What of a pod its resources are told from. */
type PodLike = Pick<Pod, "spec"> & Partial<Pick<Pod, "status">>;

export interface PodResourcesOptions {
  /**
   * Count what the node has granted and what runs, as status reports it, beside what the spec asks: what a node must
   * keep free while a change of resources is under way. Default: the spec alone.
   */
  readonly useStatus?: boolean;
  /** Leave out the overhead of the pod's runtime class. Default: it is added. */
  readonly excludeOverhead?: boolean;
  /** What containers count for that request nothing of a resource; for scoring. */
  readonly missingRequests?: ResourceList;
  /** Ignore `spec.resources` and add up containers only. */
  readonly containersOnly?: boolean;
}

/**
 * What a pod needs in all: the sum of its containers and sidecars, or what its init containers need at their worst
 * moment where that is more, or what the pod as a whole requests, and its overhead. Source: KEP-753 and KEP-2837.
 */
export function podRequests(pod: PodLike, options: PodResourcesOptions = {}): ResourceTotals {
  const totals = aggregateContainers(pod, (container, status) => {
    const requests = container.resources.requests;
    const effective =
      options.useStatus === true && status?.resources !== undefined
        ? inFlightRequests(pod, requests, status.resources.requests, status.allocatedResources)
        : requests;
    return options.missingRequests === undefined ? effective : withMissing(effective, options.missingRequests);
  });
  const own = pod.spec.resources?.requests;
  if (options.containersOnly !== true && own !== undefined) {
    const reported = pod.status?.resources;
    const effective =
      options.useStatus === true && reported !== undefined
        ? inFlightRequests(pod, own, reported.requests, pod.status?.allocatedResources)
        : own;
    for (const name of Object.keys(own))
      if (isPodLevelResource(name)) totals[name] = effective?.[name] ?? (own[name] as string);
  }
  if (options.excludeOverhead !== true) addResources(totals, pod.spec.overhead);
  return totals;
}

/** What a pod may use in all; a resource without any limit is missing. Overhead is added to limits above zero. */
export function podLimits(pod: PodLike, options: Omit<PodResourcesOptions, "missingRequests"> = {}): ResourceTotals {
  const totals = aggregateContainers(pod, (container, status) =>
    options.useStatus === true && status?.resources !== undefined
      ? inFlightLimits(pod, container.resources.limits, status.resources.limits)
      : container.resources.limits,
  );
  const own = pod.spec.resources?.limits;
  if (options.containersOnly !== true && own !== undefined) {
    const reported = pod.status?.resources;
    const effective =
      options.useStatus === true && reported !== undefined ? inFlightLimits(pod, own, reported.limits) : own;
    for (const name of Object.keys(own))
      if (isPodLevelResource(name)) totals[name] = effective?.[name] ?? (own[name] as string);
  }
  const overhead = options.excludeOverhead === true ? undefined : pod.spec.overhead;
  for (const name of Object.keys(overhead ?? {})) {
    const limit = totals[name];
    if (limit !== undefined && limit !== "0") addResources(totals, { [name]: overhead?.[name] as string });
  }
  return totals;
}

/** How a pod is treated when its node runs short. Source: KEP-753, "Quality of Service". */
export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

const qosResources = ["cpu", "memory"] as const;

/** The class that a spec gives its pod; `status.qosClass` holds it from creation on. */
export function computeQosClass(spec: Pick<PodSpec, "containers" | "initContainers" | "resources">): QosClass {
  const requests = createTotals();
  const limits = createTotals();
  let isGuaranteed = true;
  const count = (resources: NonNullable<PodSpec["resources"]>, mustLimit: boolean): void => {
    for (const name of qosResources) {
      const request = resources.requests?.[name];
      if (request !== undefined && isPositive(request)) addResources(requests, { [name]: request });
      const limit = resources.limits?.[name];
      if (limit !== undefined && isPositive(limit)) addResources(limits, { [name]: limit });
      else if (mustLimit) isGuaranteed = false;
    }
  };
  if (spec.resources !== undefined) {
    count(spec.resources, Object.keys(spec.resources.limits ?? {}).length > 0);
  } else {
    for (const container of spec.containers ?? []) count(container.resources, true);
    for (const container of spec.initContainers ?? []) count(container.resources, true);
  }
  const hasRequests = qosResources.some((name) => requests[name] !== undefined);
  const hasLimits = qosResources.some((name) => limits[name] !== undefined);
  if (!hasRequests && !hasLimits) return "BestEffort";
  return isGuaranteed && sameResources(requests, limits) ? "Guaranteed" : "Burstable";
}

/** The sum over containers and sidecars, raised to the worst moment of the init containers. */
function aggregateContainers(
  pod: PodLike,
  resourcesOf: (container: Container, status: ContainerStatus | undefined) => ResourceList | undefined,
): ResourceTotals {
  const totals = createTotals();
  for (const container of pod.spec.containers ?? []) {
    const status = pod.status?.containerStatuses?.find((entry) => entry.name === container.name);
    addResources(totals, resourcesOf(container, status));
  }
  const sidecars = createTotals();
  const initialization = createTotals();
  for (const container of pod.spec.initContainers ?? []) {
    if (isSidecar(container)) {
      const status = pod.status?.initContainerStatuses?.find((entry) => entry.name === container.name);
      const own = resourcesOf(container, status);
      addResources(totals, own);
      addResources(sidecars, own);
      raiseResources(initialization, sidecars);
    } else {
      const moment = createTotals();
      addResources(moment, resourcesOf(container, undefined));
      addResources(moment, sidecars);
      raiseResources(initialization, moment);
    }
  }
  raiseResources(totals, initialization);
  return totals;
}

function inFlightRequests(
  pod: PodLike,
  asked: ResourceList | undefined,
  running: ResourceList | undefined,
  granted: ResourceList | undefined,
): ResourceTotals {
  const totals = createTotals();
  if (!isResizeInfeasible(pod)) raiseResources(totals, asked);
  raiseResources(totals, running);
  raiseResources(totals, granted);
  return totals;
}

function inFlightLimits(
  pod: PodLike,
  asked: ResourceList | undefined,
  running: ResourceList | undefined,
): ResourceTotals {
  const totals = createTotals();
  if (!isResizeInfeasible(pod)) raiseResources(totals, asked);
  raiseResources(totals, running);
  return totals;
}

function isResizeInfeasible(pod: PodLike): boolean {
  return pod.status?.conditions?.find((entry) => entry.type === "PodResizePending")?.reason === "Infeasible";
}

function withMissing(requests: ResourceList | undefined, missing: ResourceList): ResourceTotals {
  const totals = createTotals();
  addResources(totals, requests);
  for (const name of Object.keys(missing)) totals[name] ??= missing[name] as string;
  return totals;
}
