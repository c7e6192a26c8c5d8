import type { Draft } from "../../api/draft.ts";
import type { Pod, PodAffinityTerm } from "../../api/types/core-v1.ts";
import type { LabelSelector } from "../../api/types/meta-v1.ts";

/**
 * Completes the selectors of affinities and spread constraints by the pod's own values of the labels that they name.
 * Source: KEP-3633 and KEP-3243.
 */
export function applyLabelKeys(pod: Draft<Pod>): void {
  const labels = pod.metadata.labels ?? {};
  for (const affinity of [pod.spec.affinity?.podAffinity, pod.spec.affinity?.podAntiAffinity]) {
    for (const term of affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [])
      completeTerm(term.podAffinityTerm, labels);
    for (const term of affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) completeTerm(term, labels);
  }
  for (const constraint of pod.spec.topologySpreadConstraints ?? [])
    addRequirements(constraint.labelSelector, constraint.matchLabelKeys, "In", labels);
}

function completeTerm(term: Draft<PodAffinityTerm>, labels: Readonly<Record<string, string>>): void {
  addRequirements(term.labelSelector, term.matchLabelKeys, "In", labels);
  addRequirements(term.labelSelector, term.mismatchLabelKeys, "NotIn", labels);
}

/** Without a selector nothing matches, and there is nothing to complete. */
function addRequirements(
  selector: Draft<LabelSelector> | undefined,
  keys: readonly string[] | undefined,
  operator: "In" | "NotIn",
  labels: Readonly<Record<string, string>>,
): void {
  if (selector === undefined) return;
  for (const key of keys ?? []) {
    if (!Object.hasOwn(labels, key)) continue;
    selector.matchExpressions ??= [];
    selector.matchExpressions.push({ key, operator, values: [labels[key] as string] });
  }
}
