import type { Job } from "../../api/types/batch-v1.ts";
import { parseTime } from "../../base/clock.ts";
import { finishedAt } from "./job-conditions.ts";

/** How long an ended Job may still stay; undefined when nobody asks that it goes, 0 or less when it is time. */
export function expiresInMs(job: Job, nowMs: number): number | undefined {
  const { ttlSecondsAfterFinished } = job.spec;
  const finishedMs = parseTime(finishedAt(job));
  if (ttlSecondsAfterFinished === undefined || finishedMs === undefined) return undefined;
  if (job.metadata.deletionTimestamp !== undefined) return undefined;
  return finishedMs + ttlSecondsAfterFinished * 1000 - nowMs;
}
