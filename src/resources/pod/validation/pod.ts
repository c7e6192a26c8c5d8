import { type FieldError, FieldPath, fieldError } from "../../../api/field-error.ts";
import type { Pod } from "../../../api/types/core-v1.ts";
import { checkAnnotatedProfiles, checkPodAnnotations } from "./annotations.ts";
import { checkImagePadding } from "./containers.ts";
import { checkPodSpec } from "./pod-spec.ts";
import { type PodRules, strictPodRules } from "./rules.ts";

const specPath = FieldPath.of("spec");
const annotationsPath = FieldPath.of("metadata").child("annotations");

/** What is wrong with a new pod. */
export function validatePod(pod: Pod): FieldError[] {
  const errors: FieldError[] = [];
  checkPod(errors, pod, strictPodRules);
  const { spec } = pod;
  if ((spec.ephemeralContainers?.length ?? 0) > 0)
    errors.push(fieldError.forbidden(specPath.child("ephemeralContainers"), "cannot be set on create"));
  if ((spec.nodeName ?? "") !== "" && (spec.schedulingGates?.length ?? 0) > 0)
    errors.push(
      fieldError.forbidden(specPath.child("nodeName"), "cannot be set until all schedulingGates have been cleared"),
    );
  checkAnnotatedProfiles(errors, specPath, pod.metadata.annotations, spec);
  return errors;
}

/** What holds for pods new and old. */
export function checkPod(errors: FieldError[], pod: Pod, rules: PodRules): void {
  const { metadata, spec } = pod;
  checkPodAnnotations(errors, annotationsPath, metadata.annotations, spec, rules);
  checkPodSpec(errors, specPath, spec, metadata, rules);
  if ((spec.serviceAccountName ?? "") === "") refuseTokens(errors, pod);
  for (const [index, container] of (spec.containers ?? []).entries())
    checkImagePadding(errors, specPath.child("containers").index(index), container);
  for (const [index, container] of (spec.initContainers ?? []).entries())
    checkImagePadding(errors, specPath.child("initContainers").index(index), container);
}

/** A token is that of a service account, so there must be one. */
function refuseTokens(errors: FieldError[], pod: Pod): void {
  for (const [index, volume] of (pod.spec.volumes ?? []).entries())
    for (const [sourceIndex, source] of (volume.projected?.sources ?? []).entries())
      if (source.serviceAccountToken !== undefined)
        errors.push(
          fieldError.forbidden(
            specPath
              .child("volumes")
              .index(index)
              .child("projected")
              .child("sources")
              .index(sourceIndex)
              .child("serviceAccountToken"),
            "must not be specified when serviceAccountName is not set",
          ),
        );
}
