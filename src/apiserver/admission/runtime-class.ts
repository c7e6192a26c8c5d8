import type { Draft } from "../../api/draft.ts";
import { runtimeClasses } from "../../api/resources.ts";
import type { Pod, Toleration } from "../../api/types/core-v1.ts";
import type { RuntimeClass } from "../../api/types/node-v1.ts";
import { sameResources } from "../../resources/resource-list.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import type { LiveObjects } from "../live-objects.ts";
import type { FieldOrder } from "./field-order.ts";
import { refuse } from "./refusal.ts";
import { sameJson } from "./same-json.ts";

/**
 * Gives pods the overhead, node selector and tolerations of their runtime class.
 * Source: Kubernetes documentation, "Runtime Class"; words of kube-apiserver v1.36.
 */
export function createRuntimeClassAdmission(objects: LiveObjects, order: FieldOrder): AdmissionPlugin {
  const cache = objects.of(runtimeClasses).cache;
  const classOf = (request: AdmissionRequest, pod: Draft<Pod>): RuntimeClass | undefined => {
    const name = pod.spec.runtimeClassName;
    if (name === undefined) return undefined;
    const found = cache.get(name);
    if (found === undefined) throw refuse(request, `pod rejected: RuntimeClass "${name}" not found`);
    return found;
  };
  return {
    name: "RuntimeClass",
    handles: ({ group, resource, subresource }, operation) =>
      operation === "create" && group === "" && resource === "pods" && subresource === "",
    admit(request) {
      const pod = request.object as unknown as Draft<Pod>;
      const runtimeClass = classOf(request, pod);
      if (runtimeClass === undefined) return;
      const overhead = overheadOf(runtimeClass);
      if (overhead !== undefined && hasAny(pod.spec.overhead) && !sameResources(overhead, pod.spec.overhead))
        throw refuse(request, mismatch);
      pod.spec = order.withFields("core.v1.PodSpec", pod.spec, {
        ...(overhead === undefined ? {} : { overhead: { ...overhead } }),
        ...scheduling(request, pod, runtimeClass),
      });
    },
    validate(request) {
      const pod = request.object as unknown as Draft<Pod>;
      const overhead = overheadOf(classOf(request, pod));
      if (overhead === undefined && pod.spec.overhead !== undefined)
        throw refuse(request, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
      if (overhead !== undefined && !sameResources(overhead, pod.spec.overhead)) throw refuse(request, mismatch);
    },
  };
}

const mismatch = "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";

function overheadOf(runtimeClass: RuntimeClass | undefined): Readonly<Record<string, string>> | undefined {
  return runtimeClass?.overhead === undefined ? undefined : (runtimeClass.overhead.podFixed ?? {});
}

function hasAny(amounts: object | undefined): boolean {
  return amounts !== undefined && Object.keys(amounts).length > 0;
}

function scheduling(
  request: AdmissionRequest,
  pod: Draft<Pod>,
  runtimeClass: RuntimeClass,
): Partial<Draft<Pod["spec"]>> {
  if (runtimeClass.scheduling === undefined) return {};
  const { nodeSelector = {}, tolerations = [] } = runtimeClass.scheduling;
  const merged: Record<string, string> = Object.create(null);
  const given = pod.spec.nodeSelector ?? {};
  for (const key of Object.keys(nodeSelector)) {
    const value = nodeSelector[key] as string;
    if (Object.hasOwn(given, key) && given[key] !== value)
      throw refuse(
        request,
        `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${given[key]}`,
      );
  }
  const all: Record<string, string> = { ...nodeSelector, ...given };
  for (const key of Object.keys(all).sort()) merged[key] = all[key] as string;
  const kept = mergeTolerations(pod.spec.tolerations ?? [], tolerations);
  return {
    ...(Object.keys(merged).length === 0 ? {} : { nodeSelector: merged }),
    ...(kept.length === 0 ? {} : { tolerations: kept.map((toleration) => ({ ...toleration })) }),
  };
}

/** All tolerations, leaving out those that another one includes; of equal ones the first stays. */
function mergeTolerations(first: readonly Toleration[], second: readonly Toleration[]): readonly Toleration[] {
  const all = [...first, ...second];
  const merged: Toleration[] = [];
  for (const [index, toleration] of all.entries()) {
    const isRedundant =
      merged.some((kept) => includes(kept, toleration)) ||
      all.slice(index + 1).some((later) => !sameJson(later, toleration) && includes(later, toleration));
    if (!isRedundant) merged.push(toleration);
  }
  return merged;
}

/** Whether one toleration tolerates everything that another does. */
function includes(wide: Toleration, narrow: Toleration): boolean {
  if (sameJson(wide, narrow)) return true;
  const { key = "", effect = "", operator = "Equal", value = "", tolerationSeconds } = wide;
  if (key !== (narrow.key ?? "") && !(key === "" && operator === "Exists")) return false;
  if (effect !== "" && effect !== narrow.effect) return false;
  if (effect === "NoExecute" && tolerationSeconds !== undefined)
    if (narrow.tolerationSeconds === undefined || narrow.tolerationSeconds > tolerationSeconds) return false;
  return operator === "Exists" || (narrow.operator === "Equal" && value === (narrow.value ?? ""));
}
