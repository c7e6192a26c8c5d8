import type { Job, JobCondition, JobStatus } from "../../api/types/batch-v1.ts";
import type { Pod } from "../../api/types/core-v1.ts";
import { formatTime } from "../../base/clock.ts";
import { jobCondition, trueCondition, withJobCondition } from "./job-conditions.ts";
import { countIndexes, formatIndexes, hasIndex, withIndexes } from "./job-indexes.ts";
import { completionIndexOf, isFailed, isIndexed, isSuspended, isTracked, validIndexOf } from "./job-pods.ts";
import { judgeFailure } from "./plan-failure-policy.ts";
import { ending, type JobAssessment } from "./plan-job.ts";
import type { JobAction } from "./plan-job-pods.ts";

/** Most pods listed as ended in the status at a time, to bound its size. Source: upstream. */
const maxUncounted = 500;

/** What became of an action. */
export interface ActionOutcome {
  readonly created: number;
  readonly removed: number;
  /** Of those removed, how many were ready. */
  readonly removedReady: number;
}

/** The first half of a pass's account: what ended is listed in the status before its finalizers go. */
export interface JobAccount {
  readonly status: JobStatus;
  /** Whether the status has to be written before finalizers are taken off. */
  readonly mustWrite: boolean;
  readonly release: readonly Pod[];
  /** How the Job ends as soon as everything is counted. */
  readonly verdict: JobCondition | undefined;
  /** Some pods had to be left for the next pass. */
  readonly isPartial: boolean;
  readonly terminating: number;
  readonly events: readonly JobEvent[];
}

export interface JobEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** The second half: what has been released is counted, and the end is stated when nothing is left to count. */
export interface JobClosing {
  readonly status: JobStatus;
  readonly mustWrite: boolean;
  readonly isFinished: boolean;
  readonly events: readonly JobEvent[];
}

/** Accounts for a pass after its action. */
export function accountFor(assessment: JobAssessment, action: JobAction, outcome: ActionOutcome): JobAccount {
  const { job, nowMs } = assessment;
  const active = assessment.activePods.length + outcome.created - outcome.removed;
  const ready = assessment.ready - outcome.removedReady;
  const terminating = assessment.terminating + outcome.removed;
  // An end cannot be stated while pods are left that could not be deleted.
  const isCleared = outcome.removed === assessment.activePods.length;
  const decided = assessment.verdict === undefined ? undefined : isCleared ? assessment.verdict : undefined;
  const verdict = decided ?? (assessment.verdict === undefined ? completion(assessment, active) : undefined);
  const isManaged = action.kind !== "end" && !(action.kind === "none" && !action.managed);
  const suspension = verdict === undefined && isManaged ? noteSuspension(job, nowMs) : unchanged(job);

  const { startTime } = suspension;
  const started = assessment.startTimeMs === undefined ? undefined : formatTime(assessment.startTimeMs);
  const before: JobStatus = {
    ...job.status,
    conditions: suspension.conditions,
    startTime: startTime === "reset" ? undefined : (startTime ?? job.status.startTime ?? started),
    active,
    ready,
    terminating,
  } as JobStatus;
  const hasNews =
    suspension.hasChanged ||
    active !== (job.status.active ?? 0) ||
    ready !== job.status.ready ||
    terminating !== job.status.terminating;
  const listing = listEnded(assessment, before, verdict);
  const announced = announce(listing.status, verdict, nowMs);
  return {
    status: announced.status,
    mustWrite: hasNews || listing.hasNews || announced.hasNews,
    release: listing.release,
    verdict: announced.verdict,
    isPartial: listing.isPartial,
    terminating,
    events: suspension.events,
  };
}

/** Closes the account once finalizers are off. @param held uids of pods that still have their finalizer */
export function closeAccount(
  job: Job,
  account: JobAccount,
  held: ReadonlySet<string>,
  hasFailed: boolean,
  nowMs: number,
): JobClosing {
  const counted = countReleased(account.status, held);
  const open = { status: counted.status, mustWrite: counted.hasNews, isFinished: false, events: [] };
  const { verdict } = account;
  if (verdict === undefined || account.isPartial || hasFailed || account.terminating > 0) return open;
  const { succeeded = [], failed = [] } = counted.status.uncountedTerminatedPods ?? {};
  if (succeeded.length + failed.length > 0) return open;
  const final = ending(verdict.type as "Complete" | "Failed", verdict.reason ?? "", verdict.message ?? "", nowMs);
  const conditions = withJobCondition(counted.status.conditions ?? [], final);
  const completionTime = final.type === "Complete" ? { completionTime: formatTime(nowMs) } : {};
  const status = { ...counted.status, conditions, ...completionTime };
  return { status, mustWrite: true, isFinished: true, events: finishingEvents(job, status, final) };
}

