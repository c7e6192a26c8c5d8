import { type FieldError, FieldPath, fieldError } from "../../../api/field-error.ts";
import { checkDnsLabel } from "../../../api/names.ts";
import type { Job, JobSpec } from "../../../api/types/batch-v1.ts";
import { checkLabelSelector, immutableFault, requireSame, sameValue } from "../../field-checks.ts";
import { toInternalForm } from "../../internal-form/internal-form.ts";
import {
  checkTemplateLabels,
  compilePodSelector,
  requireSameSelector,
  selectorForm,
  sortedMap,
} from "../../pod-selector.ts";
import { jobLabels } from "../selector.ts";
import { checkJobSpec } from "./job-spec.ts";
import { checkTemplateChange } from "./template-change.ts";

const specPath = FieldPath.of("spec");
const selectorPath = specPath.child("selector");
const templatePath = specPath.child("template");
const templateLabelsPath = templatePath.child("metadata").child("labels");

/** What is wrong with a Job. @param old the Job before the change; undefined for a new one */
export function validateJob(job: Job, old: Job | undefined): FieldError[] {
  const errors: FieldError[] = [];
  checkGeneratedSelector(errors, job, old);
  checkWholeSpec(errors, job.spec, old?.spec);
  checkHostnames(errors, job);
  return errors;
}

/** What is wrong with a change of a Job. */
export function validateJobUpdate(job: Job, old: Job): FieldError[] {
  const errors = validateJob(job, old);
  const { spec } = job;
  const { spec: oldSpec } = old;
  // Upstream checks the spec twice: the message leaves repeats out, the list of causes has them.
  if (errors.length > 0) checkWholeSpec(errors, spec, oldSpec);
  checkCompletionsChange(errors, spec, oldSpec);
  requireSameSelector(errors, selectorPath, spec.selector, oldSpec.selector);
  checkTemplateChange(errors, job, old);
  requireSame(errors, specPath.child("completionMode"), spec.completionMode, oldSpec.completionMode);
  requireSamePolicy(errors, "podFailurePolicy", "PodFailurePolicy", spec, oldSpec);
  requireSame(errors, specPath.child("backoffLimitPerIndex"), spec.backoffLimitPerIndex, oldSpec.backoffLimitPerIndex);
  requireSame(errors, specPath.child("managedBy"), spec.managedBy, oldSpec.managedBy);
  requireSamePolicy(errors, "successPolicy", "SuccessPolicy", spec, oldSpec);
  return errors;
}

function checkWholeSpec(errors: FieldError[], spec: JobSpec, old: JobSpec | undefined): void {
  checkJobSpec(errors, specPath, spec, old?.template);
  if (spec.selector === undefined) errors.push(fieldError.required(selectorPath));
  else checkLabelSelector(errors, selectorPath, spec.selector, { allowInvalidValues: hasSelectorFaults(old) });
  const selector = compilePodSelector(spec.selector);
  if (selector !== undefined) checkTemplateLabels(errors, templatePath, selector, spec.template.metadata.labels);
}

function hasSelectorFaults(old: JobSpec | undefined): boolean {
  const errors: FieldError[] = [];
  checkLabelSelector(errors, selectorPath, old?.selector);
  return errors.length > 0;
}

/** A selector that the server makes must be the one that it would make. */
function checkGeneratedSelector(errors: FieldError[], job: Job, old: Job | undefined): void {
  const { metadata, spec } = job;
  if (spec.manualSelector === true || spec.selector === undefined) return;
  const expected: Record<string, string> = {
    [jobLabels.legacyUid]: metadata.uid,
    [jobLabels.legacyName]: metadata.name,
  };
  // Jobs of old servers have only the short labels.
  const former = old?.spec.template.metadata.labels ?? {};
  if (old === undefined || (Object.hasOwn(former, jobLabels.name) && Object.hasOwn(former, jobLabels.uid))) {
    expected[jobLabels.uid] = metadata.uid;
    expected[jobLabels.name] = metadata.name;
  }
  const labels = spec.template.metadata.labels ?? {};
  for (const label of Object.keys(expected)) {
    const value = expected[label] as string;
    const path = templateLabelsPath.key(label);
    if (!Object.hasOwn(labels, label)) errors.push(fieldError.required(path, `must be '${value}'`));
    else if (labels[label] !== value) errors.push(fieldError.invalid(path, sortedMap(labels), `must be '${value}'`));
  }
  if (compilePodSelector(spec.selector)?.matches(expected) === false)
    errors.push(fieldError.invalid(selectorPath, selectorForm(spec.selector), "`selector` not auto-generated"));
}

/** Pods of indexed Jobs are named by their index, which must make a host name. */
function checkHostnames(errors: FieldError[], { metadata, spec }: Job): void {
  const { completions = 0 } = spec;
  if (spec.completionMode !== "Indexed" || completions <= 0) return;
  const longest = `${metadata.name}-${completions - 1}`;
  if (checkDnsLabel(longest).length > 0)
    errors.push(
      fieldError.invalid(
        FieldPath.of("metadata").child("name"),
        metadata.name,
        `will not able to create pod with invalid DNS label: ${longest}`,
      ),
    );
}

/** Only indexed Jobs grow and shrink, and then all at once. */
function checkCompletionsChange(errors: FieldError[], spec: JobSpec, old: JobSpec): void {
  const path = specPath.child("completions");
  if (spec.completionMode !== "Indexed") requireSame(errors, path, spec.completions, old.completions);
  else if (
    spec.completions !== undefined &&
    spec.completions !== old.completions &&
    spec.completions !== spec.parallelism
  )
    errors.push(fieldError.invalid(path, spec.completions, "can only be modified in tandem with spec.parallelism"));
}

function requireSamePolicy(
  errors: FieldError[],
  field: "podFailurePolicy" | "successPolicy",
  type: string,
  spec: JobSpec,
  old: JobSpec,
): void {
  const policy = spec[field];
  if (sameValue(policy, old[field])) return;
  const form = policy === undefined ? null : toInternalForm(type, policy);
  errors.push(fieldError.invalid(specPath.child(field), form, immutableFault));
}
