import type { Pod } from "../../api/types/core-v1.ts";
import { type DaemonState, isAvailable, isLeaving, isUpdated } from "./daemon-pods.ts";
import { planPlacement } from "./plan-placement.ts";
import { type DaemonLimits, daemonLimits } from "./rollout-limits.ts";

/** Old pods to take away, and nodes that are to get a second pod. */
export interface RolloutPlan {
  readonly remove: readonly Pod[];
  readonly create: readonly string[];
}

/** The pods of a node that stay, told apart by template; undefined when there are several of one sort. */
interface PodPair {
  readonly fresh: Pod | undefined;
  readonly old: Pod | undefined;
}

/** Moves a rolling update one step on. Where pods are missing or too many, `planDaemonPods` has to see to it first. */
export function planRollout(state: DaemonState, nowMs: number): RolloutPlan {
  const wanted = new Set(
    state.nodes.filter((node) => planPlacement(node, state.daemonSet).shouldRun).map((node) => node.metadata.name),
  );
  const limits = daemonLimits(state.daemonSet, wanted.size);
  const names = new Set([...state.podsByNode.keys(), ...wanted]);
  const pairs = [...names].map((node) => ({ node, pair: pairOn(node, state) }));
  return limits.maxSurge === 0
    ? {
        remove: replaceInPlace(
          pairs.map(({ pair }) => pair),
          limits,
          state,
          nowMs,
        ),
        create: [],
      }
    : surge(pairs, wanted, limits, state, nowMs);
}

function pairOn(node: string, state: DaemonState): PodPair | undefined {
  const staying = (state.podsByNode.get(node) ?? []).filter((pod) => !isLeaving(pod));
  const fresh = staying.filter((pod) => isUpdated(pod, state));
  const old = staying.filter((pod) => !isUpdated(pod, state));
  return fresh.length > 1 || old.length > 1 ? undefined : { fresh: fresh[0], old: old[0] };
}

/** Takes old pods away, those that do not serve at once, others as far as nodes may be without a pod. */
function replaceInPlace(
  pairs: readonly (PodPair | undefined)[],
  { maxUnavailable }: DaemonLimits,
  { daemonSet }: DaemonState,
  nowMs: number,
): readonly Pod[] {
  const useless: Pod[] = [];
  const candidates: Pod[] = [];
  let unavailable = 0;
  for (const pair of pairs) {
    if (pair === undefined || (pair.fresh === undefined) === (pair.old === undefined)) unavailable += 1;
    else if (pair.fresh !== undefined) unavailable += isAvailable(pair.fresh, daemonSet, nowMs) ? 0 : 1;
    else if (pair.old !== undefined && isAvailable(pair.old, daemonSet, nowMs)) candidates.push(pair.old);
    else if (pair.old !== undefined) {
      useless.push(pair.old);
      unavailable += 1;
    }
  }
  return [...useless, ...candidates.slice(0, Math.max(0, maxUnavailable - unavailable))];
}

/** Gives nodes a second, new pod and takes the old one away when that serves. */
function surge(
  pairs: readonly { readonly node: string; readonly pair: PodPair | undefined }[],
  wanted: ReadonlySet<string>,
  { maxSurge }: DaemonLimits,
  { daemonSet }: DaemonState,
  nowMs: number,
): RolloutPlan {
  const serves = (pod: Pod | undefined): boolean => pod !== undefined && isAvailable(pod, daemonSet, nowMs);
  const remove: Pod[] = [];
  const misplaced: Pod[] = [];
  const useless: string[] = [];
  const candidates: string[] = [];
  let surging = 0;
  let available = 0;
  for (const { node, pair } of pairs) {
    if (pair === undefined) {
      surging += 1;
      continue;
    }
    const { fresh, old } = pair;
    if (serves(old ?? fresh)) available += 1;
    if (old === undefined) continue;
    if (fresh !== undefined) {
      if (serves(fresh)) remove.push(old);
      else surging += 1;
    } else if (!wanted.has(node)) (serves(old) ? misplaced : remove).push(old);
    else (serves(old) ? candidates : useless).push(node);
  }
  // Pods on nodes that are no longer wanted serve on until enough others do.
  const spare = Math.max(0, available - wanted.size);
  return {
    remove: [...remove, ...misplaced.slice(0, spare)],
    create: [...useless, ...candidates.slice(0, Math.max(0, maxSurge - surging))],
  };
}
