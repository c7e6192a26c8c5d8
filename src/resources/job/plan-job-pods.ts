import type { Input } from "../../api/draft.ts";
import type { Job } from "../../api/types/batch-v1.ts";
import type { Container, Pod } from "../../api/types/core-v1.ts";
import { renderPod } from "../../controllerkit/pod-control.ts";
import { compareProgress } from "../pod/deletion-order.ts";
import { isPodTerminating } from "../pod-status.ts";
import { firstMissing, mergeIndexes, withIndexes } from "./job-indexes.ts";
import {
  completionIndexOf,
  finishedAtMs,
  indexFailures,
  isIndexed,
  isSuspended,
  jobAnnotations,
  replacesOnlyFailed,
  trackingFinalizer,
} from "./job-pods.ts";
import { backoffRemainingMs } from "./plan-backoff.ts";
import { judgeFailure } from "./plan-failure-policy.ts";
import type { JobAssessment } from "./plan-job.ts";

/** Most pods created or deleted in one pass. Source: upstream. */
export const maxPodsPerPass = 500;

/** What a pass does to a Job's pods: one thing only. */
export type JobAction =
  /** The Job ends: what still runs is deleted, and counted when it is. */
  | { readonly kind: "end"; readonly pods: readonly Pod[] }
  /** Pods that are not wanted any more are deleted and not counted. */
  | { readonly kind: "remove"; readonly pods: readonly Pod[] }
  /** Indexes are undefined for Jobs without. */
  | { readonly kind: "create"; readonly indexes: readonly (number | undefined)[] }
  | { readonly kind: "wait"; readonly forMs: number }
  | { readonly kind: "none"; readonly managed: boolean };

/** Decides what is to be done to the pods. */
export function planJobAction(assessment: JobAssessment): JobAction {
  const { job, activePods, verdict } = assessment;
  if (verdict !== undefined) return { kind: "end", pods: activePods };
  if (job.metadata.deletionTimestamp !== undefined) return { kind: "none", managed: false };
  if (isSuspended(job)) return remove(podsToRemove(job, activePods, activePods.length));
  const wanted = wantedPods(assessment);
  const surplus = podsToRemove(job, activePods, Math.max(0, activePods.length - wanted));
  if (surplus.length > 0) return remove(surplus.slice(0, maxPodsPerPass));
  const terminating = replacesOnlyFailed(job) ? assessment.terminating : 0;
  const missing = wanted - terminating - activePods.length;
  return missing > 0 ? planCreation(assessment, Math.min(missing, maxPodsPerPass)) : nothing;
}

const nothing: JobAction = { kind: "none", managed: true };

function remove(pods: readonly Pod[]): JobAction {
  return pods.length === 0 ? nothing : { kind: "remove", pods };
}

function wantedPods({ job, activePods, succeeded }: JobAssessment): number {
  const { parallelism = 1, completions } = job.spec;
  // Without a number of completions the first success is the last pod started.
  if (completions === undefined) return succeeded > 0 ? activePods.length : parallelism;
  return Math.max(0, Math.min(completions - succeeded, parallelism));
}

function planCreation(assessment: JobAssessment, missing: number): JobAction {
  const { job, newBackoff, nowMs } = assessment;
  const isPerIndex = job.spec.backoffLimitPerIndex !== undefined;
  const waitMs = isPerIndex ? 0 : backoffRemainingMs(newBackoff, nowMs);
  if (waitMs > 0) return { kind: "wait", forMs: waitMs };
  if (!isIndexed(job)) return { kind: "create", indexes: Array.from({ length: missing }, () => undefined) };
  const pending = pendingIndexes(assessment, missing);
  if (!isPerIndex) return pending.length === 0 ? nothing : { kind: "create", indexes: pending };
  const waits = new Map(pending.map((index) => [index, indexWaitMs(assessment.lastFailed.get(index), nowMs)]));
  const due = pending.filter((index) => waits.get(index) === 0);
  if (due.length > 0) return { kind: "create", indexes: due };
  return waits.size === 0 ? nothing : { kind: "wait", forMs: Math.min(...waits.values()) };
}

/** The lowest indexes that have neither a pod nor an end. */
function pendingIndexes(assessment: JobAssessment, count: number): readonly number[] {
  const { job, pods, activePods, succeededIndexes, failedIndexes = [] } = assessment;
  const leaving = replacesOnlyFailed(job) ? pods.filter(isPodTerminating) : [];
  const taken = [...activePods, ...leaving].map(completionIndexOf).filter((index) => index !== undefined);
  const settled = mergeIndexes(withIndexes(succeededIndexes, taken), failedIndexes);
  return firstMissing(settled, count, job.spec.completions ?? 0);
}

