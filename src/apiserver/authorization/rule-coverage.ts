import type { PolicyRule } from "../../api/types/rbac-v1.ts";
import { urlCovers } from "./policy-rule.ts";

/** A rule with at most one verb, group, resource, name and path. */
export type AtomicRule = PolicyRule;

/**
 * The parts of `wanted` that no rule of `held` covers, as atomic rules; empty when all is covered. Because an atomic
 * rule is either covered by one rule or by none, single comparisons are enough.
 */
export function uncoveredRules(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): AtomicRule[] {
  return wanted.flatMap(breakDown).filter((atom) => !held.some((rule) => covers(rule, atom)));
}

/** Puts atomic rules that differ only in their verb back together, for messages. */
export function compactRules(atoms: readonly AtomicRule[]): PolicyRule[] {
  const compacted: PolicyRule[] = [];
  const byResource = new Map<string, { rule: PolicyRule; verbs: string[] }>();
  for (const atom of atoms) {
    if (atom.nonResourceURLs !== undefined) {
      compacted.push(atom);
      continue;
    }
    const key = JSON.stringify([atom.apiGroups, atom.resources, atom.resourceNames]);
    const found = byResource.get(key) ?? { rule: atom, verbs: [] };
    found.verbs.push(...(atom.verbs ?? []));
    byResource.set(key, found);
  }
  for (const { rule, verbs } of byResource.values()) compacted.push({ ...rule, verbs });
  return compacted;
}

function breakDown(rule: PolicyRule): AtomicRule[] {
  const atoms: AtomicRule[] = [];
  const names = rule.resourceNames ?? [];
  for (const group of rule.apiGroups ?? [])
    for (const resource of rule.resources ?? [])
      for (const verb of rule.verbs ?? []) {
        const plain = { apiGroups: [group], resources: [resource], verbs: [verb] };
        if (names.length === 0) atoms.push(plain);
        for (const name of names) atoms.push({ ...plain, resourceNames: [name] });
      }
  for (const url of rule.nonResourceURLs ?? [])
    for (const verb of rule.verbs ?? []) atoms.push({ nonResourceURLs: [url], verbs: [verb] });
  return atoms;
}

function covers(held: PolicyRule, atom: AtomicRule): boolean {
  const names = held.resourceNames ?? [];
  return (
    holdsAll(held.verbs, atom.verbs) &&
    holdsAll(held.apiGroups, atom.apiGroups) &&
    (atom.resources ?? []).every((resource) => coversResource(held.resources ?? [], resource)) &&
    (names.length === 0 ||
      (atom.resourceNames !== undefined && atom.resourceNames.every((name) => names.includes(name)))) &&
    (atom.nonResourceURLs ?? []).every((url) => (held.nonResourceURLs ?? []).some((granted) => urlCovers(granted, url)))
  );
}

function holdsAll(held: readonly string[] | null | undefined, wanted: readonly string[] | null | undefined): boolean {
  const granted = held ?? [];
  return granted.includes("*") || (wanted ?? []).every((value) => granted.includes(value));
}

function coversResource(held: readonly string[], resource: string): boolean {
  if (held.includes("*") || held.includes(resource)) return true;
  const slash = resource.indexOf("/");
  return slash >= 0 && held.includes(`*/${resource.slice(slash + 1)}`);
}
