import { goQuote } from "../../api/go-quote.ts";
import type { PolicyRule } from "../../api/types/rbac-v1.ts";
import type { RequestAttributes } from "../attributes.ts";

/** Whether one RBAC rule allows a request. Source: Kubernetes documentation, "Using RBAC Authorization". */
export function ruleAllows(rule: PolicyRule, attributes: RequestAttributes): boolean {
  if (!holds(rule.verbs ?? [], attributes.verb)) return false;
  if (attributes.kind === "path") return (rule.nonResourceURLs ?? []).some((url) => urlCovers(url, attributes.path));
  return (
    holds(rule.apiGroups ?? [], attributes.group) &&
    resourceMatches(rule.resources ?? [], attributes.resource, attributes.subresource) &&
    (isEmpty(rule.resourceNames) || (rule.resourceNames as readonly string[]).includes(attributes.name))
  );
}

/** Whether any of several rules allows a request. */
export function rulesAllow(rules: readonly PolicyRule[], attributes: RequestAttributes): boolean {
  return rules.some((rule) => ruleAllows(rule, attributes));
}

/** Whether a granted non-resource path, possibly ending in `*`, covers another path or pattern. */
export function urlCovers(granted: string, wanted: string): boolean {
  if (granted === "*" || granted === wanted) return true;
  return granted.endsWith("*") && wanted.startsWith(granted.replace(/\*+$/, ""));
}

/** A rule on one line, as messages about escalation show it: `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`. */
export function describeRule(rule: PolicyRule): string {
  const parts: string[] = [];
  const add = (title: string, values: readonly string[] | null | undefined): void => {
    if (!isEmpty(values)) parts.push(`${title}:${quoteList(values as readonly string[])}`);
  };
  add("APIGroups", rule.apiGroups);
  add("Resources", rule.resources);
  add("NonResourceURLs", rule.nonResourceURLs);
  add("ResourceNames", rule.resourceNames);
  add("Verbs", rule.verbs);
  return `{${parts.join(", ")}}`;
}

/** A list of strings as upstream's messages write it: `["a" "b"]`. */
export function quoteList(values: readonly string[]): string {
  return `[${values.map(goQuote).join(" ")}]`;
}

/** The same rule, field by field. */
export function sameRule(a: PolicyRule, b: PolicyRule): boolean {
  return (
    sameList(a.verbs, b.verbs) &&
    sameList(a.apiGroups, b.apiGroups) &&
    sameList(a.resources, b.resources) &&
    sameList(a.resourceNames, b.resourceNames) &&
    sameList(a.nonResourceURLs, b.nonResourceURLs)
  );
}

function sameList(a: readonly string[] | null | undefined, b: readonly string[] | null | undefined): boolean {
  const left = a ?? [];
  const right = b ?? [];
  return left.length === right.length && left.every((value, index) => value === right[index]);
}

function isEmpty(values: readonly string[] | null | undefined): boolean {
  return values === undefined || values === null || values.length === 0;
}

function holds(granted: readonly string[], wanted: string): boolean {
  return granted.includes("*") || granted.includes(wanted);
}

/** Resources are granted as `*`, `pods`, `pods/log` or, for one sub-resource of everything, `*\/scale`. */
function resourceMatches(granted: readonly string[], resource: string, subresource: string): boolean {
  if (subresource === "") return holds(granted, resource);
  return holds(granted, `${resource}/${subresource}`) || granted.includes(`*/${subresource}`);
}
