import { type FieldError, type FieldPath, fieldError } from "../api/field-error.ts";
import { checkLabelKey } from "../api/names.ts";
import { addFaults } from "./field-checks.ts";

/** Finalizers that need no domain. */
const standard: ReadonlySet<string> = new Set(["kubernetes", "orphan", "foregroundDeletion"]);

/** Checks the name of what must happen before an object goes. */
export function checkFinalizer(errors: FieldError[], path: FieldPath, name: string): void {
  addFaults(errors, path, name, checkLabelKey(name));
  if (!name.includes("/") && !standard.has(name))
    errors.push(fieldError.invalid(path, name, "name is neither a standard finalizer name nor is it fully qualified"));
}
