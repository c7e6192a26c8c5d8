import { type FieldError, type FieldPath, fieldError } from "../../../api/field-error.ts";
import { checkDnsSubdomain, checkLabelKey, checkLabelValue } from "../../../api/names.ts";
import type {
  NodeAffinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
} from "../../../api/types/core-v1.ts";
import { addFaults, checkOperatorValues } from "../../field-checks.ts";

/** Checks which nodes a pod may, or would rather, run on. */
export function checkNodeAffinity(
  errors: FieldError[],
  path: FieldPath,
  affinity: NodeAffinity,
  allowInvalidValues: boolean,
): void {
  const {
    requiredDuringSchedulingIgnoredDuringExecution: required,
    preferredDuringSchedulingIgnoredDuringExecution: preferred = [],
  } = affinity;
  if (required !== undefined)
    checkNodeSelector(
      errors,
      path.child("requiredDuringSchedulingIgnoredDuringExecution"),
      required,
      allowInvalidValues,
    );
  for (const [index, { weight, preference }] of preferred.entries()) {
    const entry = path.child("preferredDuringSchedulingIgnoredDuringExecution").index(index);
    checkWeight(errors, entry.child("weight"), weight);
    // Values that no label can have are always allowed here: a preference that nothing meets harms nobody.
    checkTerm(errors, entry.child("preference"), preference, true);
  }
}

/** Checks the weight of a preference. */
export function checkWeight(errors: FieldError[], path: FieldPath, weight: number): void {
  if (weight <= 0 || weight > 100) errors.push(fieldError.invalid(path, weight, "must be in the range 1-100"));
}

/** Checks a choice of nodes, of which any term suffices. */
export function checkNodeSelector(
  errors: FieldError[],
  path: FieldPath,
  selector: NodeSelector,
  allowInvalidValues = false,
): void {
  const termsPath = path.child("nodeSelectorTerms");
  const terms = selector.nodeSelectorTerms ?? [];
  if (terms.length === 0) errors.push(fieldError.required(termsPath, "must have at least one node selector term"));
  for (const [index, term] of terms.entries()) checkTerm(errors, termsPath.index(index), term, allowInvalidValues);
}

function checkTerm(errors: FieldError[], path: FieldPath, term: NodeSelectorTerm, allowInvalidValues: boolean): void {
  for (const [index, requirement] of (term.matchExpressions ?? []).entries())
    checkRequirement(errors, path.child("matchExpressions").index(index), requirement, allowInvalidValues);
  for (const [index, requirement] of (term.matchFields ?? []).entries())
    checkFieldRequirement(errors, path.child("matchFields").index(index), requirement);
}

function checkRequirement(
  errors: FieldError[],
  path: FieldPath,
  requirement: NodeSelectorRequirement,
  allowInvalidValues: boolean,
): void {
  const { key, operator, values = [] } = requirement;
  if (operator === "Gt" || operator === "Lt") {
    if (values.length !== 1)
      errors.push(
        fieldError.required(path.child("values"), "must be specified single value when `operator` is 'Lt' or 'Gt'"),
      );
  } else {
    checkOperatorValues(errors, path, operator, values);
  }
  addFaults(errors, path.child("key"), key, checkLabelKey(key));
  if (allowInvalidValues) return;
  for (const [index, value] of values.entries())
    addFaults(errors, path.child("values").index(index), value, checkLabelValue(value));
}

function checkFieldRequirement(errors: FieldError[], path: FieldPath, requirement: NodeSelectorRequirement): void {
  const { key, operator, values = [] } = requirement;
  if (operator !== "In" && operator !== "NotIn")
    errors.push(fieldError.invalid(path.child("operator"), operator, "not a valid selector operator"));
  else if (values.length !== 1)
    errors.push(
      fieldError.required(
        path.child("values"),
        "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
      ),
    );
  if (key !== "metadata.name") {
    errors.push(fieldError.invalid(path.child("key"), key, "not a valid field selector key"));
    return;
  }
  for (const [index, value] of values.entries())
    addFaults(errors, path.child("values").index(index), value, checkDnsSubdomain(value));
}
