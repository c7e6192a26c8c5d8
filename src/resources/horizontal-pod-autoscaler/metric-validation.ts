import { type FieldError, type FieldPath, fieldError } from "../../api/field-error.ts";
import { checkDnsLabel, checkPathSegment } from "../../api/names.ts";
import type { MetricIdentifier, MetricSpec, MetricTarget } from "../../api/types/autoscaling-v2.ts";
import { addFaults, requireText } from "../field-checks.ts";
import { isPositive } from "../resource-list.ts";
import { checkContainerResourceName } from "../resource-names.ts";
import { checkReference, type ReferenceRules } from "./reference-validation.ts";

const types = ["ContainerResource", "External", "Object", "Pods", "Resource"];
const targetTypes: ReadonlySet<string> = new Set(["Utilization", "Value", "AverageValue"]);

/** Sources, in the order in which they are looked at: of several only the first is. */
const sources = ["object", "external", "pods", "resource", "containerResource"] as const;

/** Checks one thing that is measured. */
export function checkMetric(errors: FieldError[], path: FieldPath, metric: MetricSpec, rules: ReferenceRules): void {
  const { type } = metric;
  if (type === "") errors.push(fieldError.required(path.child("type"), "must specify a metric source type"));
  const isKnown = types.includes(type);
  if (!isKnown) errors.push(fieldError.notSupported(path.child("type"), type, types));
  const given = sources.filter((source) => metric[source] !== undefined);
  const [first] = given;
  if (first !== undefined)
    (sourceChecks[first] as SourceCheck<typeof first>)(errors, path.child(first), metric[first] as never, rules);
  const expected = isKnown ? type.charAt(0).toLowerCase() + type.slice(1) : undefined;
  if (expected !== undefined && !given.some((source) => source === expected))
    errors.push(fieldError.required(path.child(expected), "must populate information for the given metric source"));
  // Upstream tells of an unknown type once more here.
  if (!isKnown) errors.push(fieldError.notSupported(path.child("type"), type, types));
  if (given.length === 1) return;
  for (const source of given)
    if (source !== expected)
      errors.push(fieldError.forbidden(path.child(source), "must populate the given metric source only"));
}

/** Checks one kind of source. */
type SourceCheck<K extends (typeof sources)[number]> = (
  errors: FieldError[],
  path: FieldPath,
  source: NonNullable<MetricSpec[K]>,
  rules: ReferenceRules,
) => void;

const sourceChecks: { readonly [K in (typeof sources)[number]]: SourceCheck<K> } = {
  object: (errors, path, { describedObject, metric, target }, rules) => {
    checkReference(errors, path.child("describedObject"), describedObject, rules);
    checkIdentifier(errors, path.child("metric"), metric);
    checkTarget(errors, path.child("target"), target);
    requireValue(errors, path, target, "must set either a target value or averageValue");
  },
  external: (errors, path, { metric, target }) => {
    checkIdentifier(errors, path.child("metric"), metric);
    checkTarget(errors, path.child("target"), target);
    requireValue(errors, path, target, "must set either a target value for metric or a per-pod target");
    if (target.value !== undefined && target.averageValue !== undefined)
      errors.push(
        fieldError.forbidden(
          path.child("target").child("value"),
          "may not set both a target value for metric and a per-pod target",
        ),
      );
  },
  pods: (errors, path, { metric, target }) => {
    checkIdentifier(errors, path.child("metric"), metric);
    checkTarget(errors, path.child("target"), target);
    if (target.averageValue === undefined)
      errors.push(
        fieldError.required(path.child("target").child("averageValue"), "must specify a positive target averageValue"),
      );
  },
  resource: (errors, path, { name, target }) => {
    requireText(errors, path.child("name"), name, "must specify a resource name");
    checkShare(errors, path.child("target"), target);
  },
  containerResource: (errors, path, { name, container, target }) => {
    if (requireText(errors, path.child("name"), name, "must specify a resource name"))
      checkContainerResourceName(errors, path.child("name"), name);
    if (requireText(errors, path.child("container"), container, "must specify a container"))
      addFaults(errors, path.child("container"), container, checkDnsLabel(container));
    checkShare(errors, path.child("target"), target);
  },
};

function requireValue(errors: FieldError[], path: FieldPath, target: MetricTarget, detail: string): void {
  if (target.value === undefined && target.averageValue === undefined)
    errors.push(fieldError.required(path.child("target").child("averageValue"), detail));
}

function checkShare(errors: FieldError[], path: FieldPath, target: MetricTarget): void {
  checkTarget(errors, path, target);
  const { averageUtilization, averageValue } = target;
  if (averageUtilization === undefined && averageValue === undefined)
    errors.push(
      fieldError.required(
        path.child("averageUtilization"),
        "must set either a target raw value or a target utilization",
      ),
    );
  if (averageUtilization !== undefined && averageValue !== undefined)
    errors.push(
      fieldError.forbidden(path.child("averageValue"), "may not set both a target raw value and a target utilization"),
    );
}

function checkTarget(errors: FieldError[], path: FieldPath, target: MetricTarget): void {
  const { type, averageUtilization } = target;
  const typePath = path.child("type");
  if (type === "") errors.push(fieldError.required(typePath, "must specify a metric target type"));
  if (!targetTypes.has(type))
    errors.push(fieldError.invalid(typePath, type, "must be either Utilization, Value, or AverageValue"));
  for (const field of ["value", "averageValue"] as const) {
    const amount = target[field];
    if (amount !== undefined && !isPositive(amount))
      errors.push(fieldError.invalid(path.child(field), amount, "must be positive"));
  }
  if (averageUtilization !== undefined && averageUtilization < 1)
    errors.push(fieldError.invalid(path.child("averageUtilization"), averageUtilization, "must be greater than 0"));
}

function checkIdentifier(errors: FieldError[], path: FieldPath, { name }: MetricIdentifier): void {
  if (requireText(errors, path.child("name"), name, "must specify a metric name"))
    addFaults(errors, path.child("name"), name, checkPathSegment(name));
}
