import type { Pod } from "../../api/types/core-v1.ts";
import { backoffDelayMs } from "../../base/backoff.ts";
import { finishedAtMs } from "./job-pods.ts";

/** How often in a row pods of a Job have failed, and when last. */
export interface JobBackoff {
  readonly failures: number;
  readonly lastFailureMs: number | undefined;
}

export const noFailures: JobBackoff = { failures: 0, lastFailureMs: undefined };

/** Delay before failed pods are replaced: 10 s, 20 s ... 10 min. Source: Kubernetes documentation, "Jobs". */
const podFailurePolicy = { initialMs: 10_000, maxMs: 600_000 };

/** The record after more pods have ended: failures since the last success. */
export function updatedBackoff(before: JobBackoff, succeeded: readonly Pod[], failed: readonly Pod[]): JobBackoff {
  const failedMs = failed.map(finishedAtMs).sort((a, b) => a - b);
  if (succeeded.length === 0) {
    if (failed.length === 0) return before;
    return { failures: before.failures + failed.length, lastFailureMs: failedMs[failedMs.length - 1] };
  }
  const lastSuccessMs = Math.max(...succeeded.map(finishedAtMs));
  const afterwards = failedMs.filter((endedMs) => endedMs > lastSuccessMs);
  return { failures: afterwards.length, lastFailureMs: afterwards[afterwards.length - 1] };
}

/** How long new pods still have to wait; 0 when they need not. */
export function backoffRemainingMs({ failures, lastFailureMs }: JobBackoff, nowMs: number): number {
  if (failures === 0 || lastFailureMs === undefined) return 0;
  return Math.max(0, lastFailureMs + backoffDelayMs(podFailurePolicy, failures - 1) - nowMs);
}
