import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { invalid } from "../../api/status-error.ts";
import type { DeleteOptions } from "../../api/types/meta-v1.ts";

/** Options that decide how a write goes. */
export interface WriteRequestOptions {
  readonly dryRun: readonly string[];
  readonly fieldManager: string;
  readonly fieldValidation: string;
}

const maxFieldManagerLength = 128;

/**
 * Checks the options of a create, update or patch.
 * @param kind `CreateOptions` and so on, for the message
 * @throws {StatusError} Invalid
 */
export function checkWriteOptions(kind: string, options: WriteRequestOptions): void {
  const errors: FieldError[] = [];
  const { fieldManager, dryRun, fieldValidation } = options;
  const manager = FieldPath.of("fieldManager");
  if (fieldManager.length > maxFieldManagerLength) errors.push(fieldError.tooLong(manager, maxFieldManagerLength));
  for (const match of fieldManager.matchAll(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu)) {
    const code = (match[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    errors.push(fieldError.invalid(manager, fieldManager, `invalid character U+${code} (at position ${match.index})`));
  }
  errors.push(...checkDryRun(dryRun));
  if (!["", "Ignore", "Strict", "Warn"].includes(fieldValidation))
    errors.push(
      fieldError.notSupported(FieldPath.of("fieldValidation"), fieldValidation, ["", "Ignore", "Strict", "Warn"]),
    );
  if (errors.length > 0) throw invalid({ group: "meta.k8s.io", kind }, "", errors);
}

/**
 * Checks the options of a delete, and gives them back.
 * @throws {StatusError} Invalid
 */
export function checkDeleteOptions(options: DeleteOptions): DeleteOptions {
  const errors: FieldError[] = [];
  const { propagationPolicy, orphanDependents, dryRun } = options;
  const path = FieldPath.of("propagationPolicy");
  if (orphanDependents !== undefined && propagationPolicy !== undefined)
    errors.push(
      fieldError.invalid(path, propagationPolicy, "orphanDependents and deletionPropagation cannot be both set"),
    );
  const policies = ["Foreground", "Background", "Orphan"];
  if (propagationPolicy !== undefined && !policies.includes(propagationPolicy))
    errors.push(fieldError.notSupported(path, propagationPolicy, [...policies, "nil"]));
  errors.push(...checkDryRun(dryRun ?? []));
  if (errors.length > 0) throw invalid({ group: "meta.k8s.io", kind: "DeleteOptions" }, "", errors);
  return options;
}

function checkDryRun(dryRun: readonly string[]): FieldError[] {
  if (dryRun.every((value) => value === "All")) return [];
  return [fieldError.notSupported(FieldPath.of("dryRun"), dryRun, ["All"])];
}
