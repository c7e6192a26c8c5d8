import type { ObservedPod } from "./observed-pod.ts";

/** Ids that are no longer of use to a pod that lives on. */
export interface PodGarbage {
  readonly containers: readonly string[];
  readonly sandboxes: readonly string[];
}

/** Dead containers that are kept of each name, for their logs and how they ended. Source: upstream's container garbage collection. */
const maxDeadPerContainer = 1;

/** Picks the dead containers beyond the newest of each name, and dead sandboxes without containers beyond the newest. */
export function planGarbage({ containers, sandboxes }: ObservedPod): PodGarbage {
  const kept = new Map<string, number>();
  const superfluous: string[] = [];
  const inUse = new Set<string>();
  for (const { id, name, state, sandboxId } of containers) {
    const isDead = state === "exited";
    const count = (kept.get(name) ?? 0) + (isDead ? 1 : 0);
    kept.set(name, count);
    if (isDead && count > maxDeadPerContainer) superfluous.push(id);
    else inUse.add(sandboxId);
  }
  const old = sandboxes.slice(1).filter(({ id, ready }) => !ready && !inUse.has(id));
  return { containers: superfluous, sandboxes: old.map(({ id }) => id) };
}
