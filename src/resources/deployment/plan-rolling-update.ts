import type { RolloutLimits } from "./rollout-limits.ts";
import { activeSets, allSets, type PlannedSet, type RolloutSets, scaleSet, sumOf } from "./rollout-sets.ts";

/** What a pass changed; at most one of the two directions, so that each step is seen before the next. */
export type RolloutStep = "scaledUp" | "scaledDown" | "none";

/** Moves a rolling update one step on. There must be a current set. */
export function planRollingUpdate(
  sets: RolloutSets & { readonly current: PlannedSet },
  limits: RolloutLimits,
): RolloutStep {
  if (scaleSet(sets.current, sizeOfCurrent(sets, limits), limits)) return "scaledUp";
  return shrinkOld(sets, limits) ? "scaledDown" : "none";
}

/** How large the current set may be: as many as desired, as far as the surge allows. */
export function sizeOfCurrent(sets: RolloutSets & { readonly current: PlannedSet }, limits: RolloutLimits): number {
  const { replicas } = sets.current;
  if (replicas >= limits.desired) return limits.desired;
  const room = limits.desired + limits.maxSurge - sumOf(allSets(sets), (set) => set.replicas);
  return replicas + Math.max(0, Math.min(room, limits.desired - replicas));
}

function shrinkOld(sets: RolloutSets & { readonly current: PlannedSet }, limits: RolloutLimits): boolean {
  const old = activeSets(sets.old);
  if (old.length === 0) return false;
  const minAvailable = limits.desired - limits.maxUnavailable;
  // New pods that are not available yet must not count as a reason to take old ones away.
  const unavailableNew = sets.current.replicas - available(sets.current);
  const total = sumOf(allSets(sets), (set) => set.replicas);
  const budget = total - minAvailable - unavailableNew;
  if (budget <= 0) return false;
  const removed = removeUnhealthy(old, budget, limits);
  return removed !== undefined && removed + removeHealthy(sets, old, minAvailable, limits) > 0;
}

/**
 * Pods of old sets that are not available go first: they would only hold the rollout up.
 * @returns how many; undefined when a set still reports more available pods than it is to have, so that its report
 * cannot be counted on yet
 */
function removeUnhealthy(old: readonly PlannedSet[], budget: number, limits: RolloutLimits): number | undefined {
  let removed = 0;
  for (const set of old) {
    if (removed >= budget) break;
    const unhealthy = set.replicas - available(set);
    if (unhealthy < 0) return undefined;
    const count = Math.min(budget - removed, unhealthy);
    scaleSet(set, set.replicas - count, limits);
    removed += count;
  }
  return removed;
}

function removeHealthy(
  sets: RolloutSets & { readonly current: PlannedSet },
  old: readonly PlannedSet[],
  minAvailable: number,
  limits: RolloutLimits,
): number {
  const budget = sumOf([...old, sets.current], available) - minAvailable;
  let removed = 0;
  for (const set of old) {
    if (removed >= budget) break;
    const count = Math.min(set.replicas, budget - removed);
    scaleSet(set, set.replicas - count, limits);
    removed += count;
  }
  return removed;
}

function available(set: PlannedSet): number {
  return set.status.availableReplicas ?? 0;
}
