import { findCondition } from "../../api/conditions.ts";
import type { Node, Pod } from "../../api/types/core-v1.ts";
import { isPodTerminal } from "../../resources/pod-status.ts";
import { wellKnownTaints } from "../../resources/taints.ts";

/**
 * Ended pods that are too many: those that were evicted first, then the oldest.
 * @param threshold how many may stay
 */
export function planEndedPods(pods: readonly Pod[], threshold: number): readonly Pod[] {
  const ended = pods.filter(isPodTerminal);
  const excess = ended.length - threshold;
  return excess <= 0 ? [] : ended.sort(compareEnded).slice(0, excess);
}

/** Whether nobody will ever finish the deletion of a pod: it has no node, or one that has been given up. */
export function isStuck({ metadata, spec }: Pod, node: Node | undefined): boolean {
  if (metadata.deletionTimestamp === undefined) return false;
  if (spec.nodeName === undefined || spec.nodeName === "") return true;
  return node !== undefined && isOutOfService(node);
}

/** Whether a node is down and an operator has said that it will not come back with its pods. */
export function isOutOfService({ status, spec }: Node): boolean {
  const isReady = findCondition(status.conditions, "Ready")?.status === "True";
  return !isReady && (spec.taints ?? []).some(({ key }) => key === wellKnownTaints.outOfService);
}

function compareEnded(a: Pod, b: Pod): number {
  const byEviction = Number(isEvicted(b)) - Number(isEvicted(a));
  return (
    byEviction ||
    compareText(a.metadata.creationTimestamp ?? "", b.metadata.creationTimestamp ?? "") ||
    compareText(a.metadata.name, b.metadata.name)
  );
}

function isEvicted({ status: { phase, reason } }: Pod): boolean {
  return phase === "Failed" && reason === "Evicted";
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
