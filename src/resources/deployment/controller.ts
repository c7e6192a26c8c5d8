import { deployments, pods, replicaSets } from "../../api/resources.ts";
import { hasReason } from "../../api/status-error.ts";
import type { Deployment, ReplicaSet } from "../../api/types/apps-v1.ts";
import type { Pod } from "../../api/types/core-v1.ts";
import type { Client } from "../../client/client.ts";
import { type CacheChange, keyOf } from "../../client/informer.ts";
import { objectKey } from "../../client/object-key.ts";
import {
  type Controller,
  type ControllerDependencies,
  changesOf,
  createController,
  ownKey,
} from "../../controllerkit/controller.ts";
import { deepEqual } from "../../controllerkit/deep-equal.ts";
import { createSelectorCache, ownerKeys } from "../../controllerkit/dependents.ts";
import { createOwnWrites } from "../../controllerkit/own-writes.ts";
import { claimObjects, controllerOf, indexOrphans, orphansIn } from "../../controllerkit/ownership.ts";
import { isNamespaceTerminating, messageOf } from "../../controllerkit/pod-control.ts";
import { done, type ReconcileResult } from "../../controllerkit/reconciler.ts";
import { isPodTerminal } from "../pod-status.ts";
import { type DeploymentPlan, planDeployment } from "./plan-deployment.ts";
import { rolloutAnnotations } from "./rollout-annotations.ts";
import { deploymentCondition, withCondition } from "./rollout-conditions.ts";
import { hasProgressDeadline } from "./rollout-limits.ts";
import { isSameTemplate, type PlannedSet, renderChangedSet, renderNewSet } from "./rollout-sets.ts";

/** Creates the controller that rolls Deployments out over ReplicaSets. */
export function createDeploymentController(dependencies: ControllerDependencies): Controller {
  const { informers, clock, events } = dependencies;
  const deploymentInformer = informers.of(deployments);
  const setInformer = informers.of(replicaSets);
  const podInformer = informers.of(pods);
  indexOrphans(informers, replicaSets);
  const selectors = createSelectorCache();
  const writes = createOwnWrites(dependencies.client, [
    { resource: deployments, informer: deploymentInformer },
    { resource: replicaSets, informer: setInformer },
  ]);

  const claimSets = (deployment: Deployment, client: Client, signal: AbortSignal): Promise<readonly ReplicaSet[]> => {
    const { uid, namespace } = deployment.metadata;
    const objects = [...setInformer.cache.ownedBy(uid), ...orphansIn(informers, replicaSets, namespace)];
    const selector = selectors.of(deployment.spec.selector);
    return claimObjects(
      { owner: deployment, ownerResource: deployments, resource: replicaSets, selector, objects },
      client,
      signal,
    );
  };
  const countRunning = (sets: readonly ReplicaSet[]): ReadonlyMap<string, number> =>
    new Map(
      sets.map(({ metadata }) => [
        metadata.uid,
        podInformer.cache.ownedBy(metadata.uid).filter((pod) => !isPodTerminal(pod)).length,
      ]),
    );

  const reconcile = async (key: string, signal: AbortSignal): Promise<ReconcileResult> => {
    const deployment = deploymentInformer.cache.get(key);
    if (deployment === undefined) return done;
    const client = writes.clientFor(key);
    if (selectors.of(deployment.spec.selector).isEverything) {
      events.record(deployment, "Warning", "SelectingAll", selectingAll);
      await observe(deployment, client, signal);
      return done;
    }
    const owned = await claimSets(deployment, client, signal);
    const plan = planDeployment({ deployment, replicaSets: owned, runningPods: countRunning(owned) }, clock.nowMs());
    const isCreated = await createSet(deployment, plan, client, signal);
    if (!isCreated) return done;
    for (const set of plan.sets) await updateSet(deployment, set, client, signal);
    for (const set of plan.remove) await removeSet(client, set, signal);
    await writeDeployment(deployment, plan, client, signal);
    return plan.requeueAfterMs === undefined ? done : { requeueAfterMs: plan.requeueAfterMs };
  };

  /** @returns whether the plan may go on */
  const createSet = async (
    deployment: Deployment,
    plan: DeploymentPlan,
    client: Client,
    signal: AbortSignal,
  ): Promise<boolean> => {
    const set = plan.create;
    if (set === undefined) return true;
    const { namespace } = deployment.metadata;
    try {
      await client.create(replicaSets, renderNewSet(deployment, set), { namespace }, signal);
    } catch (error) {
      if (isNamespaceTerminating(error)) return false;
      if (hasReason(error, "AlreadyExists")) await resolveCollision(deployment, set, client, signal);
      else await reportFailedCreate(deployment, set, error, client, signal);
      throw error;
    }
    if (set.replicas > 0) {
      const message = `Scaled up replica set ${set.name} from 0 to ${set.replicas}`;
      events.record(deployment, "Normal", "ScalingReplicaSet", message);
    }
    return true;
  };

  const reportFailedCreate = async (
    deployment: Deployment,
    set: PlannedSet,
    error: unknown,
    client: Client,
    signal: AbortSignal,
  ): Promise<void> => {
    const message = `Failed to create new replica set "${set.name}": ${messageOf(error)}`;
    events.record(deployment, "Warning", "ReplicaSetCreateError", message);
    if (!hasProgressDeadline(deployment)) return;
    const condition = deploymentCondition("Progressing", "False", "ReplicaSetCreateError", message, clock.nowMs());
    const conditions = withCondition(deployment.status.conditions ?? [], condition);
    await writeStatus(deployment, { ...deployment.status, conditions }, client, signal);
  };

  const updateSet = async (
    deployment: Deployment,
    set: PlannedSet,
    client: Client,
    signal: AbortSignal,
  ): Promise<void> => {
    const changed = renderChangedSet(set);
    if (changed === undefined) return;
    await client.update(replicaSets, changed, {}, signal);
    for (const { from, to } of set.scalings) {
      const direction = to > from ? "up" : "down";
      const message = `Scaled ${direction} replica set ${set.name} from ${from} to ${to}`;
      events.record(deployment, "Normal", "ScalingReplicaSet", message);
    }
  };

  return createController(
    {
      name: "deployment-controller",
      sources: [
        changesOf(deploymentInformer, ownKey),
        changesOf(
          setInformer,
          ownerKeys({
            resource: deployments,
            informer: deploymentInformer,
            selects: ({ spec }, labels) => {
              const selector = selectors.of(spec.selector);
              return !selector.isEverything && selector.matches(labels);
            },
          }),
        ),
        changesOf(podInformer, (change) => recreatedBy(change)),
      ],
      writes,
      reconcile,
    },
    dependencies,
  );

  /** A Deployment that recreates its pods waits for the last old one to be gone, which no ReplicaSet tells. */
  function recreatedBy({ before, after }: CacheChange<Pod>): readonly string[] {
    const hasEnded = before !== undefined && (after === undefined || (isPodTerminal(after) && !isPodTerminal(before)));
    const set = hasEnded ? controllerOf(before) : undefined;
    if (before === undefined || set === undefined || set.kind !== "ReplicaSet") return [];
    const owner = setInformer.cache.get(`${before.metadata.namespace}/${set.name}`);
    const reference = owner === undefined ? undefined : controllerOf(owner);
    if (owner === undefined || reference === undefined) return [];
    const deployment = deploymentInformer.cache.get(`${owner.metadata.namespace}/${reference.name}`);
    return deployment?.spec.strategy.type === "Recreate" ? [keyOf(deployment)] : [];
  }
}

