import type { Draft } from "../../api/draft.ts";
import type { Container, ContainerStatus, Pod, ResourceRequirements } from "../../api/types/core-v1.ts";
import { podLimits, podRequests } from "../pod-resources.ts";
import { createTotals, roundAmounts, roundRequirements } from "../resource-list.ts";
import { isHugePageResource, isOvercommitAllowed, isPodLevelResource } from "../resource-names.ts";
import { defaultPodSpec } from "./defaults.ts";

/** Annotations that held init containers before they were fields; they must not come back to life. */
const initContainerAnnotations = [
  "pod.beta.kubernetes.io/init-containers",
  "pod.alpha.kubernetes.io/init-containers",
  "pod.beta.kubernetes.io/init-container-statuses",
  "pod.alpha.kubernetes.io/init-container-statuses",
] as const;

/** Fills in what a pod leaves out. Some of it pods get and templates do not. */
export function defaultPod(pod: Draft<Pod>): void {
  const { spec } = pod;
  for (const container of spec.containers ?? []) requestLimits(container.resources);
  for (const container of spec.initContainers ?? []) requestLimits(container.resources);
  if (spec.resources !== undefined) defaultPodResources(pod, spec.resources);
  spec.enableServiceLinks ??= true;
  if (spec.hostNetwork === true) {
    for (const container of spec.containers ?? []) publishPorts(container);
    for (const container of spec.initContainers ?? []) publishPorts(container);
  }
  defaultPodSpec(spec);
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) spec.terminationGracePeriodSeconds = 1;
  dropInitContainerAnnotations(pod);
  defaultStatus(pod);
}

/** A limit without a request is requested in full. */
function requestLimits(resources: Draft<ResourceRequirements>): void {
  if (resources.limits === undefined) return;
  const requests = resources.requests ?? createTotals();
  for (const name of Object.keys(resources.limits))
    if (!Object.hasOwn(requests, name)) requests[name] = resources.limits[name] as string;
  if (Object.keys(requests).length > 0) resources.requests = requests;
}

/**
 * A pod with resources of its own gets limits of huge pages from its containers, and requests from its containers or
 * else from its limits. Source: KEP-2837.
 */
function defaultPodResources(pod: Draft<Pod>, resources: Draft<ResourceRequirements>): void {
  const isSet = Object.keys(resources.limits ?? {}).length > 0 || Object.keys(resources.requests ?? {}).length > 0;
  if (!isSet) return;
  const ofContainers = { containersOnly: true, excludeOverhead: true } as const;
  const limits = resources.limits ?? createTotals();
  const containerLimits = podLimits(pod as Pod, ofContainers);
  for (const name of Object.keys(containerLimits))
    if (isHugePageResource(name) && !Object.hasOwn(resources.requests ?? {}, name) && !Object.hasOwn(limits, name))
      limits[name] = containerLimits[name] as string;
  if (Object.keys(limits).length === 0) return;
  resources.limits = limits;

  const requests = resources.requests ?? createTotals();
  const containerRequests = podRequests(pod as Pod, ofContainers);
  for (const name of Object.keys(containerRequests))
    if (isPodLevelResource(name) && isOvercommitAllowed(name) && !Object.hasOwn(requests, name))
      requests[name] = containerRequests[name] as string;
  for (const name of Object.keys(limits))
    if (isPodLevelResource(name) && !Object.hasOwn(requests, name)) requests[name] = limits[name] as string;
  if (Object.keys(requests).length > 0) resources.requests = requests;
}

/** On the host's network every container port is a port of the host. */
function publishPorts(container: Draft<Container>): void {
  for (const port of container.ports ?? []) if (port.containerPort !== 0) port.hostPort ??= port.containerPort;
}

function dropInitContainerAnnotations(pod: Draft<Pod>): void {
  const { annotations } = pod.metadata;
  if (annotations === undefined || !initContainerAnnotations.some((name) => Object.hasOwn(annotations, name))) return;
  for (const name of initContainerAnnotations) delete annotations[name];
  if (Object.keys(annotations).length === 0) delete pod.metadata.annotations;
}

/** The single address and the list of addresses are kept in step; the single one rules, because old clients know only it. */
function defaultStatus(pod: Draft<Pod>): void {
  const { status } = pod;
  if (status.podIP !== undefined && status.podIP !== status.podIPs?.[0]?.ip) status.podIPs = [{ ip: status.podIP }];
  else if (status.podIP === undefined && status.podIPs?.[0] !== undefined) status.podIP = status.podIPs[0].ip;
  for (const list of [status.initContainerStatuses, status.containerStatuses, status.ephemeralContainerStatuses])
    for (const entry of list ?? []) roundContainerStatus(entry);
  roundAmounts(status.allocatedResources);
  roundRequirements(status.resources);
}

function roundContainerStatus(status: Draft<ContainerStatus>): void {
  roundAmounts(status.allocatedResources);
  roundRequirements(status.resources);
}
