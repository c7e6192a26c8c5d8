import { type FieldError, FieldPath, fieldError } from "../../../api/field-error.ts";
import { goQuote } from "../../../api/go-quote.ts";
import type {
  Affinity,
  Container,
  EphemeralContainer,
  NodeAffinity,
  NodeSelectorTerm,
  Pod,
  PodSchedulingGate,
  PodSpec,
  Toleration,
} from "../../../api/types/core-v1.ts";
import { rangeFault, requireText, sameValue } from "../../field-checks.ts";
import { diffInternalForms, podSpecInternalForm, toInternalForm } from "../../internal-form/internal-form.ts";
import { checkPodAnnotationChanges, podAnnotations } from "./annotations.ts";
import { checkImagePadding } from "./containers.ts";
import { podRulesFor } from "./former-faults.ts";
import { checkPod } from "./pod.ts";
import { checkTolerations } from "./scheduling.ts";

const specPath = FieldPath.of("spec");
const annotationsPath = FieldPath.of("metadata").child("annotations");
const maxInt32 = 2_147_483_647;

const changeableFields = [
  "`spec.containers[*].image`",
  "`spec.initContainers[*].image`",
  "`spec.activeDeadlineSeconds`",
  "`spec.tolerations` (only additions to existing tolerations)",
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
].join(",");

/** What is wrong with a change of a pod: most of a pod stays as it was made. */
export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = [];
  const rules = podRulesFor(old, true);
  checkPod(errors, pod, rules);
  checkPodAnnotationChanges(errors, annotationsPath, pod.metadata.annotations, old.metadata.annotations);
  for (const field of ["containers", "initContainers"] as const)
    if (!checkImages(errors, specPath.child(field), pod.spec[field] ?? [], old.spec[field] ?? [])) return errors;
  if (!checkDeadline(errors, pod.spec, old.spec)) return errors;
  if (keepsTolerations(errors, pod.spec.tolerations ?? [], old.spec.tolerations ?? []))
    checkTolerations(errors, specPath.child("tolerations"), pod.spec.tolerations ?? [], rules);
  checkGateChanges(errors, pod.spec.schedulingGates ?? [], old.spec.schedulingGates ?? []);
  if (sameValue(pod.spec, old.spec)) return errors;

  const masked = maskGatedChanges(errors, maskChangeable(pod.spec, old.spec), old.spec);
  if (!sameValue(masked, old.spec)) {
    const difference = diffInternalForms(podSpecInternalForm(old.spec), podSpecInternalForm(masked));
    errors.push(
      fieldError.forbidden(specPath, `pod updates may not change fields other than ${changeableFields}\n${difference}`),
    );
  }
  return errors;
}

/** @returns false when there are more or fewer containers than before, and nothing else is worth saying */
function checkImages(
  errors: FieldError[],
  path: FieldPath,
  containers: readonly Container[],
  old: readonly Container[],
): boolean {
  if (containers.length !== old.length) {
    errors.push(fieldError.forbidden(path, "pod updates may not add or remove containers"));
    return false;
  }
  for (const [index, container] of containers.entries()) {
    requireText(errors, path.index(index).child("image"), container.image);
    checkImagePadding(errors, path.index(index), container);
  }
  return true;
}

/** A deadline may be set, and moved nearer. @returns false when nothing else is worth saying */
function checkDeadline(errors: FieldError[], spec: PodSpec, old: PodSpec): boolean {
  const path = specPath.child("activeDeadlineSeconds");
  const { activeDeadlineSeconds: deadline } = spec;
  const { activeDeadlineSeconds: oldDeadline } = old;
  if (deadline === undefined) {
    if (oldDeadline !== undefined)
      errors.push(fieldError.invalid(path, null, "must not update from a positive integer to nil value"));
    return true;
  }
  if (deadline < 0 || deadline > maxInt32) {
    errors.push(fieldError.invalid(path, deadline, rangeFault(0, maxInt32)));
    return false;
  }
  if (oldDeadline !== undefined && oldDeadline < deadline) {
    errors.push(fieldError.invalid(path, deadline, "must be less than or equal to previous value"));
    return false;
  }
  return true;
}

/** Tolerations may be added; of present ones only the time may change. */
function keepsTolerations(
  errors: FieldError[],
  tolerations: readonly Toleration[],
  old: readonly Toleration[],
): boolean {
  const withoutSeconds = ({ tolerationSeconds: _unused, ...rest }: Toleration): object => rest;
  const isKept = (toleration: Toleration): boolean =>
    tolerations.some((other) => sameValue(withoutSeconds(toleration), withoutSeconds(other)));
  if (old.every(isKept)) return true;
  errors.push(
    fieldError.forbidden(
      specPath.child("tolerations"),
      "existing toleration can not be modified except its tolerationSeconds",
    ),
  );
  return false;
}

function checkGateChanges(
  errors: FieldError[],
  gates: readonly PodSchedulingGate[],
  old: readonly PodSchedulingGate[],
): void {
  for (const [index, { name }] of gates.entries())
    if (!old.some((gate) => gate.name === name))
      errors.push(
        fieldError.forbidden(
          specPath.child("schedulingGates").index(index).child("name"),
          `only deletion is allowed, but found new scheduling gate '${name}'`,
        ),
      );
}