function indexWaitMs(lastFailed: Pod | undefined, nowMs: number): number {
  if (lastFailed === undefined) return 0;
  const { counted, ignored } = indexFailures(lastFailed);
  return backoffRemainingMs({ failures: counted + ignored + 1, lastFailureMs: finishedAtMs(lastFailed) }, nowMs);
}

/** At least `count` pods that go: those without a valid index, those that share one, then by the order of deletion. */
function podsToRemove(job: Job, activePods: readonly Pod[], count: number): readonly Pod[] {
  if (!isIndexed(job)) return count === 0 ? [] : activePods.toSorted(compareProgress).slice(0, count);
  const byIndex = Map.groupBy(activePods, (pod) => completionIndexOf(pod) ?? -1);
  const gone: Pod[] = [];
  const left: Pod[] = [];
  for (const [index, pods] of [...byIndex].sort(([a], [b]) => a - b)) {
    const isValid = index >= 0 && index < (job.spec.completions ?? 0);
    const ordered = isValid && pods.length > 1 ? pods.toSorted(compareProgress) : pods;
    gone.push(...(isValid ? ordered.slice(0, -1) : ordered));
    if (isValid) left.push(...ordered.slice(-1));
  }
  return gone.length >= count ? gone : [...gone, ...left.toSorted(compareProgress).slice(0, count - gone.length)];
}

/** The pod that a Job makes, with what tells pods of an indexed Job apart. */
export function renderJobPod(assessment: JobAssessment, index: number | undefined): Input<Pod> {
  const { job } = assessment;
  const { template } = job.spec;
  const present = template.metadata.finalizers ?? [];
  const finalizers = present.includes(trackingFinalizer) ? present : [...present, trackingFinalizer];
  if (index === undefined) return renderPod({ ...template, metadata: { ...template.metadata, finalizers } }, job);
  const indexMark = { [jobAnnotations.completionIndex]: String(index) };
  const metadata = {
    ...template.metadata,
    finalizers,
    labels: { ...template.metadata.labels, ...indexMark },
    annotations: { ...template.metadata.annotations, ...indexMark, ...failureAnnotations(assessment, index) },
  };
  const { containers, initContainers } = template.spec;
  const spec = {
    ...template.spec,
    hostname: `${job.metadata.name}-${index}`,
    containers: (containers ?? []).map(withIndexVariable),
    ...(initContainers === undefined ? {} : { initContainers: initContainers.map(withIndexVariable) }),
  };
  const pod = renderPod({ metadata, spec }, job);
  return { ...pod, metadata: { ...pod.metadata, generateName: indexedNamePrefix(job.metadata.name, index) } };
}

/** How often the index has failed so far, handed on from pod to pod. */
function failureAnnotations({ job, lastFailed }: JobAssessment, index: number): Record<string, string> {
  if (job.spec.backoffLimitPerIndex === undefined) return {};
  const before = lastFailed.get(index);
  if (before === undefined) return { [jobAnnotations.failureCount]: "0" };
  const counts = judgeFailure(job.spec.podFailurePolicy, before).counts;
  const { counted, ignored } = indexFailures(before);
  const newIgnored = ignored + (counts ? 0 : 1);
  return {
    [jobAnnotations.failureCount]: String(counted + (counts ? 1 : 0)),
    ...(newIgnored === 0 ? {} : { [jobAnnotations.ignoredFailureCount]: String(newIgnored) }),
  };
}

const indexVariable = "JOB_COMPLETION_INDEX";

function withIndexVariable(container: Container): Container {
  const { env = [] } = container;
  if (env.some(({ name }) => name === indexVariable)) return container;
  const fieldPath = `metadata.labels['${jobAnnotations.completionIndex}']`;
  return { ...container, env: [...env, { name: indexVariable, valueFrom: { fieldRef: { fieldPath } } }] };
}

/** Longest prefix of a generated name. Source: the API's generateName. */
const maxPrefixLength = 58;

function indexedNamePrefix(jobName: string, index: number): string {
  const suffix = `-${index}-`;
  return jobName.slice(0, maxPrefixLength - suffix.length) + suffix;
}
