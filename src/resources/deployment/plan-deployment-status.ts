import type { Deployment, DeploymentCondition, DeploymentStatus } from "../../api/types/apps-v1.ts";
import { parseTime } from "../../base/clock.ts";
import { deploymentCondition, findCondition, withCondition, withoutCondition } from "./rollout-conditions.ts";
import { hasProgressDeadline, type RolloutLimits } from "./rollout-limits.ts";
import { allSets, type PlannedSet, type RolloutSets, sumOf } from "./rollout-sets.ts";

/** The counts of a Deployment's status, none of them missing. */
export interface ReplicaCounts {
  readonly replicas: number;
  readonly updated: number;
  readonly ready: number;
  readonly available: number;
}

/** A Deployment as a pass sees it: with the conditions that the pass has set already. */
export interface StatusInput {
  readonly deployment: Deployment;
  readonly sets: RolloutSets;
  readonly limits: RolloutLimits;
  readonly conditions: readonly DeploymentCondition[];
  readonly nowMs: number;
}

/** Counts and the Available condition: all that a status needs while no rollout is judged. */
export function renderStatus(input: StatusInput): DeploymentStatus {
  const { deployment, limits, conditions, nowMs } = input;
  const { available } = countReplicas(input.sets);
  const condition =
    available >= limits.desired - limits.maxUnavailable
      ? deploymentCondition(
          "Available",
          "True",
          "MinimumReplicasAvailable",
          "Deployment has minimum availability.",
          nowMs,
        )
      : deploymentCondition(
          "Available",
          "False",
          "MinimumReplicasUnavailable",
          "Deployment does not have minimum availability.",
          nowMs,
        );
  return assemble(deployment, input.sets, withCondition(conditions, condition));
}

/** A status that also says how the rollout goes: complete, progressing, stuck or failing. */
export function renderRolloutStatus(input: StatusInput): DeploymentStatus {
  const plain = renderStatus(input);
  const counts = countReplicas(input.sets);
  const progress = renderProgress(input, plain.conditions ?? [], counts);
  const failure = findReplicaFailure(input.sets);
  const conditions =
    failure === undefined ? withoutCondition(progress, "ReplicaFailure") : withCondition(progress, failure);
  return assemble(input.deployment, input.sets, conditions);
}

/** Whether all desired pods are there, current and available, and no other is. */
export function isComplete(deployment: Deployment, counts: ReplicaCounts, observedGeneration: number): boolean {
  const desired = deployment.spec.replicas ?? 1;
  return (
    counts.updated === desired &&
    counts.replicas === desired &&
    counts.available === desired &&
    observedGeneration >= (deployment.metadata.generation ?? 0)
  );
}

/** The counts that a Deployment last reported. */
export function reportedCounts({ status }: Deployment): ReplicaCounts {
  return {
    replicas: status.replicas ?? 0,
    updated: status.updatedReplicas ?? 0,
    ready: status.readyReplicas ?? 0,
    available: status.availableReplicas ?? 0,
  };
}

/** The counts that the sets report. */
export function countReplicas(sets: RolloutSets): ReplicaCounts {
  const all = allSets(sets);
  return {
    replicas: sumOf(all, (set) => set.status.replicas),
    updated: sets.current?.status.replicas ?? 0,
    ready: sumOf(all, (set) => set.status.readyReplicas),
    available: sumOf(all, (set) => set.status.availableReplicas),
  };
}

/**
 * How long until a rollout that stands still has to be looked at again, to see whether it has passed its deadline;
 * undefined when nothing is to be expected by waiting.
 */
export function progressCheckMs(input: StatusInput): number | undefined {
  const { deployment, conditions, nowMs } = input;
  const progressing = findCondition(conditions, "Progressing");
  if (!hasProgressDeadline(deployment) || progressing === undefined) return undefined;
  const observed = deployment.metadata.generation ?? 0;
  if (isComplete(deployment, countReplicas(input.sets), observed) || progressing.reason === timedOut) return undefined;
  const sinceMs = parseTime(progressing.lastUpdateTime) ?? nowMs;
  // A second more, because times in conditions have no fractions.
  return Math.max(0, sinceMs + (deployment.spec.progressDeadlineSeconds ?? 0) * 1000 - nowMs) + 1000;
}

