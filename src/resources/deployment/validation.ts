import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import type { Deployment, DeploymentSpec, DeploymentStatus, DeploymentStrategy } from "../../api/types/apps-v1.ts";
import { requireNonNegative } from "../field-checks.ts";
import { checkAtMostAll, checkIntOrPercent, intOrPercentValue } from "../int-or-percent.ts";
import { checkPodSelector, compilePodSelector, requireSameSelector, selectorForm } from "../pod-selector.ts";
import { checkReplicaTemplate } from "../pod-template.ts";
import { checkCollisionCount, checkCounts, checkReplicaCounts } from "../replica-counts.ts";

const specPath = FieldPath.of("spec");
const statusPath = FieldPath.of("status");
const selectorPath = specPath.child("selector");
const strategyTypes = ["Recreate", "RollingUpdate"];

/** What is wrong with a new Deployment. */
export function validateDeployment(deployment: Deployment): FieldError[] {
  return validateSpec(deployment.spec, undefined);
}

/** What is wrong with a change of a Deployment. */
export function validateDeploymentUpdate(deployment: Deployment, old: Deployment): FieldError[] {
  const errors = validateSpec(deployment.spec, old.spec);
  requireSameSelector(errors, selectorPath, deployment.spec.selector, old.spec.selector);
  return errors;
}

/** What is wrong with what is told of a Deployment. */
export function validateDeploymentStatusUpdate({ status }: Deployment, { status: old }: Deployment): FieldError[] {
  const errors: FieldError[] = [];
  checkCounts<DeploymentStatus>(errors, statusPath, status, [
    "observedGeneration",
    "replicas",
    "updatedReplicas",
    "readyReplicas",
    "availableReplicas",
    "unavailableReplicas",
    "terminatingReplicas",
    "collisionCount",
  ]);
  checkReplicaCounts(errors, statusPath, status, ["updatedReplicas", "readyReplicas", "availableReplicas"]);
  checkCollisionCount(errors, statusPath, status.collisionCount, old.collisionCount);
  return errors;
}

function validateSpec(spec: DeploymentSpec, old: DeploymentSpec | undefined): FieldError[] {
  const errors: FieldError[] = [];
  requireNonNegative(errors, specPath.child("replicas"), spec.replicas);
  checkPodSelector(errors, selectorPath, spec.selector, "deployment");
  const selector = compilePodSelector(spec.selector);
  if (selector === undefined)
    errors.push(fieldError.invalid(selectorPath, selectorForm(spec.selector), "invalid label selector"));
  else checkReplicaTemplate(errors, specPath.child("template"), spec.template, old?.template, selector);
  checkStrategy(errors, specPath.child("strategy"), spec.strategy);
  requireNonNegative(errors, specPath.child("minReadySeconds"), spec.minReadySeconds);
  requireNonNegative(errors, specPath.child("revisionHistoryLimit"), spec.revisionHistoryLimit);
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec;
  const deadlinePath = specPath.child("progressDeadlineSeconds");
  requireNonNegative(errors, deadlinePath, deadline);
  if (deadline !== undefined && deadline <= minReadySeconds)
    errors.push(fieldError.invalid(deadlinePath, deadline, "must be greater than minReadySeconds"));
  return errors;
}

function checkStrategy(errors: FieldError[], path: FieldPath, strategy: DeploymentStrategy): void {
  const { type, rollingUpdate } = strategy;
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate ?? {};
  if (type === "Recreate") {
    if (rollingUpdate !== undefined)
      errors.push(
        fieldError.forbidden(path.child("rollingUpdate"), "may not be specified when strategy `type` is 'Recreate'"),
      );
    return;
  }
  if (type !== "RollingUpdate") {
    const limits = rollingUpdate === undefined ? null : { MaxUnavailable: maxUnavailable, MaxSurge: maxSurge };
    errors.push(fieldError.notSupported(path, { Type: type, RollingUpdate: limits }, strategyTypes));
    return;
  }
  const unavailablePath = path.child("rollingUpdate").child("maxUnavailable");
  checkIntOrPercent(errors, unavailablePath, maxUnavailable);
  checkIntOrPercent(errors, path.child("rollingUpdate").child("maxSurge"), maxSurge);
  if (intOrPercentValue(maxUnavailable) === 0 && intOrPercentValue(maxSurge) === 0)
    errors.push(fieldError.invalid(unavailablePath, maxUnavailable, "may not be 0 when `maxSurge` is 0"));
  checkAtMostAll(errors, unavailablePath, maxUnavailable);
}
