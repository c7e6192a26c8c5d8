import { annotatedCount, rolloutAnnotations, withReplicaCounts } from "./rollout-annotations.ts";
import type { RolloutLimits } from "./rollout-limits.ts";
import { activeSets, allSets, compareAge, type PlannedSet, type RolloutSets, scaleSet, sumOf } from "./rollout-sets.ts";

/**
 * Sizes the sets of a Deployment that has been scaled, or is paused, without moving its rollout on: a single active set
 * takes the whole change, several share it in proportion to their sizes.
 * @param statusReplicas pods that the Deployment last reported
 */
export function planScaling(
  sets: RolloutSets,
  limits: RolloutLimits,
  isRollingUpdate: boolean,
  statusReplicas: number,
): void {
  const all = allSets(sets);
  const active = activeSets(all);
  if (active.length <= 1) {
    const only = active[0] ?? sets.current ?? sets.old[sets.old.length - 1];
    if (only !== undefined) scaleSet(only, limits.desired, limits);
    return;
  }
  if (isSaturated(sets.current, limits)) {
    for (const set of activeSets(sets.old)) scaleSet(set, 0, limits);
    return;
  }
  if (isRollingUpdate) shareOut(active, limits, statusReplicas);
}

/** Whether a rollout is all but over: the current set has every pod that is wanted, and knows so. */
function isSaturated(set: PlannedSet | undefined, { desired }: RolloutLimits): boolean {
  return (
    set !== undefined &&
    set.replicas === desired &&
    annotatedCount(set.annotations, rolloutAnnotations.desiredReplicas) === desired &&
    (set.status.availableReplicas ?? 0) === desired
  );
}

function shareOut(active: readonly PlannedSet[], limits: RolloutLimits, statusReplicas: number): void {
  const allowed = limits.desired > 0 ? limits.desired + limits.maxSurge : 0;
  const toAdd = allowed - sumOf(active, (set) => set.replicas);
  const ordered = inSharingOrder(active, toAdd);
  const sizes = new Map<PlannedSet, number>();
  let added = 0;
  for (const set of ordered) {
    const share = shareOf(set, limits, statusReplicas, toAdd, added);
    sizes.set(set, set.replicas + share);
    added += share;
  }
  for (const [index, set] of ordered.entries()) {
    // What rounding left over goes to the largest set.
    const leftover = index === 0 ? toAdd - added : 0;
    const size = Math.max(0, (sizes.get(set) ?? 0) + leftover);
    if (!scaleSet(set, size, limits)) set.annotations = withReplicaCounts(set.annotations, limits);
  }
}

/** Largest first; among equals the newer when growing, the older when shrinking. */
function inSharingOrder(active: readonly PlannedSet[], toAdd: number): readonly PlannedSet[] {
  const byAge = active.toSorted(compareAge);
  return (toAdd > 0 ? byAge.toReversed() : byAge).sort((a, b) => b.replicas - a.replicas);
}

/** How many pods a set gains or loses, never more than what is left to share. */
function shareOf(set: PlannedSet, limits: RolloutLimits, statusReplicas: number, toAdd: number, added: number): number {
  if (toAdd === 0 || toAdd === added) return 0;
  const share = fractionOf(set, limits, statusReplicas);
  const left = toAdd - added;
  return toAdd > 0 ? Math.min(share, left) : Math.max(share, left);
}

function fractionOf(set: PlannedSet, limits: RolloutLimits, statusReplicas: number): number {
  if (limits.desired === 0) return -set.replicas;
  const noted = annotatedCount(set.annotations, rolloutAnnotations.maxReplicas);
  const before = noted === undefined || noted === 0 ? statusReplicas : noted;
  if (before === 0) return 0;
  // Halves round away from zero; sizes are never negative.
  return Math.round((set.replicas * (limits.desired + limits.maxSurge)) / before) - set.replicas;
}
