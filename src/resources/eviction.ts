import { compileLabelSelector, SelectorError } from "../api/label-selector.ts";
import type { Pod } from "../api/types/core-v1.ts";
import type { Condition } from "../api/types/meta-v1.ts";
import type { PodDisruptionBudget } from "../api/types/policy-v1.ts";
import { formatTime } from "../base/clock.ts";
import { isPodReady, isPodTerminal, withPodCondition } from "./pod-status.ts";

/** What evicting a pod comes to. */
export type EvictionPlan =
  /** No budget matters. `atVersion`: only if the pod has not changed since it was looked at. */
  | { readonly kind: "delete"; readonly atVersion: boolean }
  /** The pod's budget pays for it. */
  | { readonly kind: "spend"; readonly budget: PodDisruptionBudget }
  /** Several budgets claim the pod. */
  | { readonly kind: "ambiguous" };

/**
 * Decides how a pod may be evicted under the budgets of its namespace.
 * Source: Kubernetes documentation, "API-initiated eviction"; kube-apiserver v1.36.
 */
export function planEviction(pod: Pod, budgets: readonly PodDisruptionBudget[]): EvictionPlan {
  const isGoing = isPodTerminal(pod) || pod.metadata.deletionTimestamp !== undefined;
  if (isGoing || pod.status.phase === "Pending") return { kind: "delete", atVersion: !isGoing };
  const [budget, other] = budgets.filter((candidate) => covers(candidate, pod));
  if (budget === undefined) return { kind: "delete", atVersion: false };
  if (other !== undefined) return { kind: "ambiguous" };
  const { currentHealthy, desiredHealthy } = budget.status;
  // A pod that is not healthy does not count, so losing it costs nothing.
  const isFree =
    !isPodReady(pod) &&
    (budget.spec.unhealthyPodEvictionPolicy === "AlwaysAllow" ||
      (currentHealthy >= desiredHealthy && desiredHealthy > 0));
  return isFree ? { kind: "delete", atVersion: true } : { kind: "spend", budget };
}

/** Evictions that the budget's controller has not seen yet, at most. */
const maxDisruptedPods = 2000;

/** Why a budget does not pay for a disruption. */
export type BudgetObstacle =
  /** It cannot be told yet: try again soon. */
  | { readonly kind: "behind"; readonly message: string }
  /** Not now. */
  | { readonly kind: "exhausted"; readonly message: string }
  /** Something is wrong with the budget. */
  | { readonly kind: "broken"; readonly message: string };

/** Why a budget does not pay for a disruption; undefined when it does. */
export function budgetObstacle(budget: PodDisruptionBudget): BudgetObstacle | undefined {
  const { status, metadata } = budget;
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0))
    return { kind: "behind", message: stillProcessed(metadata.name) };
  if (status.disruptionsAllowed < 0) return { kind: "broken", message: "pdb disruptions allowed is negative" };
  if (Object.keys(status.disruptedPods ?? {}).length > maxDisruptedPods)
    return {
      kind: "broken",
      message: "DisruptedPods map too big - too many evictions not confirmed by PDB controller",
    };
  return status.disruptionsAllowed === 0 ? { kind: "exhausted", message: whyExhausted(budget) } : undefined;
}

/** What is said of a budget that has to be looked at again. */
export function stillProcessed(budgetName: string): string {
  return `The disruption budget ${budgetName} is still being processed by the server.`;
}

function whyExhausted({ metadata: { name }, status }: PodDisruptionBudget): string {
  const condition = status.conditions?.find((entry) => entry.type === disruptionAllowed);
  const explains = condition?.status === "False" && condition.message !== "";
  if (explains && condition.reason === "SyncFailed")
    return `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${condition.message}`;
  if (status.currentHealthy <= status.desiredHealthy)
    return `The disruption budget ${name} needs ${status.desiredHealthy} healthy pods and has ${status.currentHealthy} currently`;
  const plain = `The disruption budget ${name} does not allow evicting pods currently`;
  return explains ? `${plain} (${condition.reason}): ${condition.message}` : plain;
}

const disruptionAllowed = "DisruptionAllowed";

/** The budget after it has paid for the disruption of a pod. */
export function spendBudget(budget: PodDisruptionBudget, podName: string, nowMs: number): PodDisruptionBudget {
  const { status } = budget;
  const disruptionsAllowed = status.disruptionsAllowed - 1;
  const disruptedPods = Object.assign(Object.create(null) as Record<string, string>, status.disruptedPods, {
    [podName]: formatTime(nowMs),
  });
  const conditions =
    disruptionsAllowed > 0 ? status.conditions : withInsufficientPods(status.conditions ?? [], budget, nowMs);
  return { ...budget, status: { ...status, disruptionsAllowed, disruptedPods, ...(conditions ? { conditions } : {}) } };
}

function withInsufficientPods(
  conditions: readonly Condition[],
  { status }: PodDisruptionBudget,
  nowMs: number,
): readonly Condition[] {
  const present = conditions.find((entry) => entry.type === disruptionAllowed);
  const next: Condition = {
    type: disruptionAllowed,
    status: "False",
    ...(status.observedGeneration === undefined ? {} : { observedGeneration: status.observedGeneration }),
    lastTransitionTime: present?.status === "False" ? present.lastTransitionTime : formatTime(nowMs),
    reason: "InsufficientPods",
    message: "",
  };
  return present === undefined ? [...conditions, next] : conditions.map((entry) => (entry === present ? next : entry));
}

/** The pod, marked as disrupted by the eviction API. */
export function markEvicted(pod: Pod, nowMs: number): Pod {
  const conditions = withPodCondition(pod.status.conditions, {
    type: "DisruptionTarget",
    status: "True",
    reason: "EvictionByEvictionAPI",
    message: "Eviction API: evicting",
    lastProbeTime: null,
    lastTransitionTime: formatTime(nowMs),
  });
  return { ...pod, status: { ...pod.status, conditions } };
}

function covers(budget: PodDisruptionBudget, pod: Pod): boolean {
  try {
    return compileLabelSelector(budget.spec.selector).matches(pod.metadata.labels);
  } catch (error) {
    if (error instanceof SelectorError) return false;
    throw error;
  }
}
