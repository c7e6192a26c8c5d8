import type { FieldPath } from "../../api/field-error.ts";
import { checkLabelValue } from "../../api/names.ts";
import type { NodeSelectorTerm } from "../../api/types/core-v1.ts";

const deprecated: Readonly<Record<string, string>> = {
  "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
  "failure-domain.beta.kubernetes.io/region": 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  "failure-domain.beta.kubernetes.io/zone": 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  "beta.kubernetes.io/instance-type": 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  "app.kubernetes.io/created-by": "deprecated since v1.9",
  "scheduler.alpha.kubernetes.io/preferAvoidPods": "deprecated since v1.22; use Taints and Tolerations instead",
  "node-role.kubernetes.io/master": 'use "node-role.kubernetes.io/control-plane" instead',
};

/** What to use instead of a node label; undefined for labels that are not out of date. */
export function nodeLabelDeprecation(label: string): string | undefined {
  return Object.hasOwn(deprecated, label) ? deprecated[label] : undefined;
}

/**
 * Warnings of a term that chooses nodes.
 * @param checksValues also say which values no label can have; where validation lets them pass
 */
export function warnOfNodeSelectorTerm(
  warnings: string[],
  path: FieldPath,
  term: NodeSelectorTerm,
  checksValues: boolean,
): void {
  for (const [index, { key, values = [] }] of (term.matchExpressions ?? []).entries()) {
    const entry = path.child("matchExpressions").index(index);
    const deprecation = nodeLabelDeprecation(key);
    if (deprecation !== undefined) warnings.push(`${entry.child("key")}: ${key} is ${deprecation}`);
    if (!checksValues) continue;
    for (const [valueIndex, value] of values.entries())
      for (const fault of checkLabelValue(value))
        warnings.push(`${entry.child("values").index(valueIndex)}: ${value} is invalid, ${fault}`);
  }
}
