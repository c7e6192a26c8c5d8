import { type FieldError, type FieldPath, fieldError } from "../../../api/field-error.ts";
import type { JobSpec } from "../../../api/types/batch-v1.ts";
import type { PodTemplateSpec } from "../../../api/types/core-v1.ts";
import { utf8Length } from "../../../api/utf8.ts";
import { checkDomainPrefixedPath, requireNonNegative, requireOneOf } from "../../field-checks.ts";
import { toInternalForm } from "../../internal-form/internal-form.ts";
import { checkPodTemplate } from "../../pod/validation/template.ts";
import { checkFailurePolicy } from "./failure-policy.ts";
import { checkSuccessPolicy } from "./success-policy.ts";

const maxIndexedParallelism = 100_000;
const maxFailedIndexes = 100_000;
/** More completions than this need tighter limits, so that the status stays small. */
const manyCompletions = 100_000;
const maxOfMany = 10_000;
const maxManagerBytes = 63;
const counts = [
  "parallelism",
  "completions",
  "activeDeadlineSeconds",
  "backoffLimit",
  "ttlSecondsAfterFinished",
  "backoffLimitPerIndex",
  "maxFailedIndexes",
] as const;

/**
 * Checks what a Job is to do, also while it is only a template.
 * @param old the template before the change, whose faults are tolerated
 */
export function checkJobSpec(
  errors: FieldError[],
  path: FieldPath,
  spec: JobSpec,
  old: PodTemplateSpec | undefined,
): void {
  for (const field of counts) requireNonNegative(errors, path.child(field), spec[field]);
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined)
    errors.push(fieldError.required(path.child("backoffLimitPerIndex"), "when maxFailedIndexes is specified"));
  if (spec.managedBy !== undefined) checkManager(errors, path.child("managedBy"), spec.managedBy);
  checkCompletionMode(errors, path, spec);
  if (spec.podFailurePolicy !== undefined)
    checkFailurePolicy(errors, path.child("podFailurePolicy"), spec.podFailurePolicy, spec);
  if (spec.successPolicy !== undefined) {
    const policyPath = path.child("successPolicy");
    if (spec.completionMode === "Indexed") checkSuccessPolicy(errors, policyPath, spec.successPolicy, spec);
    else
      errors.push(
        fieldError.invalid(
          policyPath,
          toInternalForm("SuccessPolicy", spec.successPolicy),
          "requires indexed completion mode",
        ),
      );
  }
  if (spec.podReplacementPolicy !== undefined)
    requireOneOf(
      errors,
      path.child("podReplacementPolicy"),
      spec.podReplacementPolicy,
      spec.podFailurePolicy === undefined ? ["Failed", "TerminatingOrFailed"] : ["Failed"],
    );
  checkPodTemplate(errors, path.child("template"), spec.template, old);
  checkRestartPolicy(errors, path.child("template").child("spec").child("restartPolicy"), spec);
}

function checkManager(errors: FieldError[], path: FieldPath, manager: string): void {
  checkDomainPrefixedPath(errors, path, manager);
  if (utf8Length(manager) > maxManagerBytes) errors.push(fieldError.tooLong(path, maxManagerBytes));
}

function checkCompletionMode(errors: FieldError[], path: FieldPath, spec: JobSpec): void {
  const { completionMode, backoffLimitPerIndex, maxFailedIndexes: maxFailed } = spec;
  if (completionMode !== undefined)
    requireOneOf(errors, path.child("completionMode"), completionMode, ["NonIndexed", "Indexed"]);
  if (completionMode === "Indexed") checkIndexed(errors, path, spec);
  if (completionMode !== undefined && completionMode !== "NonIndexed") return;
  if (backoffLimitPerIndex !== undefined)
    errors.push(
      fieldError.invalid(path.child("backoffLimitPerIndex"), backoffLimitPerIndex, "requires indexed completion mode"),
    );
  if (maxFailed !== undefined)
    errors.push(fieldError.invalid(path.child("maxFailedIndexes"), maxFailed, "requires indexed completion mode"));
}

function checkIndexed(errors: FieldError[], path: FieldPath, spec: JobSpec): void {
  const { completions, parallelism = 0, maxFailedIndexes: maxFailed, backoffLimitPerIndex } = spec;
  const parallelismPath = path.child("parallelism");
  const maxFailedPath = path.child("maxFailedIndexes");
  if (completions === undefined)
    errors.push(fieldError.required(path.child("completions"), "when completion mode is Indexed"));
  if (parallelism > maxIndexedParallelism)
    errors.push(
      fieldError.invalid(
        parallelismPath,
        parallelism,
        `must be less than or equal to ${maxIndexedParallelism} when completion mode is Indexed`,
      ),
    );
  if (completions !== undefined && maxFailed !== undefined && maxFailed > completions)
    errors.push(fieldError.invalid(maxFailedPath, maxFailed, "must be less than or equal to completions"));
  if (maxFailed !== undefined && maxFailed > maxFailedIndexes)
    errors.push(fieldError.invalid(maxFailedPath, maxFailed, `must be less than or equal to ${maxFailedIndexes}`));
  if ((completions ?? 0) <= manyCompletions || backoffLimitPerIndex === undefined) return;
  const fault = `must be less than or equal to ${maxOfMany} when completions are above ${manyCompletions} and used with backoff limit per index`;
  if (maxFailed === undefined)
    errors.push(fieldError.required(maxFailedPath, `must be specified when completions is above ${manyCompletions}`));
  if (parallelism > maxOfMany) errors.push(fieldError.invalid(parallelismPath, parallelism, fault));
  if (maxFailed !== undefined && maxFailed > maxOfMany)
    errors.push(fieldError.invalid(maxFailedPath, maxFailed, fault));
}

function checkRestartPolicy(errors: FieldError[], path: FieldPath, { template, podFailurePolicy }: JobSpec): void {
  const policy = template.spec.restartPolicy ?? "";
  if (policy === "Always" || policy === "")
    errors.push(fieldError.required(path, 'valid values: "OnFailure", "Never"'));
  else if (policy !== "OnFailure" && policy !== "Never")
    errors.push(fieldError.notSupported(path, policy, ["OnFailure", "Never"]));
  else if (podFailurePolicy !== undefined && policy !== "Never")
    errors.push(fieldError.invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified'));
}
