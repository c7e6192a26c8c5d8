import type { Pod } from "../../api/types/core-v1.ts";
import { parseTime } from "../../base/clock.ts";
import { podCondition } from "../pod-status.ts";

/**
 * How long until the next of these pods has been ready for `minReadySeconds`; undefined when none will be by waiting.
 */
export function nextAvailabilityMs(pods: readonly Pod[], minReadySeconds: number, nowMs: number): number | undefined {
  let nextMs: number | undefined;
  for (const pod of pods) {
    const ready = podCondition(pod, "Ready");
    const sinceMs = ready?.status === "True" ? parseTime(ready.lastTransitionTime) : undefined;
    if (sinceMs === undefined) continue;
    const remainingMs = sinceMs + minReadySeconds * 1000 - nowMs;
    if (remainingMs > 0 && (nextMs === undefined || remainingMs < nextMs)) nextMs = remainingMs;
  }
  return nextMs;
}
