import type { Container, ContainerStatus, Pod, PodCondition, PodSpec, PodStatus } from "../api/types/core-v1.ts";
import { parseTime } from "../base/clock.ts";

/** What of a pod most questions need. */
type WithStatus = { readonly status: Pick<PodStatus, "phase" | "conditions"> };

/** The condition of a type; undefined when the pod has none. */
export function podCondition(
  pod: { readonly status: Pick<PodStatus, "conditions"> },
  type: string,
): PodCondition | undefined {
  return pod.status.conditions?.find((condition) => condition.type === type);
}

/** True when a pod's condition of that type is `True`. */
export function isPodConditionTrue(pod: { readonly status: Pick<PodStatus, "conditions"> }, type: string): boolean {
  return podCondition(pod, type)?.status === "True";
}

/** The pod serves: its `Ready` condition is true. */
export function isPodReady(pod: { readonly status: Pick<PodStatus, "conditions"> }): boolean {
  return isPodConditionTrue(pod, "Ready");
}

/** Ready for at least `minReadySeconds`. */
export function isPodAvailable(pod: WithStatus, minReadySeconds: number, nowMs: number): boolean {
  const ready = podCondition(pod, "Ready");
  if (ready?.status !== "True") return false;
  if (minReadySeconds === 0) return true;
  const sinceMs = parseTime(ready.lastTransitionTime);
  return sinceMs !== undefined && sinceMs + minReadySeconds * 1000 <= nowMs;
}

/** All containers have ended and none will be started again. */
export function isPodTerminal(pod: { readonly status: Pick<PodStatus, "phase"> }): boolean {
  return pod.status.phase === "Succeeded" || pod.status.phase === "Failed";
}

/** Neither ended nor being deleted: counts towards the replicas of its controller. */
export function isPodActive(pod: Pick<Pod, "metadata" | "status">): boolean {
  return !isPodTerminal(pod) && !isBeingDeleted(pod);
}

/** Being deleted, with containers that may still run. */
export function isPodTerminating(pod: Pick<Pod, "metadata" | "status">): boolean {
  return !isPodTerminal(pod) && isBeingDeleted(pod);
}

function isBeingDeleted(pod: Pick<Pod, "metadata">): boolean {
  return pod.metadata.deletionTimestamp !== undefined && pod.metadata.deletionTimestamp !== null;
}

/**
 * The conditions with `condition` put in. Its transition time is kept from the present one while the status stays the
 * same. Gives back the very list when nothing would change.
 */
export function withPodCondition(
  conditions: readonly PodCondition[] | undefined,
  condition: PodCondition,
): readonly PodCondition[] {
  const present = conditions?.find((entry) => entry.type === condition.type);
  if (conditions === undefined || present === undefined) return [...(conditions ?? []), condition];
  const next =
    present.status === condition.status ? { ...condition, lastTransitionTime: present.lastTransitionTime } : condition;
  if (sameCondition(present, next)) return conditions;
  return conditions.map((entry) => (entry === present ? next : entry));
}

function sameCondition(a: PodCondition, b: PodCondition): boolean {
  return (
    a.status === b.status &&
    (a.reason ?? "") === (b.reason ?? "") &&
    (a.message ?? "") === (b.message ?? "") &&
    (a.observedGeneration ?? 0) === (b.observedGeneration ?? 0) &&
    a.lastProbeTime === b.lastProbeTime &&
    a.lastTransitionTime === b.lastTransitionTime
  );
}

/** An init container that goes on running beside the pod's containers. Source: KEP-753. */
export function isSidecar(container: Pick<Container, "restartPolicy">): boolean {
  return container.restartPolicy === "Always";
}

/** Every container of a pod: init containers first, then containers, then ephemeral ones. */
export function allContainers(
  spec: Pick<PodSpec, "containers" | "initContainers" | "ephemeralContainers">,
): readonly Pick<Container, keyof Container>[] {
  const { initContainers = [], containers, ephemeralContainers = [] } = spec;
  return [...initContainers, ...(containers ?? []), ...ephemeralContainers];
}

/** The container of that name, of whatever sort; undefined when there is none. */
export function findContainer(
  spec: Pick<PodSpec, "containers" | "initContainers" | "ephemeralContainers">,
  name: string,
): Container | undefined {
  const isNamed = (container: { readonly name: string }): boolean => container.name === name;
  return (
    spec.containers?.find(isNamed) ?? spec.initContainers?.find(isNamed) ?? spec.ephemeralContainers?.find(isNamed)
  );
}

/** The status of the container of that name, of whatever sort; undefined when none is reported. */
export function findContainerStatus(
  status: Pick<PodStatus, "containerStatuses" | "initContainerStatuses" | "ephemeralContainerStatuses">,
  name: string,
): ContainerStatus | undefined {
  const isNamed = (entry: ContainerStatus): boolean => entry.name === name;
  return (
    status.containerStatuses?.find(isNamed) ??
    status.initContainerStatuses?.find(isNamed) ??
    status.ephemeralContainerStatuses?.find(isNamed)
  );
}

/** The port that a number or name means for a pod; undefined when no container declares that name. */
export function resolvePodPort(
  spec: Pick<PodSpec, "containers" | "initContainers">,
  port: number | string,
  protocol = "TCP",
): number | undefined {
  if (typeof port === "number") return port;
  const sidecars = (spec.initContainers ?? []).filter(isSidecar);
  for (const container of [...(spec.containers ?? []), ...sidecars])
    for (const entry of container.ports ?? [])
      if (entry.name === port && (entry.protocol ?? "TCP") === protocol) return entry.containerPort;
  return undefined;
}

/** The grace that a pod gets when a delete names none, in seconds. */
export const defaultTerminationGraceSeconds = 30;
