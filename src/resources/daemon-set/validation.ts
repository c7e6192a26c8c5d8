import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import type { DaemonSet, DaemonSetSpec, DaemonSetStatus, DaemonSetUpdateStrategy } from "../../api/types/apps-v1.ts";
import { checkLabelSelector, requireNonNegative } from "../field-checks.ts";
import { checkAtMostAll, checkIntOrPercent, intOrPercentValue } from "../int-or-percent.ts";
import {
  checkTemplateLabels,
  compilePodSelector,
  isEmptySelector,
  requireSameSelector,
  selectorForm,
} from "../pod-selector.ts";
import { checkLastingTemplate } from "../pod-template.ts";
import { checkCollisionCount, checkCounts } from "../replica-counts.ts";

const specPath = FieldPath.of("spec");
const statusPath = FieldPath.of("status");
const selectorPath = specPath.child("selector");
const templatePath = specPath.child("template");
const strategyTypes = ["RollingUpdate", "OnDelete"];

/** What is wrong with a new DaemonSet. */
export function validateDaemonSet(set: DaemonSet): FieldError[] {
  const errors: FieldError[] = [];
  checkSpec(errors, set.spec, undefined);
  return errors;
}

/** What is wrong with a change of a DaemonSet. */
export function validateDaemonSetUpdate(set: DaemonSet, old: DaemonSet): FieldError[] {
  const errors: FieldError[] = [];
  requireSameSelector(errors, selectorPath, set.spec.selector, old.spec.selector);
  checkSpec(errors, set.spec, old.spec);
  return errors;
}

/** What is wrong with what is told of a DaemonSet. */
export function validateDaemonSetStatusUpdate({ status }: DaemonSet, { status: old }: DaemonSet): FieldError[] {
  const errors: FieldError[] = [];
  checkCounts<DaemonSetStatus>(errors, statusPath, status, [
    "currentNumberScheduled",
    "numberMisscheduled",
    "desiredNumberScheduled",
    "numberReady",
    "observedGeneration",
    "updatedNumberScheduled",
    "numberAvailable",
    "numberUnavailable",
    "collisionCount",
  ]);
  checkCollisionCount(errors, statusPath, status.collisionCount, old.collisionCount);
  return errors;
}

function checkSpec(errors: FieldError[], spec: DaemonSetSpec, old: DaemonSetSpec | undefined): void {
  checkLabelSelector(errors, selectorPath, spec.selector, {
    // What an old selector already broke stays allowed.
    allowInvalidValues: old !== undefined && hasSelectorFaults(old),
  });
  const selector = compilePodSelector(spec.selector);
  if (selector !== undefined) checkTemplateLabels(errors, templatePath, selector, spec.template.metadata.labels);
  if (spec.selector !== null && spec.selector !== undefined && isEmptySelector(spec.selector))
    errors.push(
      fieldError.invalid(selectorPath, selectorForm(spec.selector), "empty selector is invalid for daemonset"),
    );
  checkLastingTemplate(errors, templatePath, spec.template, old?.template, "DaemonSet");
  requireNonNegative(errors, specPath.child("minReadySeconds"), spec.minReadySeconds);
  checkStrategy(errors, specPath.child("updateStrategy"), spec.updateStrategy);
  requireNonNegative(errors, specPath.child("revisionHistoryLimit"), spec.revisionHistoryLimit);
}

function hasSelectorFaults({ selector }: DaemonSetSpec): boolean {
  const errors: FieldError[] = [];
  checkLabelSelector(errors, selectorPath, selector);
  return errors.length > 0;
}

function checkStrategy(errors: FieldError[], path: FieldPath, strategy: DaemonSetUpdateStrategy): void {
  const { type, rollingUpdate } = strategy;
  if (type === "OnDelete") return;
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate ?? {};
  if (type !== "RollingUpdate") {
    const limits = rollingUpdate === undefined ? null : { MaxUnavailable: maxUnavailable, MaxSurge: maxSurge };
    errors.push(fieldError.notSupported(path, { Type: type, RollingUpdate: limits }, strategyTypes));
    return;
  }
  const unavailablePath = path.child("rollingUpdate").child("maxUnavailable");
  const surgePath = path.child("rollingUpdate").child("maxSurge");
  checkIntOrPercent(errors, unavailablePath, maxUnavailable);
  checkIntOrPercent(errors, surgePath, maxSurge);
  checkAtMostAll(errors, unavailablePath, maxUnavailable);
  checkAtMostAll(errors, surgePath, maxSurge);
  const hasUnavailable = intOrPercentValue(maxUnavailable) !== 0;
  const hasSurge = intOrPercentValue(maxSurge) !== 0;
  if (hasUnavailable && hasSurge)
    errors.push(fieldError.invalid(surgePath, maxSurge, "may not be set when maxUnavailable is non-zero"));
  if (!hasUnavailable && !hasSurge) errors.push(fieldError.required(unavailablePath, "cannot be 0 when maxSurge is 0"));
}
