import { type FieldError, type FieldPath, fieldError } from "../../../api/field-error.ts";
import type { PodTemplateSpec } from "../../../api/types/core-v1.ts";
import { checkAnnotations, checkLabels } from "../../field-checks.ts";
import { checkAnnotatedProfiles, checkPodAnnotations } from "./annotations.ts";
import { podRulesFor } from "./former-faults.ts";
import { checkPodSpec } from "./pod-spec.ts";

/**
 * Checks what a controller makes pods of.
 * @param old the template before the change, whose faults are tolerated; undefined for a new one
 */
export function checkPodTemplate(
  errors: FieldError[],
  path: FieldPath,
  template: PodTemplateSpec,
  old: PodTemplateSpec | undefined,
): void {
  const { metadata, spec } = template;
  const rules = podRulesFor(old, false);
  checkLabels(errors, path.child("labels"), metadata.labels);
  checkAnnotations(errors, path.child("annotations"), metadata.annotations);
  checkPodAnnotations(errors, path.child("annotations"), metadata.annotations, spec, rules);
  checkPodSpec(errors, path.child("spec"), spec, undefined, rules);
  checkAnnotatedProfiles(errors, path.child("spec"), metadata.annotations, spec);
  if ((spec.ephemeralContainers?.length ?? 0) > 0)
    errors.push(
      fieldError.forbidden(
        path.child("spec").child("ephemeralContainers"),
        "ephemeral containers not allowed in pod template",
      ),
    );
}
