import type { Pod } from "../../api/types/core-v1.ts";
import { podRequests } from "../../resources/pod-resources.ts";
import { isTolerated, wellKnownTaints } from "../../resources/taints.ts";
import type { Refusal } from "../admission/admit-pod.ts";
import { bytesOf } from "../containers/amounts.ts";
import { isCriticalPod, qosClassOf } from "../containers/container-resources.ts";
import type { NodePressure } from "../node/render-node.ts";
import type { Shortage } from "./thresholds.ts";

/** A pod with what it uses of what is short. */
export interface RankedPod {
  readonly pod: Pod;
  /** Undefined when it cannot be told. */
  readonly memoryBytes: number | undefined;
}

/** Which pod has to go, and what it is told. */
export interface Eviction {
  readonly pod: Pod;
  readonly message: string;
}

/**
 * Picks the pod that is evicted first: one that uses more than it asked for before one that does not, then the less
 * important, then the larger. Critical pods are spared. Source: Kubernetes documentation, "Node-pressure Eviction".
 */
export function planEviction(shortage: Shortage, pods: readonly RankedPod[]): Eviction | undefined {
  const [first] = pods
    .filter(({ pod }) => !isCriticalPod(pod))
    .map((entry) => ({ ...entry, exceeds: exceedsRequest(shortage, entry) }))
    .sort(
      (a, b) =>
        Number(b.exceeds) - Number(a.exceeds) ||
        (a.pod.spec.priority ?? 0) - (b.pod.spec.priority ?? 0) ||
        (b.memoryBytes ?? 0) - (a.memoryBytes ?? 0),
    );
  if (first === undefined) return undefined;
  const { resource, threshold, available } = shortage;
  const message = `The node was low on resource: ${resource}. Threshold quantity: ${threshold}, available: ${available}. `;
  return { pod: first.pod, message };
}

/** What cannot be measured is taken for too much. Disk use of single pods is not measured. */
function exceedsRequest({ resource }: Shortage, { pod, memoryBytes }: RankedPod): boolean {
  if (resource !== "memory") return true;
  return memoryBytes === undefined || memoryBytes > bytesOf(podRequests(pod).memory);
}

/** Reason of everything that has to do with eviction. */
export const evictedReason = "Evicted";

/** Whether a new pod may come to a node that is short of something. */
export function admitUnderPressure(pod: Pod, pressure: NodePressure): Refusal | undefined {
  const conditions = [
    ...(pressure.memory ? ["MemoryPressure"] : []),
    ...(pressure.disk ? ["DiskPressure"] : []),
    ...(pressure.pid ? ["PIDPressure"] : []),
  ];
  if (conditions.length === 0 || isCriticalPod(pod)) return undefined;
  if (pressure.memory && conditions.length === 1) {
    const taint = { key: wellKnownTaints.memoryPressure, effect: "NoSchedule" } as const;
    if (qosClassOf(pod) !== "BestEffort" || isTolerated(taint, pod.spec.tolerations)) return undefined;
  }
  return { reason: evictedReason, message: `The node had condition: [${conditions.join(" ")}]. ` };
}
