import type { Deployment } from "../../api/types/apps-v1.ts";
import { scaledCount } from "../../controllerkit/int-or-percent.ts";

/** What a rollout may do at any moment, in pods. */
export interface RolloutLimits {
  /** How many it is to have in the end. */
  readonly desired: number;
  /** How many more than desired there may be. */
  readonly maxSurge: number;
  /** How many of the desired ones may be missing. */
  readonly maxUnavailable: number;
}

/** An integer field at this value means "no limit". */
export const unlimited = 2_147_483_647;

/**
 * Works the limits of a Deployment out: surge rounds up, unavailable rounds down, and when both come to nothing one pod
 * may be missing, because a rollout could not move otherwise. Only rolling updates have limits other than 0.
 */
export function rolloutLimits(deployment: Deployment): RolloutLimits {
  const desired = deployment.spec.replicas ?? 1;
  const { type, rollingUpdate } = deployment.spec.strategy;
  if (type !== "RollingUpdate") return { desired, maxSurge: 0, maxUnavailable: 0 };
  const maxSurge = scaledCount(rollingUpdate?.maxSurge, desired, "up");
  const share = scaledCount(rollingUpdate?.maxUnavailable, desired, "down");
  const maxUnavailable = maxSurge === 0 && share === 0 ? 1 : share;
  return { desired, maxSurge, maxUnavailable: desired === 0 ? 0 : Math.min(maxUnavailable, desired) };
}

/** Whether the Deployment says how long a rollout may stand still. */
export function hasProgressDeadline({ spec }: Deployment): boolean {
  return spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== unlimited;
}
