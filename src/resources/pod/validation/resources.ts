import { type FieldError, type FieldPath, fieldError } from "../../../api/field-error.ts";
import { checkDnsLabel } from "../../../api/names.ts";
import { compareQuantities } from "../../../api/quantity.ts";
import type { PodSpec, ResourceClaim, ResourceRequirements } from "../../../api/types/core-v1.ts";
import { addFaults, checkAmount } from "../../field-checks.ts";
import { podLimits, podRequests } from "../../pod-resources.ts";
import {
  checkContainerResourceName,
  checkPodResourceName,
  isHugePageResource,
  isOvercommitAllowed,
  isWholePages,
} from "../../resource-names.ts";
import type { PodRules } from "./rules.ts";

type NameCheck = (errors: FieldError[], path: FieldPath, name: string) => void;

const noClaims: readonly ResourceClaim[] = [];

/** Checks what a container requests and may use. @param claimNames the pod's resource claims */
export function checkContainerResources(
  errors: FieldError[],
  path: FieldPath,
  resources: ResourceRequirements,
  claimNames: ReadonlySet<string>,
  rules: PodRules,
): void {
  checkRequirements(errors, path, resources, claimNames, rules, checkContainerResourceName);
}

/** Checks what a pod as a whole requests and may use. */
export function checkPodResources(
  errors: FieldError[],
  specPath: FieldPath,
  spec: PodSpec,
  claimNames: ReadonlySet<string>,
  rules: PodRules,
): void {
  const { resources } = spec;
  if (resources === undefined) return;
  const path = specPath.child("resources");
  if (spec.os?.name === "windows") {
    errors.push(fieldError.forbidden(path, "may not be set for a windows pod"));
    return;
  }
  if (resources.claims !== undefined)
    errors.push(fieldError.forbidden(path.child("claims"), "claims may not be set for Resources at pod-level"));
  checkRequirements(errors, path, resources, claimNames, rules, checkPodResourceName);
  checkConsistency(errors, path, spec, resources);
}

function checkRequirements(
  errors: FieldError[],
  path: FieldPath,
  resources: ResourceRequirements,
  claimNames: ReadonlySet<string>,
  rules: PodRules,
  checkName: NameCheck,
): void {
  const { limits, requests } = resources;
  const check = (list: FieldPath, name: string, amount: string): void => {
    const entry = list.key(name);
    checkName(errors, entry, name);
    checkAmount(errors, entry, name, amount);
  };
  if (limits !== undefined) {
    const limitsPath = path.child("limits");
    for (const name of Object.keys(limits)) {
      check(limitsPath, name, limits[name] as string);
      checkPages(errors, limitsPath, name, limits[name] as string, rules);
    }
  }
  if (requests !== undefined) {
    const requestsPath = path.child("requests");
    for (const name of Object.keys(requests)) {
      check(requestsPath, name, requests[name] as string);
      checkAgainstLimit(errors, path, name, requests[name] as string, limits);
      checkPages(errors, requestsPath, name, requests[name] as string, rules);
    }
  }
  const names = [...Object.keys(limits ?? {}), ...Object.keys(requests ?? {})];
  if (names.some(isHugePageResource) && !names.includes("cpu") && !names.includes("memory"))
    errors.push(fieldError.forbidden(path, "HugePages require cpu or memory"));
  checkClaims(errors, path.child("claims"), resources.claims ?? noClaims, claimNames);
}

function checkAgainstLimit(
  errors: FieldError[],
  path: FieldPath,
  name: string,
  request: string,
  limits: ResourceRequirements["limits"],
): void {
  const limit = limits !== undefined && Object.hasOwn(limits, name) ? (limits[name] as string) : undefined;
  if (limit === undefined) {
    if (!isOvercommitAllowed(name))
      errors.push(fieldError.required(path.child("limits"), "Limit must be set for non overcommitable resources"));
    return;
  }
  if (request === limit) return;
  const order = compareQuantities(request, limit);
  if (order !== 0 && !isOvercommitAllowed(name))
    errors.push(fieldError.invalid(path.child("requests"), request, `must be equal to ${name} limit of ${limit}`));
  else if (order > 0)
    errors.push(
      fieldError.invalid(path.child("requests"), request, `must be less than or equal to ${name} limit of ${limit}`),
    );
}

function checkPages(errors: FieldError[], list: FieldPath, name: string, amount: string, rules: PodRules): void {
  if (!isHugePageResource(name) || rules.allowPartialHugePages || isWholePages(name, amount)) return;
  errors.push(fieldError.invalid(list.key(name), amount, `${amount} is not positive integer multiple of ${name}`));
}

/** A claim may be named once as a whole, or several times for different requests in it. */
function checkClaims(
  errors: FieldError[],
  path: FieldPath,
  claims: readonly ResourceClaim[],
  claimNames: ReadonlySet<string>,
): void {
  const seen = new Set<string>();
  for (const [index, { name, request = "" }] of claims.entries()) {
    const entry = path.index(index);
    if (name === "") {
      errors.push(fieldError.required(entry));
      continue;
    }
    if (seen.has(name)) {
      errors.push(fieldError.duplicate(entry, name));
    } else {
      const key = request === "" ? name : `${name}/${request}`;
      if (request !== "") addFaults(errors, entry.child("request"), request, checkDnsLabel(request));
      if (seen.has(key)) errors.push(fieldError.duplicate(entry, key));
      else if (request === "" && [...seen].some((other) => other.startsWith(`${name}/`)))
        errors.push(fieldError.duplicate(entry, name));
      seen.add(key);
    }
    if (!claimNames.has(name)) errors.push(unknownClaim(entry, name, claimNames));
  }
}

function unknownClaim(path: FieldPath, name: string, claimNames: ReadonlySet<string>): FieldError {
  const known = [...claimNames].sort().join(", ");
  const where = known === "" ? " which is empty" : `: ${known}`;
  const error = fieldError.notFound(path, name);
  return { ...error, body: `${error.body}: must be one of the names in pod.spec.resourceClaims${where}` };
}

/** The containers together must fit into what the pod has. */
function checkConsistency(errors: FieldError[], path: FieldPath, spec: PodSpec, resources: ResourceRequirements): void {
  const ofContainers = { containersOnly: true, excludeOverhead: true } as const;
  const requests = podRequests({ spec }, ofContainers);
  for (const name of Object.keys(requests).sort()) {
    const own = resources.requests?.[name];
    const sum = requests[name] as string;
    if (own !== undefined && compareQuantities(sum, own) > 0)
      errors.push(
        fieldError.invalid(
          path.child("requests").key(name),
          own,
          `must be greater than or equal to aggregate container requests of ${sum}`,
        ),
      );
  }
  const limits = podLimits({ spec }, ofContainers);
  for (const name of Object.keys(limits).sort()) {
    const own = resources.limits?.[name];
    const sum = limits[name] as string;
    if (isHugePageResource(name) && own !== undefined && compareQuantities(sum, own) > 0)
      errors.push(
        fieldError.invalid(
          path.child("limits").key(name),
          own,
          `must be greater than or equal to aggregate container limits of ${sum}`,
        ),
      );
  }
  for (const [index, container] of (spec.containers ?? []).entries())
    for (const name of Object.keys(container.resources.limits ?? {})) {
      const own = resources.limits?.[name];
      const limit = container.resources.limits?.[name] as string;
      if (own !== undefined && compareQuantities(limit, own) > 0)
        errors.push(
          fieldError.invalid(
            path.child("containers").index(index).key(name).child("limits"),
            limit,
            `must be less than or equal to pod limits of ${own}`,
          ),
        );
    }
}
