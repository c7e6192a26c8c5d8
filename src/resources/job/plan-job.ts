import type { Job, JobCondition } from "../../api/types/batch-v1.ts";
import type { Pod } from "../../api/types/core-v1.ts";
import { parseTime } from "../../base/clock.ts";
import { isPodActive, isPodReady, isPodTerminating } from "../pod-status.ts";
import { type FinishingType, jobCondition, trueCondition } from "./job-conditions.ts";
import { countIndexes, hasIndex, type IndexSet, parseIndexes, withIndexes } from "./job-indexes.ts";
import {
  completionIndexOf,
  finishedAtMs,
  indexFailures,
  isFailed,
  isIndexed,
  isSuspended,
  isTracked,
  validIndexOf,
} from "./job-pods.ts";
import { type JobBackoff, updatedBackoff } from "./plan-backoff.ts";
import { judgeFailure } from "./plan-failure-policy.ts";
import { metSuccessRule } from "./plan-success-policy.ts";

/** What is known of a Job at the beginning of a pass. */
export interface JobState {
  readonly job: Job;
  /** Those that it manages. */
  readonly pods: readonly Pod[];
  /** What earlier passes noted of failures. */
  readonly backoff: JobBackoff;
  readonly nowMs: number;
}

/** A Job with everything counted, and what is to become of it. */
export interface JobAssessment extends JobState {
  readonly activePods: readonly Pod[];
  readonly ready: number;
  readonly terminating: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Indexes that the status had as succeeded, and those that have succeeded now. */
  readonly knownSucceeded: IndexSet;
  readonly succeededIndexes: IndexSet;
  /** Only for Jobs with a back-off limit per index. */
  readonly failedIndexes: IndexSet | undefined;
  /** The last failed pod of each index that is to be tried again: kept until its successor carries its count on. */
  readonly lastFailed: ReadonlyMap<number, Pod>;
  readonly newBackoff: JobBackoff;
  /** Set when the Job starts in this pass. */
  readonly startTimeMs: number | undefined;
  /** How the Job ends, when that is decided. */
  readonly verdict: JobCondition | undefined;
}

/** A Job's defaults, for Jobs that never went through them. */
export const defaultBackoffLimit = 6;

/** Counts a Job's pods and decides whether that is its end. */
export function assessJob(state: JobState): JobAssessment {
  const { job, pods, nowMs } = state;
  const { spec, status } = job;
  const uncounted = uncountedPods(job);
  const newlySucceeded = countable(state, uncounted.succeeded).filter((pod) => pod.status.phase === "Succeeded");
  const newlyFailed = countable(state, uncounted.failed).filter((pod) => isFailed(pod, job));
  const counted = newlyFailed.filter((pod) => judgeFailure(spec.podFailurePolicy, pod).counts);
  const knownSucceeded = parseIndexes(status.completedIndexes, spec.completions ?? 0);
  const succeededIndexes = isIndexed(job) ? withIndexes(knownSucceeded, succeededNow(state)) : [];
  const failedIndexes = spec.backoffLimitPerIndex === undefined ? undefined : failedIndexesOf(state);
  const activePods = pods.filter(isPodActive);
  const plain = {
    ...state,
    activePods,
    ready: activePods.filter(isPodReady).length,
    terminating: pods.filter(isPodTerminating).length,
    succeeded: isIndexed(job)
      ? countIndexes(succeededIndexes)
      : (status.succeeded ?? 0) + newlySucceeded.length + uncounted.succeeded.size,
    failed: (status.failed ?? 0) + counted.length + uncounted.failed.size,
    knownSucceeded,
    succeededIndexes,
    failedIndexes,
    newBackoff: updatedBackoff(state.backoff, newlySucceeded, newlyFailed),
    startTimeMs: status.startTime === undefined && !isSuspended(job) ? nowMs : undefined,
  };
  return { ...plain, lastFailed: lastFailedPods(plain), verdict: judge(plain) };
}

/** Pods that the status lists as ended, until their finalizer is gone. */
export function uncountedPods({ status }: Job): {
  readonly succeeded: ReadonlySet<string>;
  readonly failed: ReadonlySet<string>;
} {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  return { succeeded: new Set(succeeded), failed: new Set(failed) };
}

/** How long until the Job passes its deadline; undefined when it has none or is not running. */
export function deadlineInMs({ job, startTimeMs, nowMs }: JobAssessment): number | undefined {
  const { activeDeadlineSeconds } = job.spec;
  if (activeDeadlineSeconds === undefined || isSuspended(job)) return undefined;
  const startedMs = parseTime(job.status.startTime) ?? startTimeMs ?? nowMs;
  return startedMs + activeDeadlineSeconds * 1000 - nowMs;
}

type Counts = Omit<JobAssessment, "verdict" | "lastFailed">;

/** Failure that was announced stays failure, success that was announced stays success; then limits, then success. */
function judge(counts: Counts): JobCondition | undefined {
  const { job, nowMs } = counts;
  const announced = trueCondition(job.status.conditions, "SuccessCriteriaMet");
  if (announced !== undefined) return announced;
  const failing = trueCondition(job.status.conditions, "FailureTarget");
  if (failing !== undefined) return ending("Failed", failing.reason ?? "", failing.message ?? "", nowMs);
  return judgeFailurePolicy(counts) ?? judgeLimits(counts) ?? judgeIndexes(counts) ?? judgeSuccessPolicy(counts);
}

