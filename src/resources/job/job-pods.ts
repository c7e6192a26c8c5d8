import type { Job } from "../../api/types/batch-v1.ts";
import type { ContainerStatus, Pod } from "../../api/types/core-v1.ts";
import { parseTime } from "../../base/clock.ts";
import { isSidecar, podCondition } from "../pod-status.ts";

/** Keeps a pod until its Job has counted it. */
export const trackingFinalizer = "batch.kubernetes.io/job-tracking";

/** Annotations and labels of pods of indexed Jobs. Source: Kubernetes documentation, "Jobs". */
export const jobAnnotations = {
  completionIndex: "batch.kubernetes.io/job-completion-index",
  failureCount: "batch.kubernetes.io/job-index-failure-count",
  ignoredFailureCount: "batch.kubernetes.io/job-index-ignored-failure-count",
} as const;

export function isIndexed({ spec }: Job): boolean {
  return spec.completionMode === "Indexed";
}

export function isSuspended({ spec }: Job): boolean {
  return spec.suspend === true;
}

/** Someone else looks after the Job. */
export function isManagedElsewhere({ spec }: Job): boolean {
  return spec.managedBy !== undefined && spec.managedBy !== "kubernetes.io/job-controller";
}

/** Pods are replaced when they have failed, not already when they are being deleted. */
export function replacesOnlyFailed({ spec }: Job): boolean {
  return spec.podReplacementPolicy === "Failed" || spec.podFailurePolicy !== undefined;
}

/** The pod still waits to be counted. */
export function isTracked(pod: Pod): boolean {
  return pod.metadata.finalizers?.includes(trackingFinalizer) === true;
}

/** The index of a pod of an indexed Job; undefined when it has none that makes sense. */
export function completionIndexOf(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[jobAnnotations.completionIndex];
  return text !== undefined && /^\+?[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}

/** The index of a pod, when its Job still has that many completions. */
export function validIndexOf(pod: Pod, { spec }: Job): number | undefined {
  const index = completionIndexOf(pod);
  return index !== undefined && index < (spec.completions ?? 0) ? index : undefined;
}

/** How often the pod's index has failed before it; `ignored` are failures that do not count towards the limit. */
export function indexFailures(pod: Pod): { readonly counted: number; readonly ignored: number } {
  const { annotations } = pod.metadata;
  return {
    counted: readCount(annotations?.[jobAnnotations.failureCount]),
    ignored: readCount(annotations?.[jobAnnotations.ignoredFailureCount]),
  };
}

function readCount(text: string | undefined): number {
  return text !== undefined && /^\+?[0-9]{1,10}$/.test(text) && Number(text) < 2 ** 31 ? Number(text) : 0;
}

/** The pod counts as failed: also one that is being deleted, unless the Job waits for those to end. */
export function isFailed(pod: Pod, job: Job): boolean {
  if (pod.status.phase === "Failed") return true;
  if (replacesOnlyFailed(job)) return false;
  return pod.metadata.deletionTimestamp !== undefined && pod.status.phase !== "Succeeded";
}

/**
 * When a pod ended: by its containers, else since it is not ready, else since it was deleted, else its creation.
 */
export function finishedAtMs(pod: Pod): number {
  return (
    containersEndedMs(pod) ?? notReadySinceMs(pod) ?? deletedAtMs(pod) ?? parseTime(pod.metadata.creationTimestamp) ?? 0
  );
}

function containersEndedMs(pod: Pod): number | undefined {
  const sidecars = new Set((pod.spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name));
  const statuses: readonly ContainerStatus[] = [
    ...(pod.status.containerStatuses ?? []),
    ...(pod.status.initContainerStatuses ?? []).filter(({ name }) => sidecars.has(name)),
  ];
  let latestMs: number | undefined;
  for (const { state } of statuses) {
    const endedMs = parseTime(state.terminated?.finishedAt);
    if (endedMs === undefined) return undefined;
    latestMs = Math.max(latestMs ?? endedMs, endedMs);
  }
  return latestMs;
}

function notReadySinceMs(pod: Pod): number | undefined {
  const ready = podCondition(pod, "Ready");
  return ready?.status === "False" ? parseTime(ready.lastTransitionTime) : undefined;
}

function deletedAtMs({ metadata }: Pod): number | undefined {
  const atMs = parseTime(metadata.deletionTimestamp);
  return atMs === undefined ? undefined : atMs - (metadata.deletionGracePeriodSeconds ?? 0) * 1000;
}
