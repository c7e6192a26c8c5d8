import type { FieldError, FieldPath } from "../../api/field-error.ts";
import type { LabelMatcher } from "../../api/label-selector.ts";
import type { PodTemplateSpec } from "../../api/types/core-v1.ts";
import { checkAnnotations, checkLabels } from "../field-checks.ts";
import { checkPodAnnotations } from "../pod/validation/annotations.ts";
import { podRulesFor } from "../pod/validation/former-faults.ts";
import { checkPodTemplate } from "../pod/validation/template.ts";
import { checkTemplateLabels } from "../pod-selector.ts";

/** Checks the template of a StatefulSet: what of it is told twice, upstream tells twice. */
export function checkStatefulTemplate(
  errors: FieldError[],
  path: FieldPath,
  template: PodTemplateSpec,
  options: {
    readonly selector: LabelMatcher;
    readonly old: PodTemplateSpec | undefined;
    readonly skipsSpec: boolean;
  },
): void {
  const { selector, old, skipsSpec } = options;
  const { labels, annotations } = template.metadata;
  if (!selector.isEverything) checkTemplateLabels(errors, path, selector, labels);
  if (!skipsSpec) checkPodTemplate(errors, path, template, old);
  checkLabels(errors, path.child("labels"), labels);
  checkAnnotations(errors, path.child("annotations"), annotations);
  checkPodAnnotations(errors, path.child("annotations"), annotations, template.spec, podRulesFor(old, false));
}
