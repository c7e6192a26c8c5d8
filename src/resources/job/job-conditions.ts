import type { Job, JobCondition } from "../../api/types/batch-v1.ts";
import { formatTime } from "../../base/clock.ts";

/** Types of conditions that decide a Job's end: the first two announce, the others state it. */
export type FinishingType = "SuccessCriteriaMet" | "FailureTarget" | "Complete" | "Failed";

export function jobCondition(
  type: string,
  status: string,
  reason: string,
  message: string,
  nowMs: number,
): JobCondition {
  const time = formatTime(nowMs);
  return { type, status, lastProbeTime: time, lastTransitionTime: time, reason, message };
}

/** The condition of a type when it is true. */
export function trueCondition(conditions: readonly JobCondition[] | undefined, type: string): JobCondition | undefined {
  return conditions?.find((condition) => condition.type === type && condition.status === "True");
}

/** Whether a Job has ended, well or not. */
export function isFinished({ status }: Job): boolean {
  return (
    trueCondition(status.conditions, "Complete") !== undefined ||
    trueCondition(status.conditions, "Failed") !== undefined
  );
}

/** When a Job ended, in API time; undefined while it has not. */
export function finishedAt({ status }: Job): string | undefined {
  const condition = trueCondition(status.conditions, "Complete") ?? trueCondition(status.conditions, "Failed");
  return condition?.lastTransitionTime ?? undefined;
}

/**
 * The conditions with one set; the very list when it says so already. One that would only say that something is not so
 * is not added.
 */
export function withJobCondition(
  conditions: readonly JobCondition[],
  condition: JobCondition,
): readonly JobCondition[] {
  const present = conditions.find(({ type }) => type === condition.type);
  if (present === undefined) return condition.status === "False" ? conditions : [...conditions, condition];
  const isSame =
    present.status === condition.status && present.reason === condition.reason && present.message === condition.message;
  return isSame ? conditions : conditions.map((entry) => (entry === present ? condition : entry));
}
