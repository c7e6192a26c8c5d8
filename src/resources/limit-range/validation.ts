import { type FieldError, type FieldPath, fieldError } from "../../api/field-error.ts";
import { checkLabelKey } from "../../api/names.ts";
import { compareQuantities, parseQuantity } from "../../api/quantity.ts";
import type { LimitRangeItem } from "../../api/types/core-v1.ts";
import { addFaults } from "../field-checks.ts";
import { checkContainerResourceName, checkResourceName, isOvercommitAllowed } from "../resource-names.ts";

const standardTypes: ReadonlySet<string> = new Set(["Pod", "Container", "PersistentVolumeClaim"]);
const amountFields = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] as const;
/** Above this upstream compares whole units instead of thousandths. */
const maxMilliNanos = ((2n ** 63n - 1n) / 1000n) * 1_000_000_000n;

/** What is wrong with the bounds of a limit range. */
export function checkLimits(limits: readonly LimitRangeItem[], path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const types = new Set<string>();
  for (const [index, limit] of limits.entries()) {
    const itemPath = path.index(index);
    checkType(errors, itemPath.child("type"), limit.type);
    if (types.has(limit.type)) errors.push(fieldError.duplicate(itemPath.child("type"), limit.type));
    types.add(limit.type);
    checkNames(errors, itemPath, limit);
    const names = new Set(amountFields.flatMap((field) => Object.keys(allowedAmounts(limit, field))));
    for (const name of [...names].sort()) checkAmounts(errors, itemPath, limit, name);
  }
  return errors;
}

function checkType(errors: FieldError[], path: FieldPath, type: string): void {
  const faults = checkLabelKey(type);
  addFaults(errors, path, type, faults);
  if (faults.length === 0 && !type.includes("/") && !standardTypes.has(type))
    errors.push(fieldError.invalid(path, type, "must be a standard limit type or fully qualified"));
}

/** Pods have no defaults: those that are given are refused and looked at no further. */
function allowedAmounts(limit: LimitRangeItem, field: (typeof amountFields)[number]): Readonly<Record<string, string>> {
  const isRefused = limit.type === "Pod" && (field === "default" || field === "defaultRequest");
  return (isRefused ? undefined : limit[field]) ?? {};
}

function checkNames(errors: FieldError[], path: FieldPath, limit: LimitRangeItem): void {
  const check = limit.type === "Pod" || limit.type === "Container" ? checkContainerResourceName : checkResourceName;
  for (const field of amountFields) {
    if (field === "maxLimitRequestRatio") requireStorage(errors, path, limit);
    const isGiven = Object.keys(limit[field] ?? {}).length > 0;
    if (isGiven && limit.type === "Pod" && (field === "default" || field === "defaultRequest"))
      errors.push(fieldError.forbidden(path.child(field), "may not be specified when `type` is 'Pod'"));
    for (const name of Object.keys(allowedAmounts(limit, field)).sort())
      check(errors, path.child(field).key(name), name);
  }
}

function requireStorage(errors: FieldError[], path: FieldPath, { type, min, max }: LimitRangeItem): void {
  if (type !== "PersistentVolumeClaim" || min?.["storage"] !== undefined || max?.["storage"] !== undefined) return;
  const detail = "either minimum or maximum storage value is required, but neither was provided";
  errors.push(fieldError.required(path.child("limits"), detail));
}

/** Checks that the amounts of one resource do not contradict each other. */
function checkAmounts(errors: FieldError[], path: FieldPath, limit: LimitRangeItem, name: string): void {
  const [max, min, byDefault, defaultRequest, ratio] = amountFields.map((field) => allowedAmounts(limit, field)[name]);
  const refuseAbove = (
    field: string,
    shown: string | undefined,
    [lower, lowerTitle]: readonly [string | undefined, string],
    [upper, upperTitle]: readonly [string | undefined, string],
  ): void => {
    if (lower === undefined || upper === undefined || compareQuantities(lower, upper) <= 0) return;
    const detail = `${lowerTitle} value ${lower} is greater than ${upperTitle} value ${upper}`;
    errors.push(fieldError.invalid(path.child(field).key(name), shown, detail));
  };
  refuseAbove("min", min, [min, "min"], [max, "max"]);
  refuseAbove("defaultRequest", defaultRequest, [min, "min"], [defaultRequest, "default request"]);
  refuseAbove("defaultRequest", defaultRequest, [defaultRequest, "default request"], [max, "max"]);
  refuseAbove("defaultRequest", defaultRequest, [defaultRequest, "default request"], [byDefault, "default limit"]);
  refuseAbove("default", min, [min, "min"], [byDefault, "default"]);
  refuseAbove("default", max, [byDefault, "default"], [max, "max"]);
  if (ratio !== undefined) checkRatio(errors, path.child("maxLimitRequestRatio").key(name), ratio, min, max);
  if (isOvercommitAllowed(name) || byDefault === undefined || defaultRequest === undefined) return;
  if (compareQuantities(byDefault, defaultRequest) !== 0) {
    const detail = `default value ${byDefault} must equal to defaultRequest value ${defaultRequest} in ${name}`;
    errors.push(fieldError.invalid(path.child("defaultRequest").key(name), defaultRequest, detail));
  }
}

function checkRatio(
  errors: FieldError[],
  path: FieldPath,
  ratio: string,
  min: string | undefined,
  max: string | undefined,
): void {
  if (compareQuantities(ratio, "1") < 0) errors.push(fieldError.invalid(path, ratio, `ratio ${ratio} is less than 1`));
  if (min === undefined || max === undefined) return;
  const amounts = [ratio, max, min].map((amount) => parseQuantity(amount).nanos);
  const unit = amounts.every((nanos) => nanos < maxMilliNanos) ? 1_000_000n : 1_000_000_000n;
  const [ratioValue = 0, maxValue = 0, minValue = 0] = amounts.map((nanos) => Number((nanos + unit - 1n) / unit));
  const most = maxValue / minValue;
  if (ratioValue / (unit === 1_000_000n ? 1000 : 1) > most)
    errors.push(fieldError.invalid(path, ratio, `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`));
}
