import { type FieldError, FieldPath, fieldError } from "../api/field-error.ts";
import type { Binding, Pod } from "../api/types/core-v1.ts";
import { formatTime } from "../base/clock.ts";
import { withPodCondition } from "./pod-status.ts";

/** What is wrong with the binding of a pod to a node. */
export function validatePodBinding(binding: Pick<Binding, "target">): FieldError[] {
  const errors: FieldError[] = [];
  const target = FieldPath.of("target");
  const { kind = "", name = "" } = binding.target;
  if (kind !== "" && kind !== "Node")
    errors.push(fieldError.notSupported(target.child("kind"), kind, ["Node", "<empty>"]));
  if (name === "") errors.push(fieldError.required(target.child("name")));
  return errors;
}

/** Why a pod cannot be bound to a node now, in upstream's words; undefined when it can. */
export function bindingObstacle(pod: Pod): string | undefined {
  const { name, deletionTimestamp } = pod.metadata;
  const { nodeName = "", schedulingGates = [] } = pod.spec;
  if (deletionTimestamp !== undefined) return `pod ${name} is being deleted, cannot be assigned to a host`;
  if (nodeName !== "") return `pod ${name} is already assigned to node "${nodeName}"`;
  if ((schedulingGates ?? []).length > 0) return `pod ${name} has non-empty .spec.schedulingGates`;
  return undefined;
}

/** The pod as it is once it is bound. Labels and annotations of the binding go over to it. */
export function bindPod(pod: Pod, binding: Pick<Binding, "metadata" | "target">, nowMs: number): Pod {
  const { nominatedNodeName: _nominated, ...status } = pod.status;
  const merge = (
    own: Readonly<Record<string, string>> | undefined,
    added: Readonly<Record<string, string>> | undefined,
  ): Record<string, string> => Object.assign(Object.create(null) as Record<string, string>, own, added);
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      labels: merge(pod.metadata.labels, binding.metadata.labels),
      annotations: merge(pod.metadata.annotations, binding.metadata.annotations),
    },
    spec: { ...pod.spec, nodeName: binding.target.name as string },
    status: {
      ...status,
      conditions: withPodCondition(pod.status.conditions, {
        type: "PodScheduled",
        status: "True",
        lastProbeTime: null,
        lastTransitionTime: formatTime(nowMs),
      }),
    },
  };
}
