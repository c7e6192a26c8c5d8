import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from "../../api/types/apps-v1.ts";
import { deepEqual } from "../../controllerkit/deep-equal.ts";
import {
  isComplete,
  progressCheckMs,
  renderRolloutStatus,
  renderStatus,
  reportedCounts,
  type StatusInput,
} from "./plan-deployment-status.ts";
import { planRollingUpdate, sizeOfCurrent } from "./plan-rolling-update.ts";
import { planScaling } from "./plan-scaling.ts";
import { annotatedCount, revisionOf, rolloutAnnotations, withRevision } from "./rollout-annotations.ts";
import { deploymentCondition, findCondition, withCondition } from "./rollout-conditions.ts";
import { hasProgressDeadline, type RolloutLimits, rolloutLimits, unlimited } from "./rollout-limits.ts";
import {
  activeSets,
  allSets,
  compareAge,
  newSet,
  nextRevision,
  type PlannedSet,
  type RolloutSets,
  scaleSet,
  sortOutSets,
  sumOf,
} from "./rollout-sets.ts";

/** What is known of a Deployment. */
export interface DeploymentState {
  readonly deployment: Deployment;
  /** Those that it manages. */
  readonly replicaSets: readonly ReplicaSet[];
  /** Pods of its ReplicaSets that have not ended, by ReplicaSet uid. */
  readonly runningPods: ReadonlyMap<string, number>;
}

/** What one pass over a Deployment does, in this order. */
export interface DeploymentPlan {
  /** A ReplicaSet that its present template is missing. */
  readonly create: PlannedSet | undefined;
  /** ReplicaSets of which some may have changed. */
  readonly sets: readonly PlannedSet[];
  /** Old ReplicaSets over the history limit. */
  readonly remove: readonly ReplicaSet[];
  /** The revision to note on the Deployment; undefined when it has none yet. */
  readonly revision: string | undefined;
  readonly status: DeploymentStatus;
  readonly requeueAfterMs: number | undefined;
}

/** A pass while it is planned. */
interface Pass {
  readonly state: DeploymentState;
  readonly sets: RolloutSets;
  readonly limits: RolloutLimits;
  readonly nowMs: number;
  conditions: readonly DeploymentCondition[];
  create: PlannedSet | undefined;
  remove: readonly ReplicaSet[];
  /** Whether the status is to judge the rollout. */
  judged: boolean;
}

/**
 * Decides the next step of a Deployment: one ReplicaSet more, another size for some, old ones removed, and the status.
 * A pass takes one step in one direction; the rest follows when its effect is seen.
 */
export function planDeployment(state: DeploymentState, nowMs: number): DeploymentPlan {
  const { deployment } = state;
  const pass: Pass = {
    state,
    sets: sortOutSets(deployment, state.replicaSets),
    limits: rolloutLimits(deployment),
    nowMs,
    conditions: deployment.status.conditions ?? [],
    create: undefined,
    remove: [],
    judged: false,
  };
  if (deployment.metadata.deletionTimestamp !== undefined) syncRevision(pass);
  else {
    notePaused(pass);
    syncRevision(pass);
    if (deployment.spec.paused === true || isScalingEvent(pass)) scale(pass);
    else if (deployment.spec.strategy.type === "Recreate") recreate(pass);
    else rollOut(pass);
  }
  return finish(pass);
}

function finish(pass: Pass): DeploymentPlan {
  const { state, sets, create } = pass;
  const input: StatusInput = { ...pass, deployment: state.deployment };
  const status = pass.judged ? renderRolloutStatus(input) : renderStatus(input);
  const isSettled = deepEqual(status, state.deployment.status);
  return {
    create,
    sets: allSets(sets).filter((set) => set !== create),
    remove: pass.remove,
    revision: sets.current?.annotations[rolloutAnnotations.revision],
    status,
    requeueAfterMs: pass.judged && isSettled ? progressCheckMs(input) : undefined,
  };
}

/** Pausing stops the clock of the progress deadline, resuming starts it anew. */
function notePaused(pass: Pass): void {
  const { deployment } = pass.state;
  const progressing = findCondition(pass.conditions, "Progressing");
  if (!hasProgressDeadline(deployment) || progressing?.reason === "ProgressDeadlineExceeded") return;
  const isPaused = deployment.spec.paused === true;
  if (isPaused === (progressing?.reason === "DeploymentPaused")) return;
  const [reason, message] = isPaused
    ? ["DeploymentPaused", "Deployment is paused"]
    : ["DeploymentResumed", "Deployment is resumed"];
  pass.conditions = withCondition(
    pass.conditions,
    deploymentCondition("Progressing", "Unknown", reason as string, message as string, pass.nowMs),
  );
}

