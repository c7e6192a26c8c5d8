import { type FieldError, FieldPath, fieldError } from "../../../api/field-error.ts";

/** From what is forbidden least to what is forbidden most. */
const levels = ["privileged", "baseline", "restricted"] as const;

export type SecurityLevel = (typeof levels)[number];

/** What is asked of pods, as of some minor version of Kubernetes 1. */
export interface SecurityRule {
  readonly level: SecurityLevel;
  readonly minor: number | "latest";
}

/** What a namespace asks of its pods: what is refused, and what is only warned of. */
export interface SecurityPolicy {
  readonly enforce: SecurityRule;
  readonly warn: SecurityRule;
}

const prefix = "pod-security.kubernetes.io/";
const labelsPath = FieldPath.of("metadata").child("labels");
const unlimited: SecurityRule = { level: "privileged", minor: "latest" };
const unlimitedPolicy: SecurityPolicy = { enforce: unlimited, warn: unlimited };

/** The rule as messages name it, for example `baseline:v1.30`. */
export function ruleName({ level, minor }: SecurityRule): string {
  return `${level}:${minor === "latest" ? minor : `v1.${minor}`}`;
}

/** Positive when the first level forbids more. */
export function compareLevels(a: SecurityLevel, b: SecurityLevel): number {
  return levels.indexOf(a) - levels.indexOf(b);
}

/**
 * Reads the labels of a namespace. What cannot be read is enforced most strictly, and not warned of.
 * Source: Kubernetes documentation, "Pod Security Admission".
 */
export function readSecurityPolicy(labels: Readonly<Record<string, string>> | undefined): {
  readonly policy: SecurityPolicy;
  readonly errors: readonly FieldError[];
} {
  if (labels === undefined || !Object.keys(labels).some((name) => name.startsWith(prefix)))
    return { policy: unlimitedPolicy, errors: [] };
  const errors: FieldError[] = [];
  const enforce = readRule(labels, "enforce", "restricted", errors);
  readRule(labels, "audit", "privileged", errors);
  const warn = readRule(labels, "warn", "privileged", errors);
  // Who enforces something wants to hear of it where it is asked for, too.
  const isWarnGiven = labels[`${prefix}warn`] !== undefined;
  const isEnforceGiven = isLevel(labels[`${prefix}enforce`]);
  if (isWarnGiven || !isEnforceGiven || compareLevels(enforce.level, warn.level) <= 0)
    return { policy: { enforce, warn }, errors };
  const minor = labels[`${prefix}warn-version`] === undefined ? enforce.minor : warn.minor;
  return { policy: { enforce, warn: { level: enforce.level, minor } }, errors };
}

function readRule(
  labels: Readonly<Record<string, string>>,
  mode: string,
  unreadable: SecurityLevel,
  errors: FieldError[],
): SecurityRule {
  const refuse = (label: string, detail: string): void => {
    errors.push(fieldError.invalid(labelsPath.key(label), labels[label], detail));
  };
  const label = `${prefix}${mode}`;
  const given = labels[label];
  let level: SecurityLevel = "privileged";
  if (isLevel(given)) level = given;
  else if (given !== undefined) {
    level = unreadable;
    refuse(label, `must be one of ${levels.join(", ")}`);
  }
  const version = labels[`${label}-version`];
  if (version === undefined || version === "latest") return { level, minor: "latest" };
  const match = /^v1\.(0|[1-9][0-9]*)$/.exec(version);
  if (match === null) refuse(`${label}-version`, 'must be "latest" or "v1.x"');
  return { level, minor: match === null ? "latest" : Number(match[1]) };
}

function isLevel(text: string | undefined): text is SecurityLevel {
  return (levels as readonly (string | undefined)[]).includes(text);
}
