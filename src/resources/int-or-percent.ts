/** Counts that may also be given as a share, such as `maxSurge: 25%`. */
import { type FieldError, type FieldPath, fieldError } from "../api/field-error.ts";
import { requireNonNegative } from "./field-checks.ts";

const percentPattern = /^[0-9]+%$/;
const percentFault =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

/** Checks that a value is a count or a percentage. */
export function checkIntOrPercent(errors: FieldError[], path: FieldPath, value: number | string): void {
  if (typeof value === "number") requireNonNegative(errors, path, value);
  else if (!percentPattern.test(value)) errors.push(fieldError.invalid(path, value, percentFault));
}

/** Checks that a share is no more than all. */
export function checkAtMostAll(errors: FieldError[], path: FieldPath, value: number | string): void {
  if (typeof value === "string" && percentPattern.test(value) && intOrPercentValue(value) > 100)
    errors.push(fieldError.invalid(path, value, "must not be greater than 100%"));
}

/** The number of a count or of a percentage; 0 for what is neither. */
export function intOrPercentValue(value: number | string): number {
  if (typeof value === "number") return value;
  return /^[+-]?[0-9]+%?$/.test(value) ? Number.parseInt(value, 10) : 0;
}
