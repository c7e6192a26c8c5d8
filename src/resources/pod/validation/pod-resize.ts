import { type FieldError, FieldPath, fieldError } from "../../../api/field-error.ts";
import type { Container, Pod, ResourceRequirements } from "../../../api/types/core-v1.ts";
import { sameValue } from "../../field-checks.ts";
import { computeQosClass } from "../../pod-resources.ts";
import { isSidecar } from "../../pod-status.ts";
import type { ResourceList } from "../../resource-list.ts";
import { podAnnotations } from "./annotations.ts";
import { podRulesFor } from "./former-faults.ts";
import { checkPod } from "./pod.ts";

const specPath = FieldPath.of("spec");
const resizable = ["cpu", "memory"] as const;
const containerLists = ["containers", "initContainers"] as const;

/** What is wrong with a change of what a running pod's containers get: CPU and memory alone may change. */
export function validatePodResize(pod: Pod, old: Pod): FieldError[] {
  if (old.metadata.annotations?.[podAnnotations.mirror] !== undefined)
    return [wholePod("static pods cannot be resized")];
  if (old.spec.os?.name === "windows") return [wholePod("windows pods cannot be resized")];
  const errors: FieldError[] = [];
  checkPod(errors, pod, podRulesFor(old, true));
  const oldClass = old.status.qosClass ?? computeQosClass(old.spec);
  if (oldClass !== computeQosClass(pod.spec))
    errors.push(
      fieldError.invalid(specPath, pod.status.qosClass ?? "", "Pod QOS Class may not change as a result of resizing"),
    );
  const running = old.status.containerStatuses?.find((status) => status.state.running !== undefined);
  if (running !== undefined && running.resources === undefined)
    errors.push(fieldError.forbidden(specPath, "Pod running on node without support for resize"));
  const maskedResources = checkPodLevel(errors, pod, old);
  if ((old.status.nodeAllocatableResourceClaimStatuses?.length ?? 0) > 0)
    errors.push(fieldError.forbidden(specPath, "pods with node allocatable resource claims cannot be resized"));
  if (!keepsContainers(errors, pod, old)) return errors;
  for (const list of ["initContainers", "containers"] as const)
    for (const [index, container] of (old.spec[list] ?? []).entries())
      checkNothingRemoved(
        errors,
        specPath.child(list).index(index).child("resources"),
        pod.spec[list]?.[index]?.resources,
        container.resources,
      );
  checkContainerChanges(errors, pod, old);
  if (errors.length > 0) return errors;
  const masked = {
    ...pod.spec,
    resources: maskedResources,
    containers: old.spec.containers,
    initContainers: old.spec.initContainers,
  };
  if (!sameValue(masked, old.spec))
    errors.push(fieldError.forbidden(specPath, "only cpu and memory resources are mutable"));
  return errors;
}

function wholePod(detail: string): FieldError {
  return { ...fieldError.forbidden(specPath, detail), field: "" };
}

/** @returns the pod's own resources with CPU and memory as they were before */
function checkPodLevel(errors: FieldError[], pod: Pod, old: Pod): ResourceRequirements | undefined {
  const { resources } = pod.spec;
  const { resources: oldResources } = old.spec;
  if (!hasAmounts(resources) && !hasAmounts(oldResources)) return resources;
  const path = specPath.child("resources");
  if (oldResources !== undefined && resources === undefined) {
    errors.push(fieldError.forbidden(path, "pod-level resources cannot be removed"));
    return resources;
  }
  if (oldResources !== undefined) {
    if (isRemoved(resources?.requests, oldResources.requests))
      errors.push(fieldError.forbidden(path.child("requests"), "pod-level resource requests cannot be removed"));
    if (isRemoved(resources?.limits, oldResources.limits))
      errors.push(fieldError.forbidden(path.child("limits"), "pod-level resource limits cannot be removed"));
  }
  const masked = maskResources(resources, oldResources);
  if (!sameValue(masked, oldResources))
    errors.push(fieldError.forbidden(specPath, "only cpu and memory resources are mutable at pod-level"));
  return masked;
}

