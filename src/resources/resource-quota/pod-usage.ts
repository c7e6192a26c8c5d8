import type { ApiObject } from "../../api/metadata.ts";
import type { Container, Pod, PodAffinityTerm } from "../../api/types/core-v1.ts";
import { parseTime } from "../../base/clock.ts";
import { computeQosClass, podLimits, podRequests } from "../pod-resources.ts";
import { isPodTerminal } from "../pod-status.ts";
import { createTotals, type ResourceList, type ResourceTotals, sameResources } from "../resource-list.ts";
import { isExtendedResource, isHugePageResource, isNativeResource, isPodLevelResource } from "../resource-names.ts";
import { isSelected, type QuotaEvaluator } from "./quota-evaluator.ts";

const computeNames = ["cpu", "memory", "ephemeral-storage"] as const;
const names: ReadonlySet<string> = new Set([
  "count/pods",
  "pods",
  ...computeNames.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
]);
/** Where a quota limits these, every container must say what it needs. Source: "Resource Quotas". */
const requiredNames: ReadonlySet<string> = new Set(
  ["cpu", "memory"].flatMap((name) => [name, `requests.${name}`, `limits.${name}`]),
);
const deviceClassPrefix = "deviceclass.resource.kubernetes.io/";

/** Counts pods and what they request and may use. */
export const podEvaluator: QuotaEvaluator = {
  names: (wanted) => wanted.filter(isCounted),
  usage(object, nowMs) {
    const pod = podOf(object);
    if (!isCharged(pod, nowMs)) return { "count/pods": "1" };
    const usage = computeUsage(podRequests(pod, { useStatus: true }), podLimits(pod, { useStatus: true }));
    return { "count/pods": "1", ...usage };
  },
  isInScope(scope, object) {
    const pod = podOf(object);
    switch (scope.scopeName) {
      case "Terminating":
        return hasDeadline(pod);
      case "NotTerminating":
        return !hasDeadline(pod);
      case "BestEffort":
        return qosClass(pod) === "BestEffort";
      case "NotBestEffort":
        return qosClass(pod) !== "BestEffort";
      case "PriorityClass":
        return isSelected(scope, pod.spec.priorityClassName || undefined);
      case "CrossNamespacePodAffinity":
        return looksAcrossNamespaces(pod);
      default:
        return false;
    }
  },
  mayUseMore({ operation, subresource, object, oldObject }) {
    if (subresource === "resize") return operation === "update";
    if (subresource !== "") return false;
    if (operation === "create" || oldObject === undefined) return true;
    return hasDeadline(podOf(object)) !== hasDeadline(podOf(oldObject));
  },
  mayFree(before, after, nowMs) {
    const [was, is] = [podOf(before), podOf(after)];
    return (
      hasDeadline(was) !== hasDeadline(is) || (isCharged(was, nowMs) && !isCharged(is, nowMs)) || runsWithOther(was, is)
    );
  },
  findOmission(wanted, object) {
    const { spec } = podOf(object);
    const own = [...Object.keys(spec.resources?.requests ?? {}), ...Object.keys(spec.resources?.limits ?? {})];
    if (own.some(isPodLevelResource)) return undefined;
    const required = wanted.filter((name) => requiredNames.has(name)).sort();
    const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
    const faults = required.flatMap((name) => {
      const silent = containers.filter((container) => !says(container, name)).map((container) => container.name);
      return silent.length === 0 ? [] : `${name} for: ${[...new Set(silent)].sort().join(",")}`;
    });
    return faults.length === 0 ? undefined : `must specify ${faults.join("; ")}`;
  },
};

function isCounted(name: string): boolean {
  if (names.has(name) || isHugePageResource(name)) return true;
  if (!name.startsWith("requests.")) return false;
  const rest = name.slice("requests.".length);
  return isHugePageResource(rest) || !isNativeResource(name) || rest.startsWith(deviceClassPrefix);
}

function computeUsage(requests: ResourceList, limits: ResourceList): ResourceTotals {
  const usage = createTotals();
  usage["pods"] = "1";
  for (const name of computeNames) {
    if (requests[name] !== undefined) usage[name] = usage[`requests.${name}`] = requests[name];
    if (limits[name] !== undefined) usage[`limits.${name}`] = limits[name];
  }
  for (const name of Object.keys(requests)) {
    const amount = requests[name] as string;
    if (isHugePageResource(name)) usage[name] = amount;
    if (isHugePageResource(name) || isExtendedResource(name) || name.startsWith(deviceClassPrefix))
      usage[`requests.${name}`] = amount;
  }
  return usage;
}

function says({ resources }: Container, name: string): boolean {
  return computeUsage(resources.requests ?? {}, resources.limits ?? {})[name] !== undefined;
}

/** Pods that have ended use nothing any more, nor do those whose node did not take them away in time. */
function isCharged(pod: Pod, nowMs: number): boolean {
  if (isPodTerminal(pod)) return false;
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  const goneMs = parseTime(deletionTimestamp);
  return (
    goneMs === undefined ||
    deletionGracePeriodSeconds === undefined ||
    nowMs <= goneMs + deletionGracePeriodSeconds * 1000
  );
}

function hasDeadline({ spec }: Pod): boolean {
  return (spec.activeDeadlineSeconds ?? -1) >= 0;
}

function qosClass({ spec, status }: Pod): string {
  return status.qosClass || computeQosClass(spec);
}

function looksAcrossNamespaces({ spec: { affinity } }: Pod): boolean {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].some((rules) =>
    [
      ...(rules?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(rules?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((rule) => rule.podAffinityTerm),
    ].some(namesNamespaces),
  );
}

function namesNamespaces({ namespaces = [], namespaceSelector }: PodAffinityTerm): boolean {
  return namespaces.length > 0 || namespaceSelector !== undefined;
}

/** Whether containers run with other resources than before. */
function runsWithOther(was: Pod, is: Pod): boolean {
  const statuses = ({ status }: Pod) => [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])];
  const now = new Map(statuses(is).map((status) => [status.name, status.resources]));
  return statuses(was).some(({ name, resources }) => {
    const next = now.get(name);
    return (
      now.has(name) &&
      !(sameResources(resources?.requests, next?.requests) && sameResources(resources?.limits, next?.limits))
    );
  });
}

function podOf(object: ApiObject): Pod {
  return object as unknown as Pod;
}
