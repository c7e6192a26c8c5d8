import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import type { ReplicaSet, ReplicaSetSpec, ReplicaSetStatus } from "../../api/types/apps-v1.ts";
import { requireNonNegative } from "../field-checks.ts";
import { checkPodSelector, compilePodSelector, requireSameSelector, selectorForm } from "../pod-selector.ts";
import { checkReplicaTemplate } from "../pod-template.ts";
import { checkCounts, checkReplicaCounts } from "../replica-counts.ts";

const specPath = FieldPath.of("spec");
const statusPath = FieldPath.of("status");
const selectorPath = specPath.child("selector");

/** What is wrong with a new ReplicaSet. */
export function validateReplicaSet(set: ReplicaSet): FieldError[] {
  return validateSpec(set.spec, undefined);
}

/** What is wrong with a change of a ReplicaSet. */
export function validateReplicaSetUpdate(set: ReplicaSet, old: ReplicaSet): FieldError[] {
  const errors = validateSpec(set.spec, old.spec);
  requireSameSelector(errors, selectorPath, set.spec.selector, old.spec.selector);
  return errors;
}

/** What is wrong with what is told of a ReplicaSet. */
export function validateReplicaSetStatusUpdate({ status }: ReplicaSet): FieldError[] {
  const errors: FieldError[] = [];
  checkCounts<ReplicaSetStatus>(errors, statusPath, status, [
    "replicas",
    "fullyLabeledReplicas",
    "readyReplicas",
    "availableReplicas",
    "observedGeneration",
    "terminatingReplicas",
  ]);
  checkReplicaCounts(errors, statusPath, status, ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"]);
  return errors;
}

function validateSpec(spec: ReplicaSetSpec, old: ReplicaSetSpec | undefined): FieldError[] {
  const errors: FieldError[] = [];
  requireNonNegative(errors, specPath.child("replicas"), spec.replicas);
  requireNonNegative(errors, specPath.child("minReadySeconds"), spec.minReadySeconds);
  // Upstream's message names the other kind here.
  checkPodSelector(errors, selectorPath, spec.selector, "deployment");
  const selector = compilePodSelector(spec.selector);
  if (selector === undefined)
    errors.push(fieldError.invalid(selectorPath, selectorForm(spec.selector), "invalid label selector"));
  else checkReplicaTemplate(errors, specPath.child("template"), spec.template, old?.template, selector);
  return errors;
}
