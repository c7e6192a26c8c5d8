/**
 * Checks that many kinds share. Each adds what is wrong to a list of errors, in upstream's words; a value that keeps
 * the rule costs nothing.
 */
import { equalSemantically } from "../api/equal.ts";
import { type FieldError, type FieldPath, fieldError } from "../api/field-error.ts";
import { checkDnsSubdomain, checkLabelKey, checkLabelValue, type Faults } from "../api/names.ts";
import { parseQuantity } from "../api/quantity.ts";
import type { LabelSelector, LabelSelectorRequirement } from "../api/types/meta-v1.ts";
import { utf8Length } from "../api/utf8.ts";
import { isCountedResource } from "./resource-names.ts";

export { equalSemantically as sameValue } from "../api/equal.ts";

/** What a plain negative number is answered with. */
export const negativeFault = "must be greater than or equal to 0";

/** What a change of an unchangeable field is answered with. */
export const immutableFault = "field is immutable";

/** What a number outside a range is answered with. */
export function rangeFault(least: number, most: number): string {
  return `must be between ${least} and ${most}, inclusive`;
}

/** Adds one "Invalid value" for each fault of a text. */
export function addFaults(errors: FieldError[], path: FieldPath, value: unknown, faults: Faults): void {
  for (const fault of faults) errors.push(fieldError.invalid(path, value, fault));
}

/** Adds "Required value" when a text is missing or empty. @returns true when there is one */
export function requireText(errors: FieldError[], path: FieldPath, value: string | undefined, detail = ""): boolean {
  if (value !== undefined && value !== "") return true;
  errors.push(fieldError.required(path, detail));
  return false;
}

/** What is wrong with a whole, whose value the message leaves out. */
export function invalidWhole(path: FieldPath, detail: string): FieldError {
  return { ...fieldError.invalid(path, "", detail), body: `Invalid value: ${detail}` };
}

/** Requires a text that keeps a rule. */
export function requireName(
  errors: FieldError[],
  path: FieldPath,
  value: string | undefined,
  check: (value: string) => Faults,
): void {
  if (value === undefined || value === "") errors.push(fieldError.required(path));
  else addFaults(errors, path, value, check(value));
}

