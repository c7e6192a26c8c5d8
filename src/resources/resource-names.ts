import { type FieldError, type FieldPath, fieldError } from "../api/field-error.ts";
import { checkLabelKey } from "../api/names.ts";
import { parseQuantity } from "../api/quantity.ts";

const counted = [
  "pods",
  "resourcequotas",
  "services",
  "replicationcontrollers",
  "secrets",
  "configmaps",
  "persistentvolumeclaims",
  "services.nodeports",
  "services.loadbalancers",
] as const;
const ofContainers = ["cpu", "memory", "ephemeral-storage"] as const;
const inQuotas = [
  ...ofContainers,
  ...ofContainers.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
  "requests.storage",
];
const countedNames: ReadonlySet<string> = new Set(counted);
const containerNames: ReadonlySet<string> = new Set(ofContainers);
const quotaNames: ReadonlySet<string> = new Set([...counted, ...inQuotas]);
const standardNames: ReadonlySet<string> = new Set([...quotaNames, "storage"]);
const hugePagePrefix = "hugepages-";
const nanosPerUnit = 1_000_000_000n;

/** Pages of memory set aside, for example `hugepages-2Mi`. */
export function isHugePageResource(name: string): boolean {
  return name.startsWith(hugePagePrefix);
}

/** Names that the project itself defines: without a domain, or below `kubernetes.io`. */
export function isNativeResource(name: string): boolean {
  return !name.includes("/") || name.includes("kubernetes.io/");
}

/** What device plugins offer: a name with a domain of its own that is not the quota form of one. */
export function isExtendedResource(name: string): boolean {
  if (isNativeResource(name) || name.startsWith("requests.")) return false;
  return checkLabelKey(`requests.${name}`).length === 0;
}

/** Resources whose requests may be below their limits. */
export function isOvercommitAllowed(name: string): boolean {
  return isNativeResource(name) && !isHugePageResource(name);
}

/** Resources that are counted in whole pieces. */
export function isCountedResource(name: string): boolean {
  return countedNames.has(name) || isExtendedResource(name);
}

/** Resources that `spec.resources` of a pod may name. */
export function isPodLevelResource(name: string): boolean {
  return name === "cpu" || name === "memory" || isHugePageResource(name);
}

/** Resources without a domain that a quota may limit. */
export function isStandardQuotaResource(name: string): boolean {
  return quotaNames.has(name) || isHugePageQuota(name);
}

/** True when an amount is a multiple of the page size in the resource's name. */
export function isWholePages(name: string, amount: string): boolean {
  try {
    const page = parseQuantity(name.slice(hugePagePrefix.length)).nanos;
    return page > 0n && page % nanosPerUnit === 0n && parseQuantity(amount).nanos % page === 0n;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Checks the name of any resource. @returns false when something is wrong */
export function checkResourceName(errors: FieldError[], path: FieldPath, name: string): boolean {
  const faults = checkLabelKey(name);
  for (const fault of faults) errors.push(fieldError.invalid(path, name, fault));
  if (faults.length > 0) return false;
  if (name.includes("/") || standardNames.has(name) || isHugePageQuota(name)) return true;
  errors.push(fieldError.invalid(path, name, "must be a standard resource type or fully qualified"));
  return false;
}

/** Checks the name of a resource that a container requests. */
export function checkContainerResourceName(errors: FieldError[], path: FieldPath, name: string): void {
  if (containerNames.has(name)) return;
  checkResourceName(errors, path, name);
  if (!name.includes("/")) {
    if (!isHugePageResource(name))
      errors.push(fieldError.invalid(path, name, "must be a standard resource for containers"));
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    errors.push(fieldError.invalid(path, name, "doesn't follow extended resource name standard"));
  }
}

/** Checks the name of a resource that a pod as a whole requests. */
export function checkPodResourceName(errors: FieldError[], path: FieldPath, name: string): void {
  if (checkResourceName(errors, path, name) && !isPodLevelResource(name))
    errors.push(fieldError.notSupported(path, name, ["cpu", hugePagePrefix, "memory"]));
}

function isHugePageQuota(name: string): boolean {
  return isHugePageResource(name) || name.startsWith(`requests.${hugePagePrefix}`);
}
