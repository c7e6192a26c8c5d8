import type { Pod } from "../../api/types/core-v1.ts";
import { parseTime } from "../../base/clock.ts";
import { isPodReady, isSidecar, podCondition } from "../pod-status.ts";

/** Lets users say which pods of a ReplicaSet go first: lower numbers do. */
export const deletionCostAnnotation = "controller.kubernetes.io/pod-deletion-cost";

/** A pod and the number of related active pods on its node. */
export interface RankedPod {
  readonly pod: Pod;
  readonly rank: number;
}

/**
 * The pods in the order in which they would rather be deleted: first those not assigned, then by phase, readiness,
 * deletion cost, neighbours on their node, time of being ready, restarts and age. Times are compared by magnitude
 * only, so that among pods of about one age chance decides. Source: upstream's ActivePodsWithRanks.
 */
export function inDeletionOrder(pods: readonly RankedPod[], nowMs: number): readonly Pod[] {
  return pods.toSorted((a, b) => compareForDeletion(a, b, nowMs)).map((ranked) => ranked.pod);
}

/** Negative when `a` should be deleted before `b`. */
export function compareForDeletion(a: RankedPod, b: RankedPod, nowMs: number): number {
  const first = a.pod;
  const second = b.pod;
  return (
    compareStages(first, second) ||
    deletionCost(first) - deletionCost(second) ||
    b.rank - a.rank ||
    (isPodReady(first) ? compareTimes(readyAt(first), readyAt(second), first, second, nowMs) : 0) ||
    compareRestarts(first, second) ||
    compareTimes(first.metadata.creationTimestamp, second.metadata.creationTimestamp, first, second, nowMs)
  );
}

/** As `compareForDeletion` without costs and ranks, and with exact times. Source: upstream's ActivePods. */
export function compareProgress(a: Pod, b: Pod): number {
  return (
    compareStages(a, b) ||
    (isPodReady(a) ? laterFirst(parseTime(readyAt(a)), parseTime(readyAt(b))) : 0) ||
    compareRestarts(a, b) ||
    laterFirst(parseTime(a.metadata.creationTimestamp), parseTime(b.metadata.creationTimestamp))
  );
}

function compareStages(a: Pod, b: Pod): number {
  return (
    Number(isAssigned(a)) - Number(isAssigned(b)) ||
    phaseOrder(a) - phaseOrder(b) ||
    Number(isPodReady(a)) - Number(isPodReady(b))
  );
}

function isAssigned(pod: Pod): boolean {
  return pod.spec.nodeName !== undefined;
}

function phaseOrder(pod: Pod): number {
  if (pod.status.phase === "Running") return 2;
  return pod.status.phase === "Unknown" ? 1 : 0;
}

/** What is not a plain 32-bit number counts as 0. */
function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[deletionCostAnnotation] ?? "";
  if (!/^(0|-?[0-9]{1,10})$/.test(text) || /^0./.test(text)) return 0;
  const cost = Number(text);
  return cost >= -(2 ** 31) && cost < 2 ** 31 ? cost : 0;
}

function readyAt(pod: Pod): string | null | undefined {
  return podCondition(pod, "Ready")?.lastTransitionTime;
}

/** The later time goes first, as does a missing one. Times of one magnitude are told apart by uid. */
function compareTimes(
  a: string | null | undefined,
  b: string | null | undefined,
  first: Pod,
  second: Pod,
  nowMs: number,
): number {
  const aMs = parseTime(a);
  const bMs = parseTime(b);
  if (aMs === undefined || bMs === undefined || aMs === bMs) return laterFirst(aMs, bMs);
  const byMagnitude = magnitude(nowMs - aMs) - magnitude(nowMs - bMs);
  if (byMagnitude !== 0) return byMagnitude;
  return first.metadata.uid < second.metadata.uid ? -1 : 1;
}

function laterFirst(aMs: number | undefined, bMs: number | undefined): number {
  if (aMs === bMs) return 0;
  return aMs === undefined || (bMs !== undefined && aMs > bMs) ? -1 : 1;
}

/** The power of two below a duration in nanoseconds; -1 for none. */
function magnitude(durationMs: number): number {
  return durationMs > 0 ? Math.floor(Math.log2(durationMs * 1_000_000)) : -1;
}

function compareRestarts(a: Pod, b: Pod): number {
  return (
    mostRestarts(b, "containers") - mostRestarts(a, "containers") ||
    mostRestarts(b, "sidecars") - mostRestarts(a, "sidecars")
  );
}

function mostRestarts(pod: Pod, of: "containers" | "sidecars"): number {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status;
  if (of === "containers") return Math.max(0, ...containerStatuses.map((status) => status.restartCount));
  const sidecars = new Set((pod.spec.initContainers ?? []).filter(isSidecar).map((container) => container.name));
  const statuses = initContainerStatuses.filter((status) => sidecars.has(status.name));
  return Math.max(0, ...statuses.map((status) => status.restartCount));
}
