import { type FieldError, type FieldPath, fieldError } from "../../api/field-error.ts";
import { checkPathSegment } from "../../api/names.ts";
import type { CrossVersionObjectReference } from "../../api/types/autoscaling-v2.ts";
import { requireName } from "../field-checks.ts";

/** What is tolerated of references to what is scaled or measured. */
export interface ReferenceRules {
  readonly allowEmptyGroup: boolean;
  readonly allowInvalidVersion: boolean;
}

/** Checks what is scaled, or measured. */
export function checkReference(
  errors: FieldError[],
  path: FieldPath,
  reference: CrossVersionObjectReference,
  rules: ReferenceRules,
): void {
  requireName(errors, path.child("kind"), reference.kind, checkPathSegment);
  requireName(errors, path.child("name"), reference.name, checkPathSegment);
  const fault = versionFault(reference, rules);
  if (fault !== undefined) errors.push(fieldError.invalid(path.child("apiVersion"), reference.apiVersion ?? "", fault));
}

/** What is wrong with the version that a reference names; undefined when nothing is. */
export function versionFault(
  { apiVersion = "" }: CrossVersionObjectReference,
  rules: ReferenceRules,
): string | undefined {
  if (rules.allowInvalidVersion) return undefined;
  const parts = apiVersion.split("/");
  if (parts.length > 2) return `unexpected GroupVersion string: ${apiVersion}`;
  const group = parts.length === 2 ? parts[0] : "";
  return group === "" && !rules.allowEmptyGroup ? "apiVersion must specify API group" : undefined;
}
