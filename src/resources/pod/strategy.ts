import type { Draft } from "../../api/draft.ts";
import type { Pod } from "../../api/types/core-v1.ts";
import { computeQosClass } from "../pod-resources.ts";

/** Gives a new pod the status that it starts with. */
export function preparePodForCreate(draft: Draft<Pod>): void {
  draft.status = { phase: "Pending", qosClass: draft.status.qosClass ?? computeQosClass(draft.spec as Pod["spec"]) };
  if ((draft.spec.schedulingGates?.length ?? 0) > 0)
    draft.status.conditions = [
      {
        type: "PodScheduled",
        status: "False",
        lastProbeTime: null,
        lastTransitionTime: null,
        reason: "SchedulingGated",
        message: "Scheduling is blocked due to non-empty scheduling gates",
      },
    ];
}

/** A plain update leaves the status alone. */
export function preparePodForUpdate(draft: Draft<Pod>, old: Pod): void {
  draft.status = old.status as Draft<Pod["status"]>;
}

/**
 * An update of the status leaves everything else alone, and cannot forget what only the status remembers: the class
 * and the generations that were observed.
 */
export function preparePodForStatusUpdate(draft: Draft<Pod>, old: Pod): void {
  draft.spec = old.spec as Draft<Pod["spec"]>;
  delete draft.metadata.deletionTimestamp;
  if (old.metadata.ownerReferences === undefined) delete draft.metadata.ownerReferences;
  else draft.metadata.ownerReferences = old.metadata.ownerReferences as Draft<Pod>["metadata"]["ownerReferences"];
  if (old.status.qosClass !== undefined) draft.status.qosClass ??= old.status.qosClass;
  keepObservedGenerations(draft, old);
}

function keepObservedGenerations(draft: Draft<Pod>, old: Pod): void {
  if (old.status.observedGeneration !== undefined) draft.status.observedGeneration ??= old.status.observedGeneration;
  const remembered = new Map<string, number[]>();
  for (const condition of old.status.conditions ?? []) {
    const generations = remembered.get(condition.type) ?? [];
    generations.push(condition.observedGeneration ?? 0);
    remembered.set(condition.type, generations);
  }
  // More than one condition of a type is allowed, so they are matched in order.
  for (const condition of draft.status.conditions ?? []) {
    const generation = remembered.get(condition.type)?.shift() ?? 0;
    if (generation !== 0) condition.observedGeneration ??= generation;
  }
}

/**
 * A pod that runs on a node is given time to end, as long as the request or the pod asks; any other goes at once.
 * @param requestedGraceSeconds what the delete asked for
 */
export function podDeletionGrace(pod: Pod, requestedGraceSeconds: number | undefined): { graceSeconds: number } {
  const isRunning =
    (pod.spec.nodeName ?? "") !== "" && pod.status.phase !== "Failed" && pod.status.phase !== "Succeeded";
  if (!isRunning) return { graceSeconds: 0 };
  const graceSeconds = requestedGraceSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 0;
  return { graceSeconds: graceSeconds < 0 ? 1 : graceSeconds };
}
