import { type FieldError, FieldPath, fieldError } from "../../../api/field-error.ts";
import type { Job, JobStatus } from "../../../api/types/batch-v1.ts";
import { invalidWhole, requireNonNegative, sameValue } from "../../field-checks.ts";
import { toInternalForm } from "../../internal-form/internal-form.ts";
import { trueCondition } from "../job-conditions.ts";
import { readIndexes, sharedIndex } from "./index-list.ts";

const statusPath = FieldPath.of("status");
const conditionsPath = statusPath.child("conditions");

/** How a Job stands, as its conditions say. */
interface Standing {
  readonly isComplete: boolean;
  readonly isFailed: boolean;
  readonly isFailing: boolean;
  readonly isSucceeding: boolean;
  readonly isFinished: boolean;
}

/** A change: a rule speaks up only when what it is about has changed, so that an old fault blocks nothing else. */
interface Change {
  readonly job: Job;
  readonly status: JobStatus;
  readonly old: JobStatus;
  readonly now: Standing;
  readonly before: Standing;
}

/** What is wrong with what is told of a Job. */
export function validateJobStatusUpdate(job: Job, { status: old }: Job): FieldError[] {
  const { status } = job;
  const change: Change = { job, status, old, now: standingOf(status), before: standingOf(old) };
  const errors: FieldError[] = [];
  for (const count of ["active", "succeeded", "failed", "ready", "terminating"] as const)
    requireNonNegative(errors, statusPath.child(count), status[count]);
  checkUncounted(errors, status);
  checkEnd(errors, change);
  checkFinished(errors, change);
  checkIndexes(errors, change);
  checkPods(errors, change);
  checkSuccess(errors, change);
  checkHistory(errors, change);
  return errors;
}

function standingOf({ conditions }: JobStatus): Standing {
  const has = (type: string): boolean => trueCondition(conditions, type) !== undefined;
  const isComplete = has("Complete");
  const isFailed = has("Failed");
  return {
    isComplete,
    isFailed,
    isFailing: has("FailureTarget"),
    isSucceeding: has("SuccessCriteriaMet"),
    isFinished: isComplete || isFailed,
  };
}

function differs({ now, before }: Change, ...parts: readonly (keyof Standing)[]): boolean {
  return parts.some((part) => now[part] !== before[part]);
}

function changed({ status, old }: Change, ...fields: readonly (keyof JobStatus)[]): boolean {
  return fields.some((field) => (status[field] ?? undefined) !== (old[field] ?? undefined));
}

function checkUncounted(errors: FieldError[], { uncountedTerminatedPods: pods }: JobStatus): void {
  const known = new Set<string>();
  for (const list of ["succeeded", "failed"] as const)
    for (const [index, uid] of (pods?.[list] ?? []).entries()) {
      const path = statusPath.child("uncountedTerminatedPods").child(list).index(index);
      if (uid === "") errors.push(fieldError.invalid(path, uid, "must not be empty"));
      else if (known.has(uid)) errors.push(fieldError.duplicate(path, uid));
      known.add(uid);
    }
}

function checkEnd(errors: FieldError[], change: Change): void {
  const { now, status } = change;
  const path = statusPath.child("completionTime");
  const { startTime, completionTime } = status;
  const refuse = (detail: string): void => void errors.push(invalidWhole(conditionsPath, detail));
  if (differs(change, "isComplete", "isFailed") && now.isComplete && now.isFailed)
    refuse("cannot set Complete=True and Failed=true conditions");
  if (differs(change, "isComplete", "isFailing") && now.isComplete && now.isFailing)
    refuse("cannot set Complete=True and FailureTarget=true conditions");
  if (differs(change, "isComplete") || changed(change, "completionTime")) {
    if (isTime(completionTime) && !now.isComplete)
      errors.push(
        fieldError.invalid(path, completionTime, "cannot set completionTime when there is no Complete=True condition"),
      );
    if (!isTime(completionTime) && now.isComplete)
      errors.push(fieldError.required(path, "completionTime is required for Complete jobs"));
  }
  if (changed(change, "startTime", "completionTime") && isTime(startTime) && isTime(completionTime))
    if (Date.parse(completionTime) < Date.parse(startTime))
      errors.push(fieldError.invalid(path, completionTime, "must be equal to or after `startTime`"));
  if ((differs(change, "isFailed") || changed(change, "failedIndexes")) && now.isFailed && !now.isFailing)
    refuse("cannot set Failed=True condition without the FailureTarget=true condition");
  if (differs(change, "isComplete", "isSucceeding") && now.isComplete && !now.isSucceeding)
    refuse("cannot set Complete=True condition without the SuccessCriteriaMet=true condition");
}

function checkFinished(errors: FieldError[], change: Change): void {
  const { now, status, old, job } = change;
  if (!now.isFinished) return;
  const hasEnded = differs(change, "isFinished");
  const { active = 0, startTime, uncountedTerminatedPods: pods } = status;
  if ((hasEnded || changed(change, "active")) && active > 0)
    errors.push(fieldError.invalid(statusPath.child("active"), active, "active>0 is invalid for finished job"));
  const neverRuns = job.spec.suspend === true && job.spec.completions === 0;
  if ((hasEnded || changed(change, "startTime")) && !neverRuns && !isTime(startTime))
    errors.push(fieldError.required(statusPath.child("startTime"), "startTime is required for finished job"));
  const uncounted = (pods?.failed?.length ?? 0) + (pods?.succeeded?.length ?? 0);
  if ((hasEnded || !sameValue(pods, old.uncountedTerminatedPods)) && uncounted > 0)
    errors.push(
      fieldError.invalid(
        statusPath.child("uncountedTerminatedPods"),
        toInternalForm("UncountedTerminatedPods", pods ?? {}),
        "must be empty for finished job",
      ),
    );
}

