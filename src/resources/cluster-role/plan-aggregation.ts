import { compileLabelSelector } from "../../api/label-selector.ts";
import type { ClusterRole, PolicyRule } from "../../api/types/rbac-v1.ts";
import { compareUtf8 } from "../../api/utf8.ts";

/** What an aggregated role should hold; undefined when it holds that already, or is no aggregated role. */
export interface AggregationPlan {
  readonly rules: readonly PolicyRule[];
}

/**
 * Gathers the rules of all roles that an aggregated role selects, in order of selectors and then of names, each rule
 * once.
 * @throws {SelectorError} when a selector of the role cannot be read
 * Source: Kubernetes documentation, "Using RBAC Authorization", "Aggregated ClusterRoles".
 */
export function planClusterRoleAggregation(
  role: ClusterRole,
  all: readonly ClusterRole[],
): AggregationPlan | undefined {
  if (role.aggregationRule === undefined) return undefined;
  const others = all
    .filter((other) => other.metadata.name !== role.metadata.name)
    .sort((a, b) => compareUtf8(a.metadata.name, b.metadata.name));
  const rules = new Map<string, PolicyRule>();
  for (const selector of role.aggregationRule.clusterRoleSelectors ?? []) {
    const matcher = compileLabelSelector(selector);
    for (const other of others) {
      if (!matcher.matches(other.metadata.labels)) continue;
      for (const rule of other.rules ?? []) {
        const key = keyOf(rule);
        if (!rules.has(key)) rules.set(key, rule);
      }
    }
  }
  const present = (role.rules ?? []).map(keyOf);
  const wanted = [...rules.keys()];
  const isSame = present.length === wanted.length && wanted.every((key, index) => key === present[index]);
  return isSame ? undefined : { rules: [...rules.values()] };
}

/** Rules with equal keys say the same: a missing list is an empty one. */
function keyOf({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): string {
  return JSON.stringify([verbs ?? [], apiGroups ?? [], resources ?? [], resourceNames ?? [], nonResourceURLs ?? []]);
}
