import type {
  Node,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodSpec,
  PreferredSchedulingTerm,
} from "../api/types/core-v1.ts";

/** What of a node a selector looks at. */
export interface SelectableNode {
  readonly metadata: Pick<Node["metadata"], "name" | "labels">;
}

/** What of a pod says which nodes it may or would rather run on. */
export type NodeChoice = Pick<PodSpec, "nodeSelector" | "affinity">;

const wholeNumber = /^[+-]?\d{1,19}$/;
const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;

/** True when the node meets the pod's `nodeSelector` and its required node affinity. */
export function matchesRequiredNodes(pod: NodeChoice, node: SelectableNode): boolean {
  const required = pod.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return matchesNodeLabels(pod.nodeSelector, node) && (required === undefined || matchesNodeSelector(required, node));
}

/** True when the node has every one of these labels; no labels match every node. */
export function matchesNodeLabels(nodeSelector: PodSpec["nodeSelector"], node: SelectableNode): boolean {
  if (nodeSelector === undefined) return true;
  for (const key of Object.keys(nodeSelector)) if (labelOf(node, key) !== nodeSelector[key]) return false;
  return true;
}

/** True when the node meets any of the selector's terms; no terms match no node. */
export function matchesNodeSelector(selector: NodeSelector, node: SelectableNode): boolean {
  return selector.nodeSelectorTerms?.some((term) => matchesNodeSelectorTerm(term, node)) ?? false;
}

/** True when the node meets all of a term's requirements; an empty term matches no node. */
export function matchesNodeSelectorTerm(term: NodeSelectorTerm, node: SelectableNode): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  return (
    matchExpressions.every((requirement) => meets(requirement, labelOf(node, requirement.key))) &&
    matchFields.every((requirement) => meetsField(requirement, node))
  );
}

/** The sum of the weights of the preferred terms that the node meets. */
export function preferenceScore(terms: readonly PreferredSchedulingTerm[] | undefined, node: SelectableNode): number {
  let score = 0;
  for (const { weight, preference } of terms ?? [])
    if (weight !== 0 && matchesNodeSelectorTerm(preference, node)) score += weight;
  return score;
}

function labelOf(node: SelectableNode, key: string): string | undefined {
  const { labels } = node.metadata;
  return labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
}

function meets(requirement: NodeSelectorRequirement, value: string | undefined): boolean {
  const { operator, values = [] } = requirement;
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
    case "Lt": {
      const actual = readInt64(value);
      const bound = values.length === 1 ? readInt64(values[0]) : undefined;
      if (actual === undefined || bound === undefined) return false;
      return operator === "Gt" ? actual > bound : actual < bound;
    }
    default:
      return false;
  }
}

/** Fields are compared with a single value; a node has only its name to offer, and any other field is empty. */
function meetsField(requirement: NodeSelectorRequirement, node: SelectableNode): boolean {
  const { key, operator, values = [] } = requirement;
  if (values.length !== 1) return false;
  const value = key === "metadata.name" ? node.metadata.name : "";
  if (operator === "In") return value === values[0];
  return operator === "NotIn" && value !== values[0];
}

function readInt64(text: string | undefined): bigint | undefined {
  if (text === undefined || !wholeNumber.test(text)) return undefined;
  const value = BigInt(text.startsWith("+") ? text.slice(1) : text);
  return value < minInt64 || value > maxInt64 ? undefined : value;
}
