import type { DaemonSet } from "../../api/types/apps-v1.ts";
import { scaledCount } from "../../controllerkit/int-or-percent.ts";

/** How many nodes a rolling update may leave without a pod, and how many it may give a second one. */
export interface DaemonLimits {
  readonly maxUnavailable: number;
  readonly maxSurge: number;
}

/** Works the limits out; both round up, and when both come to nothing one node may be without. */
export function daemonLimits({ spec }: DaemonSet, desiredNodes: number): DaemonLimits {
  if (spec.updateStrategy.type !== "RollingUpdate") return { maxUnavailable: 0, maxSurge: 0 };
  const { rollingUpdate } = spec.updateStrategy;
  const maxSurge = scaledCount(rollingUpdate?.maxSurge, desiredNodes, "up");
  const maxUnavailable = scaledCount(rollingUpdate?.maxUnavailable, desiredNodes, "up");
  const isStuck = desiredNodes > 0 && maxSurge === 0 && maxUnavailable === 0;
  return { maxUnavailable: isStuck ? 1 : maxUnavailable, maxSurge };
}

/** Whether a node may ever have two pods. */
export function allowsSurge({ spec }: DaemonSet): boolean {
  return (
    spec.updateStrategy.type === "RollingUpdate" &&
    scaledCount(spec.updateStrategy.rollingUpdate?.maxSurge, 1, "up") > 0
  );
}
