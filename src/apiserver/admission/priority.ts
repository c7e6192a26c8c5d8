import type { Draft } from "../../api/draft.ts";
import { priorityClasses } from "../../api/resources.ts";
import type { Pod } from "../../api/types/core-v1.ts";
import type { PriorityClass } from "../../api/types/scheduling-v1.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import type { LiveObjects } from "../live-objects.ts";
import type { FieldOrder } from "./field-order.ts";
import { refuse } from "./refusal.ts";

/** What a pod's priority class comes to. */
interface Resolved {
  readonly name: string;
  readonly value: number;
  readonly preemptionPolicy: string | undefined;
}

/**
 * Turns a pod's priority class into its priority, and sees to it that there is one default class at most.
 * Source: Kubernetes documentation, "Pod Priority and Preemption"; words of kube-apiserver v1.36.
 */
export function createPriority(objects: LiveObjects, order: FieldOrder): AdmissionPlugin {
  const cache = objects.of(priorityClasses).cache;
  const findDefault = (): PriorityClass | undefined =>
    cache
      .list()
      .filter((priorityClass) => priorityClass.globalDefault === true)
      .reduce<PriorityClass | undefined>(
        (least, candidate) => (least === undefined || candidate.value < least.value ? candidate : least),
        undefined,
      );
  const resolve = (request: AdmissionRequest, name: string): Resolved => {
    const found = name === "" ? findDefault() : cache.get(name);
    if (found !== undefined)
      return { name: found.metadata.name, value: found.value, preemptionPolicy: found.preemptionPolicy };
    if (name === "") return { name: "", value: 0, preemptionPolicy: "PreemptLowerPriority" };
    throw refuse(request, `no PriorityClass with name ${name} was found`);
  };
  return {
    name: "Priority",
    handles: ({ group, resource, subresource }, operation) =>
      subresource === "" &&
      (operation === "create" || operation === "update") &&
      ((group === "" && resource === "pods") || (group === "scheduling.k8s.io" && resource === "priorityclasses")),
    admit(request) {
      if (request.attributes.resource !== "pods") return;
      const pod = request.object as unknown as Draft<Pod>;
      const changes =
        request.operation === "create"
          ? newPriority(request, pod, resolve(request, pod.spec.priorityClassName ?? ""))
          : keptPriority(pod, request.oldObject as unknown as Pod);
      pod.spec = order.withFields("core.v1.PodSpec", pod.spec, changes);
    },
    validate(request) {
      if (request.attributes.resource !== "priorityclasses") return;
      const given = request.object as unknown as PriorityClass;
      const present = given.globalDefault === true ? findDefault() : undefined;
      if (present === undefined) return;
      if (request.operation === "create" || present.metadata.name !== given.metadata.name)
        throw refuse(
          request,
          `PriorityClass ${present.metadata.name} is already marked as default. Only one default can exist`,
        );
    },
  };
}

type Changes = Partial<Draft<Pod["spec"]>>;

function newPriority(request: AdmissionRequest, pod: Draft<Pod>, resolved: Resolved): Changes {
  const { priority, preemptionPolicy } = pod.spec;
  const { name, value } = resolved;
  if (priority !== undefined && priority !== value)
    throw refuse(
      request,
      `the integer value of priority (${priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
    );
  const policy = resolved.preemptionPolicy as Changes["preemptionPolicy"];
  if (policy !== undefined && preemptionPolicy !== undefined && preemptionPolicy !== policy)
    throw refuse(
      request,
      `the string value of PreemptionPolicy (${preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`,
    );
  return {
    priority: value,
    ...(name === "" ? {} : { priorityClassName: name }),
    ...(policy === undefined ? {} : { preemptionPolicy: policy }),
  };
}

/** Writers that do not know the fields leave them out; they stay what they are. */
function keptPriority(pod: Draft<Pod>, old: Pod): Changes {
  const { priority, preemptionPolicy } = pod.spec;
  return {
    ...(priority === undefined && old.spec.priority !== undefined ? { priority: old.spec.priority } : {}),
    ...(preemptionPolicy === undefined && old.spec.preemptionPolicy !== undefined
      ? { preemptionPolicy: old.spec.preemptionPolicy }
      : {}),
  };
}
