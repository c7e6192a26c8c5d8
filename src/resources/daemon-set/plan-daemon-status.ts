import type { DaemonSetStatus } from "../../api/types/apps-v1.ts";
import { isPodReady } from "../pod-status.ts";
import { compareDaemonPods, type DaemonState, isAvailable, isUpdated } from "./daemon-pods.ts";
import { planPlacement } from "./plan-placement.ts";

/** Counts nodes and pods as the status tells them; of several pods on a node the first one counts. */
export function renderDaemonStatus(state: DaemonState, nowMs: number): DaemonSetStatus {
  const { daemonSet } = state;
  const counts = { desired: 0, current: 0, misscheduled: 0, ready: 0, updated: 0, available: 0 };
  for (const node of state.nodes) {
    const pods = state.podsByNode.get(node.metadata.name) ?? [];
    const [pod] = pods.length > 1 ? pods.toSorted(compareDaemonPods) : pods;
    if (!planPlacement(node, daemonSet).shouldRun) {
      if (pod !== undefined) counts.misscheduled += 1;
      continue;
    }
    counts.desired += 1;
    if (pod === undefined) continue;
    counts.current += 1;
    if (isPodReady(pod)) counts.ready += 1;
    if (isAvailable(pod, daemonSet, nowMs)) counts.available += 1;
    if (isUpdated(pod, state)) counts.updated += 1;
  }
  const unavailable = counts.desired - counts.available;
  const { generation } = daemonSet.metadata;
  const { collisionCount, conditions } = daemonSet.status;
  return {
    currentNumberScheduled: counts.current,
    numberMisscheduled: counts.misscheduled,
    desiredNumberScheduled: counts.desired,
    numberReady: counts.ready,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(counts.updated === 0 ? {} : { updatedNumberScheduled: counts.updated }),
    ...(counts.available === 0 ? {} : { numberAvailable: counts.available }),
    ...(unavailable === 0 ? {} : { numberUnavailable: unavailable }),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    ...(conditions === undefined ? {} : { conditions }),
  };
}
