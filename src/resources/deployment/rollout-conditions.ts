import type { DeploymentCondition } from "../../api/types/apps-v1.ts";
import { formatTime } from "../../base/clock.ts";

type Conditions = readonly DeploymentCondition[];

/** Makes a condition that begins now. */
export function deploymentCondition(
  type: "Available" | "Progressing" | "ReplicaFailure",
  status: "True" | "False" | "Unknown",
  reason: string,
  message: string,
  nowMs: number,
): DeploymentCondition {
  const time = formatTime(nowMs);
  return { type, status, lastUpdateTime: time, lastTransitionTime: time, reason, message };
}

export function findCondition(conditions: Conditions, type: string): DeploymentCondition | undefined {
  return conditions.find((condition) => condition.type === type);
}

export function withoutCondition(conditions: Conditions, type: string): Conditions {
  return conditions.filter((condition) => condition.type !== type);
}

/**
 * The conditions with one set. One that is there with the same status and reason stays as it is, words and times
 * included; while only the reason changes, the time of transition is kept.
 */
export function withCondition(conditions: Conditions, condition: DeploymentCondition): Conditions {
  const present = findCondition(conditions, condition.type);
  if (present?.status === condition.status && (present.reason ?? "") === (condition.reason ?? "")) return conditions;
  const kept =
    present?.status === condition.status ? { ...condition, lastTransitionTime: present.lastTransitionTime } : condition;
  return [...withoutCondition(conditions, condition.type), kept];
}