function checkIndexes(errors: FieldError[], change: Change): void {
  const { status, job } = change;
  const { completions, backoffLimitPerIndex, completionMode } = job.spec;
  const { completedIndexes: completed = "", failedIndexes: failed } = status;
  const completedPath = statusPath.child("completedIndexes");
  const failedPath = statusPath.child("failedIndexes");
  const isCompletedChanged = completed !== (change.old.completedIndexes ?? "");
  const isFailedChanged = changed(change, "failedIndexes");
  if (isCompletedChanged && completions !== undefined)
    checkIndexList(errors, completedPath, completed, completions, "completedIndexes");
  if (isFailedChanged && completions !== undefined && backoffLimitPerIndex !== undefined && failed !== undefined)
    checkIndexList(errors, failedPath, failed, completions, "failedIndexes");
  if (isCompletedChanged && completed !== "" && completionMode !== "Indexed")
    errors.push(
      fieldError.invalid(
        completedPath,
        completed,
        "cannot set non-empty completedIndexes when non-indexed completion mode",
      ),
    );
  if (failed === undefined) return;
  if (isFailedChanged && backoffLimitPerIndex === undefined)
    errors.push(
      fieldError.invalid(failedPath, failed, "cannot set non-null failedIndexes when backoffLimitPerIndex is null"),
    );
  if (!(isFailedChanged || isCompletedChanged) || completions === undefined) return;
  const shared = completed === "" || failed === "" ? undefined : sharedIndex(completed, failed, completions);
  if (shared !== undefined)
    errors.push(
      fieldError.invalid(failedPath, failed, `failedIndexes and completedIndexes overlap at index: ${shared}`),
    );
}

function checkIndexList(errors: FieldError[], path: FieldPath, text: string, completions: number, name: string): void {
  const list = readIndexes(text, completions);
  if (typeof list === "string") errors.push(fieldError.invalid(path, text, `error parsing ${name}: ${list}`));
}

function checkPods(errors: FieldError[], change: Change): void {
  const { active = 0, ready, terminating = 0 } = change.status;
  if ((differs(change, "isFinished") || changed(change, "terminating")) && terminating > 0 && change.now.isFinished)
    errors.push(
      fieldError.invalid(statusPath.child("terminating"), terminating, "terminating>0 is invalid for finished job"),
    );
  if (changed(change, "ready", "active") && ready !== undefined && ready > active)
    errors.push(fieldError.invalid(statusPath.child("ready"), ready, "cannot set more ready pods than active"));
}

function checkSuccess(errors: FieldError[], { now, job }: Change): void {
  const refuse = (detail: string): void => void errors.push(invalidWhole(conditionsPath, detail));
  if (now.isSucceeding && now.isFailed) refuse("cannot set SuccessCriteriaMet=True and Failed=true conditions");
  if (now.isSucceeding && now.isFailing) refuse("cannot set SuccessCriteriaMet=True and FailureTarget=true conditions");
  if (job.spec.successPolicy !== undefined && !now.isSucceeding && now.isComplete)
    refuse("cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True");
}

/** What is once so stays so. */
function checkHistory(errors: FieldError[], change: Change): void {
  const { job, status, old, now, before } = change;
  const refuse = (detail: string): void => void errors.push(invalidWhole(conditionsPath, detail));
  for (const [part, type] of [
    ["isFailed", "Failed"],
    ["isComplete", "Complete"],
    ["isFailing", "FailureTarget"],
  ] as const)
    if (before[part] && !now[part]) refuse(`cannot disable the terminal ${type}=True condition`);
  const { failed = 0, succeeded = 0, completionTime, startTime } = status;
  if (failed < (old.failed ?? 0))
    errors.push(fieldError.invalid(statusPath.child("failed"), failed, "cannot decrease the failed counter"));
  const { completionMode, completions, parallelism } = job.spec;
  const mayShrink = completionMode === "Indexed" && completions === parallelism;
  if (!mayShrink && succeeded < (old.succeeded ?? 0))
    errors.push(fieldError.invalid(statusPath.child("succeeded"), succeeded, "cannot decrease the succeeded counter"));
  if (isTime(completionTime) && isTime(old.completionTime) && completionTime !== old.completionTime)
    errors.push(fieldError.invalid(statusPath.child("completionTime"), completionTime, "field is immutable"));
  const isResuming = trueCondition(old.conditions, "Suspended") !== undefined && isResumed(status);
  if (!isResuming && isTime(old.startTime) && startTime !== old.startTime && job.spec.suspend !== true)
    errors.push(
      fieldError.invalid(statusPath.child("startTime"), startTime, "field is immutable for unsuspended job once set"),
    );
  if (before.isSucceeding && !now.isSucceeding) refuse("cannot disable the SuccessCriteriaMet=True condition");
  if (before.isComplete && !before.isSucceeding && now.isSucceeding)
    refuse("cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions");
}

function isResumed({ conditions }: JobStatus): boolean {
  return conditions?.some(({ type, status }) => type === "Suspended" && status === "False") ?? false;
}

function isTime(time: string | null | undefined): time is string {
  return time !== undefined && time !== null;
}
