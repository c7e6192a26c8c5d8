import { baselineChecks } from "./baseline-checks.ts";
import { restrictedChecks } from "./restricted-checks.ts";
import type { CheckedPod, SecurityCheck, Violation } from "./security-check.ts";
import type { SecurityLevel, SecurityRule } from "./security-policy.ts";

/** The version after which nothing new was asked. */
const newestMinor = Math.max(35, ...[...baselineChecks, ...restrictedChecks].map(({ since }) => since));

/** Everything about a pod that a rule forbids. */
export function evaluatePod({ level, minor }: SecurityRule, pod: CheckedPod): readonly Violation[] {
  const version = minor === "latest" ? newestMinor : Math.min(minor, newestMinor);
  return checksOf(level, version).flatMap((check) => check.find(pod, version) ?? []);
}

function checksOf(level: SecurityLevel, minor: number): readonly SecurityCheck[] {
  if (level === "privileged") return [];
  const baseline = baselineChecks.filter(({ since }) => minor >= since);
  if (level === "baseline") return baseline;
  const restricted = restrictedChecks.filter(({ since }) => minor >= since);
  const replaced = new Set(restricted.map(({ replaces }) => replaces));
  return [...baseline.filter(({ id }) => !replaced.has(id)), ...restricted];
}

/** Violations of one pod in a sentence. */
export function describeViolations(violations: readonly Violation[]): string {
  return violations.map(({ reason, detail }) => `${reason} (${detail})`).join(", ");
}
