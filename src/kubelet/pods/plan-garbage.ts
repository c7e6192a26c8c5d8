import type { ObservedPod } from "./observed-pod.ts";

/** Ids that are no longer of use to a pod that lives on. */
export interface PodGarbage {
  readonly containers: readonly string[];
  readonly sandboxes: readonly string[];
}

/** Ended containers that are kept of each name, for their logs and how they ended. Source: upstream's container garbage collection. */
const maxEndedPerName = 1;

/**
 * Picks ended containers beyond the newest of each name, containers that never started and have a successor, and dead
 * sandboxes without containers beyond the newest.
 */
export function planGarbage({ containers, sandboxes }: ObservedPod): PodGarbage {
  const seen = new Set<string>();
  const ended = new Map<string, number>();
  const superfluous: string[] = [];
  const inUse = new Set<string>();
  for (const { id, name, state, sandboxId } of containers) {
    const count = (ended.get(name) ?? 0) + (state === "exited" ? 1 : 0);
    const isSuperfluous = state === "exited" ? count > maxEndedPerName : state === "created" && seen.has(name);
    ended.set(name, count);
    seen.add(name);
    if (isSuperfluous) superfluous.push(id);
    else inUse.add(sandboxId);
  }
  const old = sandboxes.slice(1).filter(({ id, ready }) => !ready && !inUse.has(id));
  return { containers: superfluous, sandboxes: old.map(({ id }) => id) };
}
