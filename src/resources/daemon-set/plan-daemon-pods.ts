import type { DaemonSet } from "../../api/types/apps-v1.ts";
import type { Node, Pod } from "../../api/types/core-v1.ts";
import { isPodReady } from "../pod-status.ts";
import { compareDaemonPods, type DaemonState, isAvailable, isLeaving, revisionHashLabel } from "./daemon-pods.ts";
import { planPlacement } from "./plan-placement.ts";
import { allowsSurge } from "./rollout-limits.ts";

/** Pods to make and to take away, and what to tell of it. */
export interface DaemonPlan {
  /** Names of nodes that are to get a pod. */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
  /** Pods among those to remove that have ended by themselves. */
  readonly ended: readonly Pod[];
  /** Failed pods wait before they are replaced; this is how long the first of them still has to. */
  readonly retryAfterMs: number | undefined;
}

/** How long the failed pod of a node still has to stay before it is replaced; 0 when it may go. */
export type FailedPodDelay = (nodeName: string) => number;

interface NodePlan {
  readonly create: boolean;
  readonly remove: readonly Pod[];
  readonly ended: readonly Pod[];
  readonly delaysMs: readonly number[];
}

/** Brings nodes and pods together: one pod on every node that is to have one, none on others. */
export function planDaemonPods(state: DaemonState, delayOf: FailedPodDelay, nowMs: number): DaemonPlan {
  const plans = state.nodes.map((node) => ({ node, plan: planNode(node, state, delayOf, nowMs) }));
  const delays = plans.flatMap(({ plan }) => plan.delaysMs);
  return {
    create: plans.filter(({ plan }) => plan.create).map(({ node }) => node.metadata.name),
    remove: [...plans.flatMap(({ plan }) => plan.remove), ...podsOfLostNodes(state)],
    ended: plans.flatMap(({ plan }) => plan.ended),
    retryAfterMs: delays.length === 0 ? undefined : Math.min(...delays),
  };
}

function planNode(node: Node, state: DaemonState, delayOf: FailedPodDelay, nowMs: number): NodePlan {
  const { shouldRun, mayStay } = planPlacement(node, state.daemonSet);
  const pods = state.podsByNode.get(node.metadata.name);
  if (pods === undefined) return { create: shouldRun, remove: [], ended: [], delaysMs: [] };
  const present = pods.filter((pod) => !isLeaving(pod));
  if (!mayStay) return { create: false, remove: present, ended: [], delaysMs: [] };

  const delaysMs: number[] = [];
  const ended: Pod[] = [];
  const running: Pod[] = [];
  for (const pod of present) {
    if (pod.status.phase === "Succeeded") ended.push(pod);
    else if (pod.status.phase !== "Failed") running.push(pod);
    else {
      const delayMs = delayOf(node.metadata.name);
      if (delayMs > 0) delaysMs.push(delayMs);
      else ended.push(pod);
    }
  }
  running.sort(compareDaemonPods);
  const surges = allowsSurge(state.daemonSet);
  const surplus = surges ? surplusWhenSurging(running, state, nowMs) : running.slice(1);
  // While pods may surge, a node must not be left with none that stays.
  return { create: surges && running.length === 0 && shouldRun, remove: [...ended, ...surplus], ended, delaysMs };
}

/**
 * Two pods may share a node while a newer one gets ready to take over from an older one that serves. Any others go.
 * @param running oldest first
 */
function surplusWhenSurging(
  running: readonly Pod[],
  { hash, daemonSet }: { readonly hash: string; readonly daemonSet: DaemonSet },
  nowMs: number,
): readonly Pod[] {
  if (running.length <= 1) return [];
  const isNew = (pod: Pod): boolean => pod.metadata.labels?.[revisionHashLabel] === hash;
  const newest = running.find(isNew);
  const old = running.find((pod) => !isNew(pod));
  const surplus = running.filter((pod) => pod !== newest && pod !== old);
  if (newest === undefined || old === undefined) return surplus;
  const isReplaced = !isPodReady(old) || isAvailable(newest, daemonSet, nowMs);
  return isReplaced ? [...surplus, old] : surplus;
}

/** Pods waiting for a node that is gone: nobody would ever schedule or remove them. */
function podsOfLostNodes({ nodes, podsByNode }: DaemonState): readonly Pod[] {
  const names = new Set(nodes.map((node) => node.metadata.name));
  return [...podsByNode]
    .filter(([node]) => !names.has(node))
    .flatMap(([, pods]) => pods.filter((pod) => pod.spec.nodeName === undefined));
}