function judgeFailurePolicy({ job, pods, nowMs }: Counts): JobCondition | undefined {
  const { podFailurePolicy } = job.spec;
  if (podFailurePolicy === undefined) return undefined;
  for (const pod of pods) {
    const message = isFailed(pod, job) ? judgeFailure(podFailurePolicy, pod).message : undefined;
    if (message !== undefined) return ending("FailureTarget", "PodFailurePolicy", message, nowMs);
  }
  return undefined;
}

function judgeLimits({ job, pods, failed, startTimeMs, nowMs }: Counts): JobCondition | undefined {
  const { spec, status } = job;
  const backoffLimit = spec.backoffLimit ?? defaultBackoffLimit;
  if (failed > backoffLimit || hasTooManyRestarts(job, pods, backoffLimit))
    return ending("FailureTarget", "BackoffLimitExceeded", "Job has reached the specified backoff limit", nowMs);
  const startedMs = parseTime(status.startTime) ?? startTimeMs;
  const deadlineMs = (spec.activeDeadlineSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  if (startedMs === undefined || isSuspended(job) || nowMs - startedMs < deadlineMs) return undefined;
  return ending("FailureTarget", "DeadlineExceeded", "Job was active longer than specified deadline", nowMs);
}

/** Where containers are restarted in place, their restarts count as failures. */
function hasTooManyRestarts({ spec }: Job, pods: readonly Pod[], backoffLimit: number): boolean {
  if (spec.template.spec.restartPolicy !== "OnFailure") return false;
  let restarts = 0;
  for (const { status } of pods) {
    if (status.phase !== "Running" && status.phase !== "Pending") continue;
    for (const container of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])])
      restarts += container.restartCount;
  }
  return backoffLimit === 0 ? restarts > 0 : restarts >= backoffLimit;
}

function judgeIndexes({ job, failedIndexes, succeededIndexes, nowMs }: Counts): JobCondition | undefined {
  if (failedIndexes === undefined || !isIndexed(job)) return undefined;
  const { maxFailedIndexes, completions = 0 } = job.spec;
  const failed = countIndexes(failedIndexes);
  if (maxFailedIndexes !== undefined && failed > maxFailedIndexes) {
    const message = "Job has exceeded the specified maximal number of failed indexes";
    return ending("FailureTarget", "MaxFailedIndexesExceeded", message, nowMs);
  }
  const isOver = failed > 0 && failed + countIndexes(succeededIndexes) >= completions;
  return isOver ? ending("FailureTarget", "FailedIndexes", "Job has failed indexes", nowMs) : undefined;
}

function judgeSuccessPolicy({ job, succeededIndexes, nowMs }: Counts): JobCondition | undefined {
  const message = isIndexed(job) ? metSuccessRule(job, succeededIndexes) : undefined;
  return message === undefined ? undefined : ending("SuccessCriteriaMet", "SuccessPolicy", message, nowMs);
}

/** Makes a condition that decides a Job's end. */
export function ending(type: FinishingType, reason: string, message: string, nowMs: number): JobCondition {
  return jobCondition(type, "True", reason, message, nowMs);
}

/** Pods that count, once: tracked, not listed as ended already, and with an index that the Job has. */
function countable({ job, pods }: JobState, listed: ReadonlySet<string>): readonly Pod[] {
  return pods.filter(
    (pod) =>
      isTracked(pod) && !listed.has(pod.metadata.uid) && (!isIndexed(job) || validIndexOf(pod, job) !== undefined),
  );
}

function succeededNow({ job, pods }: JobState): readonly number[] {
  return pods
    .filter((pod) => pod.status.phase === "Succeeded" && isTracked(pod))
    .map((pod) => validIndexOf(pod, job))
    .filter((index) => index !== undefined);
}

function failedIndexesOf({ job, pods }: JobState): IndexSet {
  const known = parseIndexes(job.status.failedIndexes, job.spec.completions ?? 0);
  const failed = pods
    .filter((pod) => isTracked(pod) && hasFailedItsIndex(pod, job))
    .map((pod) => validIndexOf(pod, job))
    .filter((index) => index !== undefined);
  return withIndexes(known, failed);
}

/** The pod was the last that its index may lose. */
function hasFailedItsIndex(pod: Pod, job: Job): boolean {
  if (!isFailed(pod, job)) return false;
  const { action, counts } = judgeFailure(job.spec.podFailurePolicy, pod);
  if (action === "FailIndex") return true;
  return counts && indexFailures(pod).counted >= (job.spec.backoffLimitPerIndex ?? 0);
}

function lastFailedPods(counts: Counts): ReadonlyMap<number, Pod> {
  const { job, activePods, succeededIndexes, failedIndexes } = counts;
  const last = new Map<number, Pod>();
  if (failedIndexes === undefined) return last;
  const settled = withIndexes(
    [...succeededIndexes, ...failedIndexes],
    activePods.map(completionIndexOf).filter((index) => index !== undefined),
  );
  for (const pod of countable(counts, new Set())) {
    const index = validIndexOf(pod, job);
    if (index === undefined || !isFailed(pod, job) || hasIndex(settled, index)) continue;
    const present = last.get(index);
    if (present === undefined || isLaterFailure(pod, present)) last.set(index, pod);
  }
  return last;
}

function isLaterFailure(pod: Pod, present: Pod): boolean {
  const failures = (of: Pod): number => indexFailures(of).counted + indexFailures(of).ignored;
  return failures(present) <= failures(pod) && finishedAtMs(pod) >= finishedAtMs(present);
}