const selectingAll = "This deployment is selecting all pods. A non-empty selector is required.";

async function observe(deployment: Deployment, client: Client, signal: AbortSignal): Promise<void> {
  const { generation } = deployment.metadata;
  if (generation === undefined || (deployment.status.observedGeneration ?? 0) >= generation) return;
  await writeStatus(deployment, { ...deployment.status, observedGeneration: generation }, client, signal);
}

/**
 * A set of the wanted name exists. When it is another one, the template's hash is taken and the next pass must try
 * another name; otherwise the cache was behind and the next pass finds the set.
 */
async function resolveCollision(
  deployment: Deployment,
  set: PlannedSet,
  client: Client,
  signal: AbortSignal,
): Promise<void> {
  const { namespace } = deployment.metadata;
  const present = await client.get(replicaSets, { namespace, name: set.name }, signal);
  const isOurs =
    controllerOf(present)?.uid === deployment.metadata.uid &&
    isSameTemplate(present.spec.template, deployment.spec.template);
  if (isOurs) return;
  const collisionCount = (deployment.status.collisionCount ?? 0) + 1;
  await writeStatus(deployment, { ...deployment.status, collisionCount }, client, signal);
}

async function removeSet(client: Client, set: ReplicaSet, signal: AbortSignal): Promise<void> {
  try {
    await client.delete(replicaSets, objectKey(set), {}, signal);
  } catch (error) {
    if (!hasReason(error, "NotFound")) throw error;
  }
}

/** The revision stands in an annotation, which is written along with the status. */
async function writeDeployment(
  deployment: Deployment,
  { revision, status }: DeploymentPlan,
  client: Client,
  signal: AbortSignal,
): Promise<void> {
  const { annotations } = deployment.metadata;
  const isNoted = revision === undefined || annotations?.[rolloutAnnotations.revision] === revision;
  if (isNoted && deepEqual(status, deployment.status)) return;
  const noted = isNoted
    ? deployment
    : {
        ...deployment,
        metadata: {
          ...deployment.metadata,
          annotations: { ...annotations, [rolloutAnnotations.revision]: revision },
        },
      };
  await writeStatus(noted, status, client, signal);
}

async function writeStatus(
  deployment: Deployment,
  status: Deployment["status"],
  client: Client,
  signal: AbortSignal,
): Promise<void> {
  await client.update(deployments, { ...deployment, status }, { subresource: "status" }, signal);
}