/** Pods of the status's lists whose finalizer is off move into its counts. */
function countReleased(status: JobStatus, held: ReadonlySet<string>): { status: JobStatus; hasNews: boolean } {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const stillSucceeded = succeeded.filter((uid) => held.has(uid));
  const stillFailed = failed.filter((uid) => held.has(uid));
  const newlySucceeded = succeeded.length - stillSucceeded.length;
  const newlyFailed = failed.length - stillFailed.length;
  if (newlySucceeded + newlyFailed === 0) return { status, hasNews: false };
  return {
    status: {
      ...status,
      succeeded: (status.succeeded ?? 0) + newlySucceeded,
      failed: (status.failed ?? 0) + newlyFailed,
      uncountedTerminatedPods: {
        ...(stillSucceeded.length === 0 ? {} : { succeeded: stillSucceeded }),
        ...(stillFailed.length === 0 ? {} : { failed: stillFailed }),
      },
    },
    hasNews: true,
  };
}

/** As many successes as asked for, or any at all where no number was given, and nothing running any more. */
function completion({ job, succeeded, nowMs }: JobAssessment, active: number): JobCondition | undefined {
  const { completions } = job.spec;
  const isReached = completions === undefined ? succeeded > 0 : succeeded >= completions;
  if (!isReached || active > 0) return undefined;
  return ending("SuccessCriteriaMet", "CompletionsReached", "Reached expected number of succeeded pods", nowMs);
}

interface Suspension {
  readonly conditions: readonly JobCondition[];
  readonly hasChanged: boolean;
  /** A resumed Job starts anew, one that is suspended has not started. */
  readonly startTime: string | "reset" | undefined;
  readonly events: readonly JobEvent[];
}

function unchanged({ status }: Job): Suspension {
  return { conditions: status.conditions ?? [], hasChanged: false, startTime: undefined, events: [] };
}

function noteSuspension(job: Job, nowMs: number): Suspension {
  const before = job.status.conditions ?? [];
  const [status, reason, message] = isSuspended(job)
    ? (["True", "JobSuspended", "Job suspended"] as const)
    : (["False", "JobResumed", "Job resumed"] as const);
  const conditions = withJobCondition(before, jobCondition("Suspended", status, reason, message, nowMs));
  if (conditions === before) return unchanged(job);
  return {
    conditions,
    hasChanged: true,
    startTime: isSuspended(job) ? "reset" : formatTime(nowMs),
    events: [{ type: "Normal", reason: isSuspended(job) ? "Suspended" : "Resumed", message }],
  };
}

interface Listing {
  readonly status: JobStatus;
  readonly hasNews: boolean;
  readonly release: readonly Pod[];
  readonly isPartial: boolean;
}

