import { type FieldError, type FieldPath, fieldError } from "../../../api/field-error.ts";

/** Refuses `..` as a part of a path. */
export function checkNoBacksteps(errors: FieldError[], path: FieldPath, value: string): void {
  if (hasBacksteps(value)) errors.push(fieldError.invalid(path, value, "must not contain '..'"));
}

/** True when `..` is a part of the path. */
export function hasBacksteps(value: string): boolean {
  return value.includes("..") && value.split("/").includes("..");
}

/** Requires a relative path that does not lead upwards. */
export function checkDescendingPath(errors: FieldError[], path: FieldPath, value: string): void {
  if (value.startsWith("/")) errors.push(fieldError.invalid(path, value, "must be a relative path"));
  checkNoBacksteps(errors, path, value);
}

/** As `checkDescendingPath`, and names that begin with two dots are kept for the volume's own use. */
export function checkVolumeFilePath(errors: FieldError[], path: FieldPath, value: string): void {
  checkDescendingPath(errors, path, value);
  if (value.startsWith("..") && !value.startsWith("../"))
    errors.push(fieldError.invalid(path, value, "must not start with '..'"));
}

/** Checks permission bits; none are fine. */
export function checkFileMode(errors: FieldError[], path: FieldPath, mode: number | undefined): void {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return;
  errors.push(fieldError.invalid(path, mode, "must be a number between 0 and 0777 (octal), both inclusive"));
}
