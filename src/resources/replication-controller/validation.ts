import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { selectLabels } from "../../api/label-selector.ts";
import type {
  ReplicationController,
  ReplicationControllerSpec,
  ReplicationControllerStatus,
} from "../../api/types/core-v1.ts";
import { requireNonNegative } from "../field-checks.ts";
import { checkTemplateLabels } from "../pod-selector.ts";
import { checkLastingTemplate } from "../pod-template.ts";
import { checkCounts, checkReplicaCounts } from "../replica-counts.ts";

const specPath = FieldPath.of("spec");
const statusPath = FieldPath.of("status");

/** What is wrong with a new ReplicationController. */
export function validateReplicationController({ spec }: ReplicationController): FieldError[] {
  return validateSpec(spec, undefined);
}

/** What is wrong with a change of a ReplicationController. */
export function validateReplicationControllerUpdate(
  { spec }: ReplicationController,
  old: ReplicationController,
): FieldError[] {
  return validateSpec(spec, old.spec);
}

/** What is wrong with what is told of a ReplicationController. */
export function validateReplicationControllerStatusUpdate({ status }: ReplicationController): FieldError[] {
  const errors: FieldError[] = [];
  checkCounts<ReplicationControllerStatus>(errors, statusPath, status, [
    "replicas",
    "fullyLabeledReplicas",
    "readyReplicas",
    "availableReplicas",
    "observedGeneration",
  ]);
  checkReplicaCounts(errors, statusPath, status, ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"]);
  return errors;
}

function validateSpec(spec: ReplicationControllerSpec, old: ReplicationControllerSpec | undefined): FieldError[] {
  const errors: FieldError[] = [];
  requireNonNegative(errors, specPath.child("minReadySeconds"), spec.minReadySeconds);
  const selector = selectLabels(spec.selector);
  if (selector.isEverything) errors.push(fieldError.required(specPath.child("selector")));
  requireNonNegative(errors, specPath.child("replicas"), spec.replicas);
  const templatePath = specPath.child("template");
  if (spec.template === undefined) {
    errors.push(fieldError.required(templatePath));
    return errors;
  }
  checkTemplateLabels(errors, templatePath, selector, spec.template.metadata.labels);
  checkLastingTemplate(errors, templatePath, spec.template, old?.template, "ReplicationController");
  return errors;
}
