import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import type {
  PodDisruptionBudget,
  PodDisruptionBudgetSpec,
  PodDisruptionBudgetStatus,
} from "../../api/types/policy-v1.ts";
import { checkConditions } from "../conditions.ts";
import { checkLabelSelector, requireOneOf } from "../field-checks.ts";
import { checkAtMostAll, checkIntOrPercent } from "../int-or-percent.ts";
import { selectorForm } from "../pod-selector.ts";
import { checkCounts } from "../replica-counts.ts";

const specPath = FieldPath.of("spec");
const statusPath = FieldPath.of("status");
const evictionPolicies = ["AlwaysAllow", "IfHealthyBudget"];

/** What is wrong with a new budget. */
export function validatePodDisruptionBudget({ spec }: PodDisruptionBudget): FieldError[] {
  return validateSpec(spec, false);
}

/** What is wrong with a change of a budget. */
export function validatePodDisruptionBudgetUpdate(
  { spec }: PodDisruptionBudget,
  old: PodDisruptionBudget,
): FieldError[] {
  const faults: FieldError[] = [];
  checkLabelSelector(faults, specPath, old.spec.selector);
  return validateSpec(spec, faults.length > 0);
}

/** What is wrong with what is told of a budget. */
export function validatePodDisruptionBudgetStatusUpdate({ status }: PodDisruptionBudget): FieldError[] {
  const errors: FieldError[] = [];
  checkConditions(errors, statusPath.child("conditions"), status.conditions);
  checkCounts<PodDisruptionBudgetStatus>(errors, statusPath, status, [
    "disruptionsAllowed",
    "currentHealthy",
    "desiredHealthy",
    "expectedPods",
  ]);
  return errors;
}

function validateSpec(spec: PodDisruptionBudgetSpec, allowInvalidValues: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: policy } = spec;
  if (minAvailable !== undefined && maxUnavailable !== undefined)
    errors.push(
      fieldError.invalid(
        specPath,
        {
          MinAvailable: minAvailable,
          Selector: selectorForm(selector),
          MaxUnavailable: maxUnavailable,
          UnhealthyPodEvictionPolicy: policy ?? null,
        },
        "minAvailable and maxUnavailable cannot be both set",
      ),
    );
  for (const field of ["minAvailable", "maxUnavailable"] as const) {
    const value = spec[field];
    if (value === undefined) continue;
    checkIntOrPercent(errors, specPath.child(field), value);
    checkAtMostAll(errors, specPath.child(field), value);
  }
  checkLabelSelector(errors, specPath.child("selector"), selector, { allowInvalidValues });
  if (policy !== undefined)
    requireOneOf(errors, specPath.child("unhealthyPodEvictionPolicy"), policy, evictionPolicies);
  return errors;
}