/** Checks a name such as `acme.io/foo`, of which the first part is a domain and the rest a path. */
export function checkDomainPrefixedPath(errors: FieldError[], path: FieldPath, value: string): void {
  const slash = value.indexOf("/");
  const host = value.slice(0, slash);
  const rest = value.slice(slash + 1);
  if (value === "") errors.push(fieldError.required(path));
  else if (slash <= 0 || rest === "")
    errors.push(fieldError.invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")'));
  else {
    addFaults(errors, path, host, checkDnsSubdomain(host));
    if (!/^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(rest))
      errors.push(
        fieldError.invalid(
          path,
          rest,
          "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')",
        ),
      );
  }
}

/** Requires one of a few values; an absent one counts as the empty text. */
export function requireOneOf(
  errors: FieldError[],
  path: FieldPath,
  value: string | undefined,
  supported: readonly string[],
): void {
  if (!supported.includes(value ?? "")) errors.push(fieldError.notSupported(path, value ?? "", supported));
}

/** As `requireOneOf`, but a missing value is "Required value". */
export function requireOneOfGiven(
  errors: FieldError[],
  path: FieldPath,
  value: string | undefined,
  supported: readonly string[],
): void {
  if (value === undefined || value === "") errors.push(fieldError.required(path));
  else if (!supported.includes(value)) errors.push(fieldError.notSupported(path, value, supported));
}

/** Refuses numbers below zero; a missing one is zero. */
export function requireNonNegative(errors: FieldError[], path: FieldPath, value: number | undefined): void {
  if (value !== undefined && value < 0) errors.push(fieldError.invalid(path, value, negativeFault));
}

/** Refuses numbers that are not above zero; a missing one is zero. */
export function requirePositive(errors: FieldError[], path: FieldPath, value: number | undefined): void {
  if ((value ?? 0) <= 0) errors.push(fieldError.invalid(path, value ?? 0, "must be greater than zero"));
}

/** Refuses any difference between the old and the new value. */
export function requireSame(errors: FieldError[], path: FieldPath, value: unknown, old: unknown): void {
  if (!equalSemantically(value, old)) errors.push(fieldError.invalid(path, value, immutableFault));
}

const nanosPerUnit = 1_000_000_000n;

/** Refuses negative amounts, and parts of what is only counted whole. */
export function checkAmount(errors: FieldError[], path: FieldPath, resource: string, amount: string): void {
  if (amount.startsWith("-")) errors.push(fieldError.invalid(path, amount, negativeFault));
  if (isCountedResource(resource) && !isWholeAmount(amount))
    errors.push(fieldError.invalid(path, amount, "must be an integer"));
}

/** True for an amount without a fraction. */
export function isWholeAmount(amount: string): boolean {
  return parseQuantity(amount).nanos % nanosPerUnit === 0n;
}

/** Checks the keys and values of labels. */
export function checkLabels(
  errors: FieldError[],
  path: FieldPath,
  labels: Readonly<Record<string, string>> | undefined,
): void {
  if (labels === undefined) return;
  for (const key of Object.keys(labels)) {
    addFaults(errors, path, key, checkLabelKey(key));
    addFaults(errors, path, labels[key], checkLabelValue(labels[key] as string));
  }
}

/** Most bytes of all annotations of an object, keys and values together. */
const maxAnnotationBytes = 256 * 1024;

/** Checks the keys of annotations, and their size. */
export function checkAnnotations(
  errors: FieldError[],
  path: FieldPath,
  annotations: Readonly<Record<string, string>> | undefined,
): void {
  if (annotations === undefined) return;
  let bytes = 0;
  for (const key of Object.keys(annotations)) {
    addFaults(errors, path, key, checkLabelKey(key.toLowerCase()));
    bytes += utf8Length(key) + utf8Length(annotations[key] as string);
  }
  if (bytes > maxAnnotationBytes) errors.push(fieldError.tooLong(path, maxAnnotationBytes));
}

export interface LabelSelectorRules {
  /** Old objects may hold values that no label can have. Default false. */
  readonly allowInvalidValues?: boolean;
}

/** Checks a selector in object form; a missing one is fine. */
export function checkLabelSelector(
  errors: FieldError[],
  path: FieldPath,
  selector: LabelSelector | null | undefined,
  rules: LabelSelectorRules = {},
): void {
  if (selector === undefined || selector === null) return;
  if (selector.matchLabels !== undefined) checkLabels(errors, path.child("matchLabels"), selector.matchLabels);
  for (const [index, requirement] of (selector.matchExpressions ?? []).entries())
    checkLabelRequirement(errors, path.child("matchExpressions").index(index), requirement, rules);
}

function checkLabelRequirement(
  errors: FieldError[],
  path: FieldPath,
  requirement: LabelSelectorRequirement,
  rules: LabelSelectorRules,
): void {
  const { key, operator, values = [] } = requirement;
  checkOperatorValues(errors, path, operator, values);
  addFaults(errors, path.child("key"), key, checkLabelKey(key));
  if (rules.allowInvalidValues === true) return;
  for (const [index, value] of values.entries())
    addFaults(errors, path.child("values").index(index), value, checkLabelValue(value));
}

/** Checks that a selector's operator has the values it needs. */
export function checkOperatorValues(
  errors: FieldError[],
  path: FieldPath,
  operator: string,
  values: readonly string[],
): void {
  switch (operator) {
    case "In":
    case "NotIn":
      if (values.length === 0)
        errors.push(fieldError.required(path.child("values"), "must be specified when `operator` is 'In' or 'NotIn'"));
      break;
    case "Exists":
    case "DoesNotExist":
      if (values.length > 0)
        errors.push(
          fieldError.forbidden(
            path.child("values"),
            "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
          ),
        );
      break;
    default:
      errors.push(fieldError.invalid(path.child("operator"), operator, "not a valid selector operator"));
  }
}
