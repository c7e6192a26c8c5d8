import type { ApiObject } from "../api/metadata.ts";
import type { ResourceQuota, ScopedResourceSelectorRequirement } from "../api/types/core-v1.ts";
import { addResources, createTotals, type ResourceTotals } from "./resource-list.ts";
import { claimEvaluator } from "./resource-quota/claim-usage.ts";
import { createCountEvaluator } from "./resource-quota/count-usage.ts";
import { podEvaluator } from "./resource-quota/pod-usage.ts";
import type { QuotaEvaluator } from "./resource-quota/quota-evaluator.ts";
import { serviceEvaluator } from "./resource-quota/service-usage.ts";

export type { QuotaEvaluator, QuotaWrite } from "./resource-quota/quota-evaluator.ts";

interface GroupPlural {
  readonly group: string;
  readonly plural: string;
}

/** What is never counted: it is not stored, or it comes and goes by itself. */
const ignored: ReadonlySet<string> = new Set([
  "bindings",
  "componentstatuses",
  "events",
  "events.events.k8s.io",
  "tokenreviews.authentication.k8s.io",
  "selfsubjectreviews.authentication.k8s.io",
  "subjectaccessreviews.authorization.k8s.io",
  "selfsubjectaccessreviews.authorization.k8s.io",
  "localsubjectaccessreviews.authorization.k8s.io",
  "selfsubjectrulesreviews.authorization.k8s.io",
]);

const evaluators = new Map<string, QuotaEvaluator>([
  ["pods", podEvaluator],
  ["services", serviceEvaluator],
  ["persistentvolumeclaims", claimEvaluator],
  ...["configmaps", "resourcequotas", "replicationcontrollers", "secrets"].map(
    (name) => [name, createCountEvaluator(name, [name])] as const,
  ),
]);

/** Measures what objects of a kind use; undefined for kinds that no quota counts. */
export function quotaEvaluator({ group, plural }: GroupPlural): QuotaEvaluator | undefined {
  const name = group === "" ? plural : `${plural}.${group}`;
  if (ignored.has(name)) return undefined;
  let evaluator = evaluators.get(name);
  if (evaluator === undefined) {
    evaluator = createCountEvaluator(name);
    evaluators.set(name, evaluator);
  }
  return evaluator;
}

/** Everything that an object must be for a quota to count it. */
export function scopesOf({ spec }: ResourceQuota): readonly ScopedResourceSelectorRequirement[] {
  const scopes = (spec.scopes ?? []).map((scopeName) => ({ scopeName, operator: "Exists" as const }));
  return [...scopes, ...(spec.scopeSelector?.matchExpressions ?? [])];
}

/** What objects of one kind use of a quota, in all: zero of what it limits and nobody uses. */
export function usageOfAll(
  quota: ResourceQuota,
  evaluator: QuotaEvaluator,
  objects: Iterable<ApiObject>,
  nowMs: number,
): ResourceTotals {
  const totals = createTotals();
  for (const name of evaluator.names(Object.keys(quota.spec.hard ?? {}))) totals[name] = "0";
  const scopes = scopesOf(quota);
  for (const object of objects) {
    if (!scopes.every((scope) => evaluator.isInScope(scope, object))) continue;
    const usage = evaluator.usage(object, nowMs);
    for (const name of Object.keys(totals))
      if (usage[name] !== undefined) addResources(totals, { [name]: usage[name] });
  }
  return totals;
}
