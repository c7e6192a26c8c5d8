import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerSpec,
  HPAScalingPolicy,
  HPAScalingRules,
} from "../../api/types/autoscaling-v2.ts";
import { negativeFault, requireNonNegative, requireOneOf } from "../field-checks.ts";
import { checkMetric } from "./metric-validation.ts";
import { checkReference, type ReferenceRules, versionFault } from "./reference-validation.ts";

const specPath = FieldPath.of("spec");
const statusPath = FieldPath.of("status");
const maxWindowSeconds = 3600;
const maxPeriodSeconds = 1800;
const notPositive = "must be greater than zero";

interface Rules {
  readonly leastReplicas: number;
  readonly target: ReferenceRules;
  readonly measured: ReferenceRules;
}

/** What is wrong with a new autoscaler. */
export function validateAutoscaler({ spec }: HorizontalPodAutoscaler): FieldError[] {
  return validateSpec(spec, rulesFor(spec, undefined));
}

/** What is wrong with a change of an autoscaler. */
export function validateAutoscalerUpdate(
  { spec }: HorizontalPodAutoscaler,
  old: HorizontalPodAutoscaler,
): FieldError[] {
  return validateSpec(spec, rulesFor(spec, old.spec));
}

/** What is wrong with what is told of an autoscaler. */
export function validateAutoscalerStatusUpdate({ status }: HorizontalPodAutoscaler): FieldError[] {
  const errors: FieldError[] = [];
  requireNonNegative(errors, statusPath.child("currentReplicas"), status.currentReplicas);
  requireNonNegative(errors, statusPath.child("desiredReplicas"), status.desiredReplicas);
  return errors;
}

function rulesFor(spec: HorizontalPodAutoscalerSpec, old: HorizontalPodAutoscalerSpec | undefined): Rules {
  const { kind, apiVersion } = spec.scaleTargetRef;
  const isKnown = old?.scaleTargetRef.kind === kind && old.scaleTargetRef.apiVersion === apiVersion;
  const measured: ReferenceRules = { allowEmptyGroup: true, allowInvalidVersion: false };
  const hadFaults = (old?.metrics ?? []).some(
    ({ type, object }) =>
      type === "Object" && object !== undefined && versionFault(object.describedObject, measured) !== undefined,
  );
  return {
    leastReplicas: old?.minReplicas === 0 ? 0 : 1,
    // What was let pass once, before versions were looked at, stays; the core group has no name.
    target: { allowInvalidVersion: isKnown, allowEmptyGroup: kind === "ReplicationController" },
    measured: { ...measured, allowInvalidVersion: hadFaults },
  };
}

function validateSpec(spec: HorizontalPodAutoscalerSpec, rules: Rules): FieldError[] {
  const errors: FieldError[] = [];
  const { minReplicas: least, maxReplicas: most, metrics = [], behavior } = spec;
  const mostPath = specPath.child("maxReplicas");
  if (least !== undefined && least < rules.leastReplicas)
    errors.push(
      fieldError.invalid(
        specPath.child("minReplicas"),
        least,
        `must be greater than or equal to ${rules.leastReplicas}`,
      ),
    );
  if (most === 0) errors.push(fieldError.required(mostPath, "must be set and greater than 0"));
  else if (most < 0) errors.push(fieldError.invalid(mostPath, most, "must be greater than or equal to 1"));
  if (least !== undefined && most < least)
    errors.push(fieldError.invalid(mostPath, most, "must be greater than or equal to `minReplicas`"));
  checkReference(errors, specPath.child("scaleTargetRef"), spec.scaleTargetRef, rules.target);
  const metricsPath = specPath.child("metrics");
  for (const [index, metric] of metrics.entries())
    checkMetric(errors, metricsPath.index(index), metric, rules.measured);
  if (least === 0 && !metrics.some(({ type }) => type === "Object" || type === "External"))
    errors.push(
      fieldError.forbidden(
        metricsPath,
        "must specify at least one Object or External metric to support scaling to zero replicas",
      ),
    );
  for (const direction of ["scaleUp", "scaleDown"] as const) {
    const scaling = behavior?.[direction];
    if (scaling !== undefined) checkScaling(errors, specPath.child("behavior").child(direction), scaling);
  }
  return errors;
}

function checkScaling(errors: FieldError[], path: FieldPath, rules: HPAScalingRules): void {
  const { stabilizationWindowSeconds: window = 0, selectPolicy, policies = [], tolerance } = rules;
  const windowPath = path.child("stabilizationWindowSeconds");
  if (window < 0) errors.push(fieldError.invalid(windowPath, window, "must be greater than or equal to zero"));
  if (window > maxWindowSeconds)
    errors.push(fieldError.invalid(windowPath, window, `must be less than or equal to ${maxWindowSeconds}`));
  if (selectPolicy !== undefined)
    requireOneOf(errors, path.child("selectPolicy"), selectPolicy, ["Disabled", "Max", "Min"]);
  if (policies.length === 0)
    errors.push(fieldError.required(path.child("policies"), "must specify at least one Policy"));
  for (const [index, policy] of policies.entries()) checkPolicy(errors, path.child("policies").index(index), policy);
  if (tolerance?.startsWith("-") === true)
    errors.push(fieldError.invalid(path.child("tolerance"), tolerance, negativeFault));
}

function checkPolicy(errors: FieldError[], path: FieldPath, { type, value, periodSeconds }: HPAScalingPolicy): void {
  const periodPath = path.child("periodSeconds");
  requireOneOf(errors, path.child("type"), type, ["Percent", "Pods"]);
  if (value <= 0) errors.push(fieldError.invalid(path.child("value"), value, notPositive));
  if (periodSeconds <= 0) errors.push(fieldError.invalid(periodPath, periodSeconds, notPositive));
  if (periodSeconds > maxPeriodSeconds)
    errors.push(fieldError.invalid(periodPath, periodSeconds, `must be less than or equal to ${maxPeriodSeconds}`));
}
