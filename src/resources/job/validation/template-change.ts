import { type FieldError, FieldPath, fieldError } from "../../../api/field-error.ts";
import type { Job } from "../../../api/types/batch-v1.ts";
import type { Affinity, Container, PodSpec, PodTemplateSpec } from "../../../api/types/core-v1.ts";
import { immutableFault, sameValue } from "../../field-checks.ts";
import { podSpecInternalForm, podTemplateInternalForm } from "../../internal-form/internal-form.ts";
import { trueCondition } from "../job-conditions.ts";

const templatePath = FieldPath.of("spec").child("template");

/**
 * Checks a change of the template: while a Job is suspended and no pod runs, what decides where pods run and what they
 * are given may change.
 */
export function checkTemplateChange(errors: FieldError[], job: Job, old: Job): void {
  const { template } = job.spec;
  const isSuspended = old.spec.suspend === true;
  const mayChange = isSuspended && isIdle(old);
  const allowed = mayChange ? withPlacementOf(old.spec.template, template) : old.spec.template;
  if (!mayChange) {
    if (!sameValue(template, allowed))
      errors.push(fieldError.invalid(templatePath, podTemplateInternalForm(template), immutableFault));
  } else if (!sameValue(template.spec, withResourcesOf(allowed.spec, template.spec)))
    errors.push(fieldError.invalid(templatePath.child("spec"), podSpecInternalForm(template.spec), immutableFault));
}

function isIdle({ status }: Job): boolean {
  const isNew = status.startTime === undefined || status.startTime === null;
  return (isNew || trueCondition(status.conditions, "Suspended") !== undefined) && (status.active ?? 0) === 0;
}

/** The old template with the new one's say on where pods run; what the new one leaves out goes. */
function withPlacementOf(old: PodTemplateSpec, template: PodTemplateSpec): PodTemplateSpec {
  const { nodeSelector, tolerations, schedulingGates, affinity } = template.spec;
  return {
    metadata: template.metadata,
    spec: {
      ...old.spec,
      nodeSelector,
      tolerations,
      schedulingGates,
      affinity: withNodeAffinityOf(old.spec.affinity, affinity),
    } as PodSpec,
  };
}

function withNodeAffinityOf(old: Affinity | undefined, affinity: Affinity | undefined): Affinity | undefined {
  if (affinity === undefined) {
    const { nodeAffinity: _dropped, ...rest } = old ?? {};
    return Object.keys(rest).length === 0 ? undefined : rest;
  }
  const { nodeAffinity } = affinity;
  return { ...old, nodeAffinity } as Affinity;
}

/** The old spec with the resources of the new one's containers, where these go by the same names. */
function withResourcesOf(old: PodSpec, spec: PodSpec): PodSpec {
  return {
    ...old,
    containers: mergeResources(old.containers, spec.containers),
    initContainers: mergeResources(old.initContainers, spec.initContainers),
  } as PodSpec;
}

function mergeResources(
  old: readonly Container[] | null | undefined,
  containers: readonly Container[] | null | undefined,
): readonly Container[] | null | undefined {
  if (old?.length !== containers?.length) return old;
  return old?.map((container, index) => {
    const other = containers?.[index];
    return other?.name === container.name ? { ...container, resources: other.resources } : container;
  });
}
