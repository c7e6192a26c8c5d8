import type { Pod } from "../../../api/types/core-v1.ts";
import { evaluatePod } from "./evaluate-pod.ts";
import { checkedPod } from "./security-check.ts";
import { ruleName, type SecurityRule } from "./security-policy.ts";

/** Most pods that are looked at when a namespace asks for more. */
const maxPods = 3000;

/** What of the present pods of a namespace would not be let in any more: warnings for whoever changes the rule. */
export function warnOfExistingPods(namespace: string, rule: SecurityRule, pods: readonly Pod[]): readonly string[] {
  const looked = prioritized(pods).slice(0, maxPods);
  const byFault = new Map<string, string[]>();
  for (const { metadata, spec } of looked) {
    const violations = evaluatePod(rule, checkedPod(metadata.annotations, spec));
    if (violations.length === 0) continue;
    const fault = violations.map(({ reason }) => reason).join(", ");
    const names = byFault.get(fault);
    if (names === undefined) byFault.set(fault, [metadata.name]);
    else names.push(metadata.name);
  }
  const warnings: string[] = [];
  if (looked.length < pods.length)
    warnings.push(
      `new PodSecurity enforce level only checked against the first ${looked.length} of ${pods.length} existing pods`,
    );
  if (byFault.size > 0)
    warnings.push(
      `existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${ruleName(rule)}"`,
    );
  const faults = [...byFault].map(([fault, names]) => `${namePods(names.sort())}: ${fault}`);
  return [...warnings, ...faults.sort()];
}

function namePods([first = "", ...others]: readonly string[]): string {
  if (others.length === 0) return first;
  return `${first} (and ${others.length} other ${others.length === 1 ? "pod" : "pods"})`;
}

/** Pods of one owner are alike: one of each owner comes first. */
function prioritized(pods: readonly Pod[]): readonly Pod[] {
  const owners = new Set<string>();
  const first: Pod[] = [];
  const others: Pod[] = [];
  for (const pod of pods) {
    const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid;
    (owner !== undefined && owners.has(owner) ? others : first).push(pod);
    if (owner !== undefined) owners.add(owner);
  }
  return [...first, ...others];
}