function keepsContainers(errors: FieldError[], pod: Pod, old: Pod): boolean {
  const before = errors.length;
  for (const list of containerLists) {
    const containers = pod.spec[list] ?? [];
    const oldContainers = old.spec[list] ?? [];
    if (containers.length !== oldContainers.length) {
      errors.push(fieldError.forbidden(specPath.child(list), `${list} may not be added or removed on resize`));
      continue;
    }
    for (const [index, container] of oldContainers.entries())
      if (containers[index]?.name !== container.name)
        errors.push(
          fieldError.forbidden(
            specPath.child(list).index(index).child("name"),
            `${list} may not be renamed or reordered on resize`,
          ),
        );
  }
  return errors.length === before;
}

function checkNothingRemoved(
  errors: FieldError[],
  path: FieldPath,
  resources: ResourceRequirements | undefined,
  old: ResourceRequirements,
): void {
  if (isRemoved(resources?.requests, old.requests))
    errors.push(fieldError.forbidden(path.child("requests"), "resource requests cannot be removed"));
  if (isRemoved(resources?.limits, old.limits))
    errors.push(fieldError.forbidden(path.child("limits"), "resource limits cannot be removed"));
}

function checkContainerChanges(errors: FieldError[], pod: Pod, old: Pod): void {
  const isKept = (container: Container, oldContainer: Container | undefined): boolean =>
    sameValue({ ...container, resources: maskContainerResources(container, oldContainer) }, oldContainer);
  for (const [index, container] of (pod.spec.containers ?? []).entries())
    if (!isKept(container, old.spec.containers[index]))
      errors.push(fieldError.forbidden(specPath, "only cpu and memory resources are mutable"));
  for (const [index, container] of (pod.spec.initContainers ?? []).entries()) {
    const oldContainer = old.spec.initContainers?.[index];
    const path = specPath.child("initContainers").index(index);
    if (!isKept(container, oldContainer))
      errors.push(
        fieldError.forbidden(path, "only cpu and memory resources for init or sidecar containers are mutable"),
      );
    if (isSidecar(container) || sameValue(container, oldContainer)) continue;
    for (const policy of container.resizePolicy ?? [])
      if (policy.restartPolicy === "RestartContainer")
        errors.push(
          fieldError.forbidden(
            path,
            "non-sidecar init containers with a resize policy of RestartContainer cannot be resized",
          ),
        );
  }
}

/** As upstream compares them: claims fall away, so a container that has any counts as changed. */
function maskContainerResources(container: Container, old: Container | undefined): ResourceRequirements {
  const { claims: _unused, ...amounts } = maskResources(container.resources, old?.resources) ?? {};
  return amounts;
}

/** Amounts with CPU and memory as they were before. */
function maskResources(
  resources: ResourceRequirements | undefined,
  old: ResourceRequirements | undefined,
): ResourceRequirements | undefined {
  if (resources === undefined) return undefined;
  const limits = maskAmounts(resources.limits, old?.limits);
  const requests = maskAmounts(resources.requests, old?.requests);
  const { claims } = resources;
  if (old === undefined && limits === undefined && requests === undefined && claims === undefined) return undefined;
  return {
    ...(limits === undefined ? {} : { limits }),
    ...(requests === undefined ? {} : { requests }),
    ...(claims === undefined ? {} : { claims }),
  };
}

function maskAmounts(amounts: ResourceList | undefined, old: ResourceList | undefined): ResourceList | undefined {
  const masked: Record<string, string> = { ...amounts };
  for (const name of resizable) {
    delete masked[name];
    const before = old?.[name];
    if (before !== undefined) masked[name] = before;
  }
  return Object.keys(masked).length === 0 ? undefined : masked;
}

function hasAmounts(resources: ResourceRequirements | undefined): boolean {
  return Object.keys(resources?.requests ?? {}).length > 0 || Object.keys(resources?.limits ?? {}).length > 0;
}

function isRemoved(amounts: ResourceList | undefined, old: ResourceList | undefined): boolean {
  return Object.keys(old ?? {}).some((name) => !Object.hasOwn(amounts ?? {}, name));
}
