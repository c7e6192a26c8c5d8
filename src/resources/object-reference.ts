import type { FieldError, FieldPath } from "../api/field-error.ts";
import { checkDnsSubdomain, checkPathSegment } from "../api/names.ts";
import { addFaults, requireName } from "./field-checks.ts";

/** Something named by its group, kind and name. */
interface ObjectReference {
  readonly apiGroup?: string;
  readonly kind: string;
  readonly name: string;
}

/** Checks that a reference can be one, whatever it refers to. */
export function checkObjectReference(errors: FieldError[], path: FieldPath, reference: ObjectReference): void {
  const { apiGroup, kind, name } = reference;
  if (apiGroup !== undefined) addFaults(errors, path.child("apiGroup"), apiGroup, checkDnsSubdomain(apiGroup));
  requireName(errors, path.child("kind"), kind, checkPathSegment);
  requireName(errors, path.child("name"), name, checkPathSegment);
}