/** Lists pods that have ended; those may lose their finalizer. Succeeded indexes need no list: they are told apart as they are. */
function listEnded(assessment: JobAssessment, before: JobStatus, verdict: JobCondition | undefined): Listing {
  const { job, knownSucceeded } = assessment;
  const pods = isIndexed(job) ? assessment.pods.toSorted(byIndex) : assessment.pods;
  const counted = countReleased(before, new Set(pods.filter(isTracked).map((pod) => pod.metadata.uid)));
  const listed = counted.status.uncountedTerminatedPods ?? {};
  const succeeded = [...(listed.succeeded ?? [])];
  const failed = [...(listed.failed ?? [])];
  const newIndexes: number[] = [];
  const release: Pod[] = [];
  let hasNews = counted.hasNews;
  let isPartial = false;
  for (const pod of pods) {
    const { uid } = pod.metadata;
    const hasFailed = isFailed(pod, job);
    if (!isTracked(pod) || !mayRelease(assessment, pod, hasFailed, verdict)) continue;
    release.push(pod);
    const index = validIndexOf(pod, job);
    if (pod.status.phase === "Succeeded" && !failed.includes(uid)) {
      if (isIndexed(job)) {
        if (index !== undefined && !hasIndex(knownSucceeded, index)) newIndexes.push(index);
      } else if (!succeeded.includes(uid)) succeeded.push(uid);
    } else if ((hasFailed || isFailing(verdict)) && !failed.includes(uid) && (!isIndexed(job) || index !== undefined)) {
      if (judgeFailure(job.spec.podFailurePolicy, pod).counts) failed.push(uid);
    }
    if (newIndexes.length + succeeded.length + failed.length >= maxUncounted) {
      isPartial = true;
      break;
    }
  }
  hasNews ||=
    newIndexes.length > 0 ||
    succeeded.length !== (listed.succeeded?.length ?? 0) ||
    failed.length !== (listed.failed?.length ?? 0);
  const uncountedTerminatedPods = {
    ...(succeeded.length === 0 ? {} : { succeeded }),
    ...(failed.length === 0 ? {} : { failed }),
  };
  const indexes = isIndexed(job) ? indexStatus(assessment, newIndexes) : {};
  hasNews ||=
    (indexes.completedIndexes ?? "") !== (job.status.completedIndexes ?? "") ||
    indexes.failedIndexes !== job.status.failedIndexes;
  return { status: { ...counted.status, ...indexes, uncountedTerminatedPods }, hasNews, release, isPartial };
}

function indexStatus(
  { succeededIndexes, failedIndexes }: JobAssessment,
  newIndexes: readonly number[],
): Pick<JobStatus, "succeeded" | "completedIndexes" | "failedIndexes"> {
  const all = withIndexes(succeededIndexes, newIndexes);
  return {
    succeeded: countIndexes(all),
    completedIndexes: formatIndexes(all),
    ...(failedIndexes === undefined ? {} : { failedIndexes: formatIndexes(failedIndexes) }),
  };
}

/** Whether nothing more is to be learned from a pod. */
function mayRelease(
  { job, lastFailed }: JobAssessment,
  pod: Pod,
  hasFailed: boolean,
  verdict: JobCondition | undefined,
): boolean {
  if (job.metadata.deletionTimestamp !== undefined || verdict !== undefined || pod.status.phase === "Succeeded")
    return true;
  if (!hasFailed) return false;
  const index = completionIndexOf(pod);
  return index === undefined || lastFailed.get(index)?.metadata.uid !== pod.metadata.uid;
}

function isFailing(verdict: JobCondition | undefined): boolean {
  return verdict !== undefined && verdict.type !== "SuccessCriteriaMet";
}

function byIndex(a: Pod, b: Pod): number {
  return (completionIndexOf(a) ?? -1) - (completionIndexOf(b) ?? -1);
}

/** The end is announced before it is stated, so that others may know it while the last pods go. */
function announce(
  status: JobStatus,
  verdict: JobCondition | undefined,
  nowMs: number,
): { readonly status: JobStatus; readonly hasNews: boolean; readonly verdict: JobCondition | undefined } {
  if (verdict === undefined || verdict.type === "Failed") return { status, hasNews: false, verdict };
  const final = verdict.type === "FailureTarget" ? "Failed" : "Complete";
  const stated = ending(final, verdict.reason ?? "", verdict.message ?? "", nowMs);
  if (trueCondition(status.conditions, verdict.type) !== undefined) return { status, hasNews: false, verdict: stated };
  const conditions = [...(status.conditions ?? []), verdict];
  return { status: { ...status, conditions }, hasNews: true, verdict: stated };
}

function finishingEvents({ spec }: Job, status: JobStatus, final: JobCondition): readonly JobEvent[] {
  if (final.type === "Failed") return [{ type: "Warning", reason: final.reason ?? "", message: final.message ?? "" }];
  const hasTooMany = spec.completions !== undefined && (status.succeeded ?? 0) > spec.completions;
  const tooMany: JobEvent = {
    type: "Warning",
    reason: "TooManySucceededPods",
    message: "Too many succeeded pods running after completion count reached",
  };
  const completed: JobEvent = { type: "Normal", reason: "Completed", message: "Job completed" };
  return hasTooMany ? [tooMany, completed] : [completed];
}