/** The current set carries the newest revision and what its Deployment says of annotations and readiness. */
function syncRevision(pass: Pass): void {
  const { deployment } = pass.state;
  const { current } = pass.sets;
  if (current === undefined) return;
  current.annotations = withRevision(current.annotations, deployment, nextRevision(pass.sets));
  current.minReadySeconds = deployment.spec.minReadySeconds ?? 0;
  if (hasProgressDeadline(deployment) && findCondition(pass.conditions, "Progressing") === undefined)
    note(pass, "FoundNewReplicaSet", `Found new replica set "${current.name}"`);
}

function createCurrent(pass: Pass): PlannedSet {
  const { sets, limits } = pass;
  const { deployment } = pass.state;
  const current = newSet(deployment, sets, limits);
  sets.current = current;
  pass.create = current;
  current.replicas =
    deployment.spec.strategy.type === "Recreate" ? limits.desired : sizeOfCurrent({ ...sets, current }, limits);
  if (hasProgressDeadline(deployment)) note(pass, "NewReplicaSetCreated", `Created new replica set "${current.name}"`);
  return current;
}

function note(pass: Pass, reason: string, message: string): void {
  pass.conditions = withCondition(
    pass.conditions,
    deploymentCondition("Progressing", "True", reason, message, pass.nowMs),
  );
}

/** A set with pods remembers another number of replicas than the Deployment now wants. */
function isScalingEvent({ sets, limits }: Pass): boolean {
  return activeSets(allSets(sets)).some((set) => {
    const noted = annotatedCount(set.annotations, rolloutAnnotations.desiredReplicas);
    return noted !== undefined && noted !== limits.desired;
  });
}

function scale(pass: Pass): void {
  const { spec, status } = pass.state.deployment;
  planScaling(pass.sets, pass.limits, spec.strategy.type === "RollingUpdate", status.replicas ?? 0);
  if (spec.paused === true) removeHistory(pass);
}

function rollOut(pass: Pass): void {
  pass.judged = true;
  const current = pass.sets.current ?? createCurrent(pass);
  const step = planRollingUpdate({ current, old: pass.sets.old }, pass.limits);
  if (step === "none") removeHistoryWhenComplete(pass);
}

/** All old pods have to be gone before the first new one is made. */
function recreate(pass: Pass): void {
  pass.judged = true;
  const { sets, limits, state } = pass;
  const active = activeSets(sets.old);
  if (active.length > 0) {
    for (const set of active) scaleSet(set, 0, limits);
    return;
  }
  if (hasOldPods(sets, state)) return;
  const current = sets.current ?? createCurrent(pass);
  if (current !== pass.create) scaleSet(current, limits.desired, limits);
  removeHistoryWhenComplete(pass);
}

function hasOldPods(sets: RolloutSets, state: DeploymentState): boolean {
  if (sumOf(sets.old, (set) => set.status.replicas) > 0) return true;
  const currentUid = sets.current?.stored?.metadata.uid;
  for (const [uid, count] of state.runningPods) if (uid !== currentUid && count > 0) return true;
  return false;
}

function removeHistoryWhenComplete(pass: Pass): void {
  const { deployment } = pass.state;
  if (isComplete(deployment, reportedCounts(deployment), deployment.status.observedGeneration ?? 0))
    removeHistory(pass);
}

/** Old sets over the limit go, lowest revision first; those with pods are left alone. */
function removeHistory(pass: Pass): void {
  const limit = pass.state.deployment.spec.revisionHistoryLimit;
  if (limit === undefined || limit === unlimited) return;
  const stored = pass.sets.old
    .filter((set) => set.stored?.metadata.deletionTimestamp === undefined)
    .toSorted(compareRevisions);
  pass.remove = stored
    .slice(0, Math.max(0, stored.length - limit))
    .filter(isEmptySet)
    .map((set) => set.stored as ReplicaSet);
}

function compareRevisions(a: PlannedSet, b: PlannedSet): number {
  const first = revisionOf(a.annotations);
  const second = revisionOf(b.annotations);
  if (first === undefined || second === undefined || first === second) return compareAge(a, b);
  return first - second;
}

function isEmptySet({ stored, replicas, status }: PlannedSet): boolean {
  const isObserved = (stored?.metadata.generation ?? 0) <= (status.observedGeneration ?? 0);
  return isObserved && replicas === 0 && status.replicas === 0;
}
