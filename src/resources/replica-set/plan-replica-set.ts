import type { LabelMatcher } from "../../api/label-selector.ts";
import { selectLabels } from "../../api/label-selector.ts";
import type { ReplicaSet, ReplicaSetCondition, ReplicaSetStatus } from "../../api/types/apps-v1.ts";
import type { Pod, ReplicationController } from "../../api/types/core-v1.ts";
import { formatTime } from "../../base/clock.ts";
import { inDeletionOrder } from "../pod/deletion-order.ts";
import { isPodActive, isPodAvailable, isPodReady } from "../pod-status.ts";

/** A ReplicaSet, or its elder, which differs only in how it selects. */
export type ReplicaOwner = ReplicaSet | ReplicationController;

/** Most pods that are created or deleted at once; the rest follows when these are seen. Source: upstream. */
export const burstReplicas = 500;

/** What is to be done to a set of pods. At most one of the two is not empty. */
export interface ReplicaPlan {
  readonly create: number;
  readonly remove: readonly Pod[];
}

/**
 * Decides how many pods to create or which to delete.
 * @param related active pods of all sets of the same Deployment: pods that share a node with many of them go first
 */
export function planReplicas(
  owner: ReplicaOwner,
  activePods: readonly Pod[],
  related: readonly Pod[],
  nowMs: number,
): ReplicaPlan {
  const nothing = { create: 0, remove: [] };
  if (owner.metadata.deletionTimestamp !== undefined) return nothing;
  const surplus = activePods.length - desiredReplicas(owner);
  if (surplus < 0) return { create: Math.min(-surplus, burstReplicas), remove: [] };
  if (surplus === 0) return nothing;
  const count = Math.min(surplus, burstReplicas);
  // No need to rank pods when all of them go.
  if (count === activePods.length) return { create: 0, remove: activePods };
  const onNode = countByNode(related.filter(isPodActive));
  const ranked = activePods.map((pod) => ({ pod, rank: onNode.get(pod.spec.nodeName ?? "") ?? 0 }));
  return { create: 0, remove: inDeletionOrder(ranked, nowMs).slice(0, count) };
}

/** Pods that the owner wants: 1 when it does not say. */
export function desiredReplicas(owner: ReplicaOwner): number {
  return owner.spec.replicas ?? 1;
}

function countByNode(pods: readonly Pod[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const pod of pods) {
    const node = pod.spec.nodeName ?? "";
    counts.set(node, (counts.get(node) ?? 0) + 1);
  }
  return counts;
}

/** What the status of a replica owner is made from. */
export interface ReplicaObservation {
  readonly owner: ReplicaOwner;
  readonly activePods: readonly Pod[];
  /** Left out for ReplicationControllers, which do not report them. */
  readonly terminatingPods?: readonly Pod[];
  /** Why creating or deleting pods failed just now. */
  readonly failure?: string;
  readonly nowMs: number;
}

/** The status as it should be. Zero counts are left out where the API leaves them out. */
export function renderReplicaStatus(observation: ReplicaObservation): ReplicaSetStatus {
  const { owner, activePods, terminatingPods, nowMs } = observation;
  const minReadySeconds = owner.spec.minReadySeconds ?? 0;
  const template: LabelMatcher = selectLabels(owner.spec.template?.metadata.labels);
  const fullyLabeled = activePods.filter((pod) => template.matches(pod.metadata.labels)).length;
  const ready = activePods.filter(isPodReady).length;
  const available = activePods.filter((pod) => isPodAvailable(pod, minReadySeconds, nowMs)).length;
  const conditions = renderConditions(observation);
  const { generation } = owner.metadata;
  return {
    replicas: activePods.length,
    ...(fullyLabeled === 0 ? {} : { fullyLabeledReplicas: fullyLabeled }),
    ...(ready === 0 ? {} : { readyReplicas: ready }),
    ...(available === 0 ? {} : { availableReplicas: available }),
    ...(terminatingPods === undefined ? {} : { terminatingReplicas: terminatingPods.length }),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

const replicaFailure = "ReplicaFailure";

/** The failure condition comes with the first failure, keeps its words while failures last, and then goes. */
function renderConditions({ owner, activePods, failure, nowMs }: ReplicaObservation): readonly ReplicaSetCondition[] {
  const present = owner.status.conditions ?? [];
  const hasFailed = present.some((condition) => condition.type === replicaFailure);
  if (failure === undefined)
    return hasFailed ? present.filter((condition) => condition.type !== replicaFailure) : present;
  if (hasFailed) return present;
  const surplus = activePods.length - desiredReplicas(owner);
  const reason = surplus < 0 ? "FailedCreate" : surplus > 0 ? "FailedDelete" : "";
  const condition: ReplicaSetCondition = {
    type: replicaFailure,
    status: "True",
    lastTransitionTime: formatTime(nowMs),
    ...(reason === "" ? {} : { reason }),
    message: failure,
  };
  return [...present, condition];
}
