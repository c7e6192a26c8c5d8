import type { Pod } from "../../api/types/core-v1.ts";
import { podRequests } from "../../resources/pod-resources.ts";
import { bytesOf, milliOf } from "../containers/amounts.ts";
import { qosClassOf } from "../containers/container-resources.ts";

/** A resize that has not been granted. */
export interface PendingResize {
  /** As it wants to be. */
  readonly wanted: Pod;
  /** With what it has been granted. */
  readonly granted: Pod;
  /** Since when it waits, in milliseconds since the epoch. */
  readonly sinceMs: number;
}

/**
 * Orders resizes as they are tried: those that ask for no more first, then the more important pods, then guaranteed
 * ones, then those that have waited longest. Source: KEP-1287, "Priority of Resize Requests".
 */
export function comparePending(a: PendingResize, b: PendingResize): number {
  return (
    Number(asksForMore(a)) - Number(asksForMore(b)) ||
    (b.wanted.spec.priority ?? 0) - (a.wanted.spec.priority ?? 0) ||
    Number(isGuaranteed(b.wanted)) - Number(isGuaranteed(a.wanted)) ||
    a.sinceMs - b.sinceMs
  );
}

/** True when a pod wants more of cpu or memory than before. */
function asksForMore({ wanted, granted }: Pick<PendingResize, "wanted" | "granted">): boolean {
  const [before, after] = [podRequests(granted), podRequests(wanted)];
  return milliOf(after.cpu) > milliOf(before.cpu) || bytesOf(after.memory) > bytesOf(before.memory);
}

function isGuaranteed(pod: Pod): boolean {
  return qosClassOf(pod) === "Guaranteed";
}