/** The new spec with everything that may change as it was before. */
function maskChangeable(spec: PodSpec, old: PodSpec): PodSpec {
  const withOldImages = (list: readonly Container[] | undefined, oldList: readonly Container[] | undefined) =>
    list?.map((container, index) => withField(container, "image", oldList?.[index]?.image));
  let masked: PodSpec = { ...spec, containers: withOldImages(spec.containers, old.containers) ?? [] };
  masked = withField(masked, "initContainers", withOldImages(spec.initContainers, old.initContainers));
  masked = withField(masked, "activeDeadlineSeconds", old.activeDeadlineSeconds);
  masked = withField(masked, "schedulingGates", old.schedulingGates);
  masked = withField(masked, "tolerations", old.tolerations);
  const oldGrace = old.terminationGracePeriodSeconds ?? 0;
  if (oldGrace < 0 && masked.terminationGracePeriodSeconds === 1)
    masked = withField(masked, "terminationGracePeriodSeconds", oldGrace);
  return masked;
}

/** A pod that waits behind gates may still be told more narrowly where to run. */
function maskGatedChanges(errors: FieldError[], spec: PodSpec, old: PodSpec): PodSpec {
  if ((old.schedulingGates?.length ?? 0) === 0) return spec;
  let masked = spec;
  if (!sameValue(spec.nodeSelector, old.nodeSelector)) {
    const isNarrower = Object.entries(old.nodeSelector ?? {}).every(
      ([key, value]) => spec.nodeSelector?.[key] === value,
    );
    if (!isNarrower)
      errors.push(
        fieldError.invalid(
          specPath.child("nodeSelector"),
          spec.nodeSelector,
          "only additions to spec.nodeSelector are allowed (no mutations or deletions)",
        ),
      );
    masked = withField(masked, "nodeSelector", old.nodeSelector);
  }
  if (sameValue(spec.affinity?.nodeAffinity, old.affinity?.nodeAffinity)) return masked;
  checkNodeAffinityChange(errors, spec.affinity?.nodeAffinity, old.affinity?.nodeAffinity);
  return withField(masked, "affinity", withOldNodeAffinity(spec.affinity, old.affinity));
}

function withOldNodeAffinity(affinity: Affinity | undefined, old: Affinity | undefined): Affinity | undefined {
  if (affinity === undefined) return old?.nodeAffinity === undefined ? undefined : { nodeAffinity: old.nodeAffinity };
  const isOnlyForNodes = affinity.podAffinity === undefined && affinity.podAntiAffinity === undefined;
  if (old === undefined && isOnlyForNodes) return undefined;
  return withField(affinity, "nodeAffinity", old?.nodeAffinity);
}

function checkNodeAffinityChange(
  errors: FieldError[],
  affinity: NodeAffinity | undefined,
  old: NodeAffinity | undefined,
): void {
  const oldTerms = old?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  if (oldTerms.length === 0) return;
  const terms = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const path = specPath
    .child("affinity")
    .child("nodeAffinity")
    .child("requiredDuringSchedulingIgnoredDuringExecution")
    .child("nodeSelectorTerms");
  const formOf = (term: NodeSelectorTerm): object => toInternalForm("NodeSelectorTerm", term);
  if (terms.length !== oldTerms.length) {
    const forms = terms.length === 0 ? null : terms.map(formOf);
    errors.push(
      fieldError.invalid(path, forms, "no additions/deletions to non-empty NodeSelectorTerms list are allowed"),
    );
    return;
  }
  for (const [index, term] of terms.entries())
    if (!onlyAdds(term, oldTerms[index] as NodeSelectorTerm))
      errors.push(
        fieldError.invalid(path.index(index), formOf(term), "only additions are allowed (no mutations or deletions)"),
      );
}

function onlyAdds(term: NodeSelectorTerm, old: NodeSelectorTerm): boolean {
  const lists = (of: NodeSelectorTerm) => [of.matchExpressions ?? [], of.matchFields ?? []];
  const wasEmpty = lists(old).every((list) => list.length === 0);
  if (wasEmpty) return lists(term).every((list) => list.length === 0);
  return lists(old).every((list, index) => sameValue(lists(term)[index]?.slice(0, list.length), list));
}

/** What is wrong with a change of a running pod's ephemeral containers: they may only be added. */
export function validateEphemeralContainersUpdate(pod: Pod, old: Pod): FieldError[] {
  const path = specPath.child("ephemeralContainers");
  if (old.metadata.annotations?.[podAnnotations.mirror] !== undefined)
    return [{ ...fieldError.forbidden(path, "static pods do not support ephemeral containers"), field: "" }];
  const errors: FieldError[] = [];
  checkPod(errors, pod, podRulesFor(old, true));
  checkPodAnnotationChanges(errors, annotationsPath, pod.metadata.annotations, old.metadata.annotations);
  const present = new Map(pod.spec.ephemeralContainers?.map((container) => [container.name, container]));
  for (const container of old.spec.ephemeralContainers ?? []) {
    const next = present.get(container.name);
    const subject = `existing ephemeral containers ${goQuote(container.name)}`;
    if (next === undefined) errors.push(fieldError.forbidden(path, `${subject} may not be removed\n`));
    else if (!sameValue(container, next)) {
      const formOf = (value: EphemeralContainer): Readonly<Record<string, unknown>> =>
        toInternalForm("EphemeralContainer", value);
      const difference = diffInternalForms(formOf(container), formOf(next));
      errors.push(fieldError.forbidden(path, `${subject} may not be changed\n${difference}`));
    }
  }
  return errors;
}

/** A copy with one field set, or left out when the value is undefined. */
function withField<T extends object, K extends keyof T>(object: T, field: K, value: T[K] | undefined): T {
  const copy = { ...object };
  if (value === undefined) delete copy[field];
  else copy[field] = value;
  return copy;
}