const timedOut = "ProgressDeadlineExceeded";
const available = "NewReplicaSetAvailable";

function renderProgress(
  input: StatusInput,
  conditions: readonly DeploymentCondition[],
  counts: ReplicaCounts,
): readonly DeploymentCondition[] {
  const { deployment, sets, nowMs } = input;
  if (!hasProgressDeadline(deployment)) return withoutCondition(conditions, "Progressing");
  const present = findCondition(conditions, "Progressing");
  // Nothing rolls: no need to judge.
  if (counts.replicas === counts.updated && present?.reason === available) return conditions;
  const subject =
    sets.current === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${sets.current.name}"`;
  if (isComplete(deployment, counts, deployment.metadata.generation ?? 0)) {
    const message = `${subject} has successfully progressed.`;
    return withCondition(conditions, deploymentCondition("Progressing", "True", available, message, nowMs));
  }
  if (hasProgressed(reportedCounts(deployment), counts)) {
    const message = `${subject} is progressing.`;
    const condition = deploymentCondition("Progressing", "True", "ReplicaSetUpdated", message, nowMs);
    // Its time of update says when there last was progress, so it is written anew each time.
    const lastTransitionTime = present?.status === "True" ? present.lastTransitionTime : condition.lastTransitionTime;
    return [...withoutCondition(conditions, "Progressing"), { ...condition, lastTransitionTime }];
  }
  if (!hasTimedOut(deployment, present, nowMs)) return conditions;
  const message = `${subject} has timed out progressing.`;
  return withCondition(conditions, deploymentCondition("Progressing", "False", timedOut, message, nowMs));
}

function hasProgressed(before: ReplicaCounts, after: ReplicaCounts): boolean {
  return (
    after.updated > before.updated ||
    after.replicas - after.updated < before.replicas - before.updated ||
    after.ready > before.ready ||
    after.available > before.available
  );
}

function hasTimedOut(deployment: Deployment, progressing: DeploymentCondition | undefined, nowMs: number): boolean {
  if (progressing === undefined || progressing.reason === available) return false;
  if (progressing.reason === timedOut) return true;
  const sinceMs = parseTime(progressing.lastUpdateTime) ?? 0;
  return sinceMs + (deployment.spec.progressDeadlineSeconds ?? 0) * 1000 < nowMs;
}

/** The first failure that a set reports; that of the current set counts most. */
function findReplicaFailure(sets: RolloutSets): DeploymentCondition | undefined {
  const ordered: readonly PlannedSet[] = sets.current === undefined ? sets.old : [sets.current, ...sets.old];
  for (const set of ordered) {
    const failure = set.status.conditions?.find((condition) => condition.type === "ReplicaFailure");
    if (failure !== undefined) return { ...failure, lastUpdateTime: failure.lastTransitionTime };
  }
  return undefined;
}

/** Zero counts are left out, as the API leaves them out. */
function assemble(
  deployment: Deployment,
  sets: RolloutSets,
  conditions: readonly DeploymentCondition[],
): DeploymentStatus {
  const { replicas, updated, ready, available } = countReplicas(sets);
  const unavailable = Math.max(0, sumOf(allSets(sets), (set) => set.replicas) - available);
  const terminating = countTerminating(sets);
  const { generation } = deployment.metadata;
  const { collisionCount } = deployment.status;
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(replicas === 0 ? {} : { replicas }),
    ...(updated === 0 ? {} : { updatedReplicas: updated }),
    ...(ready === 0 ? {} : { readyReplicas: ready }),
    ...(available === 0 ? {} : { availableReplicas: available }),
    ...(unavailable === 0 ? {} : { unavailableReplicas: unavailable }),
    ...(terminating === undefined ? {} : { terminatingReplicas: terminating }),
    ...(conditions.length === 0 ? {} : { conditions }),
    ...(collisionCount === undefined ? {} : { collisionCount }),
  };
}

/** Unknown as long as any set that has been worked on does not report its own. */
function countTerminating(sets: RolloutSets): number | undefined {
  let count = 0;
  for (const { status } of allSets(sets)) {
    if (status.terminatingReplicas !== undefined) count += status.terminatingReplicas;
    else if ((status.observedGeneration ?? 0) !== 0) return undefined;
  }
  return count;
}
