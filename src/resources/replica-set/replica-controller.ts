import type { LabelMatcher } from "../../api/label-selector.ts";
import type { Resource } from "../../api/resource.ts";
import { pods } from "../../api/resources.ts";
import type { Pod, PodTemplateSpec } from "../../api/types/core-v1.ts";
import type { Client } from "../../client/client.ts";
import {
  type Controller,
  type ControllerDependencies,
  changesOf,
  createController,
  ownKey,
} from "../../controllerkit/controller.ts";
import { deepEqual } from "../../controllerkit/deep-equal.ts";
import { ownerKeys } from "../../controllerkit/dependents.ts";
import { createOwnWrites } from "../../controllerkit/own-writes.ts";
import { claimObjects, controllerOf, indexOrphans, isControlledBy, orphansIn } from "../../controllerkit/ownership.ts";
import { createPod, deletePod, isNamespaceTerminating, messageOf, renderPod } from "../../controllerkit/pod-control.ts";
import { done, type ReconcileResult } from "../../controllerkit/reconciler.ts";
import { slowStart } from "../../controllerkit/slow-start.ts";
import { nextAvailabilityMs } from "../pod/availability.ts";
import { isPodActive, isPodTerminating } from "../pod-status.ts";
import { planReplicas, type ReplicaOwner, type ReplicaPlan, renderReplicaStatus } from "./plan-replica-set.ts";

/** How the two kinds of replica owners differ. */
export interface ReplicaKind<T extends ReplicaOwner> {
  readonly name: string;
  readonly resource: Resource<T>;
  readonly selectorOf: (owner: T) => LabelMatcher;
  readonly reportsTerminating: boolean;
}

/** Creates the controller that keeps as many pods as a ReplicaSet or ReplicationController asks for. */
export function createReplicaController<T extends ReplicaOwner>(
  kind: ReplicaKind<T>,
  dependencies: ControllerDependencies,
): Controller {
  const { informers, clock, events } = dependencies;
  const owners = informers.of(kind.resource);
  const podInformer = informers.of(pods);
  indexOrphans(informers, pods);
  const writes = createOwnWrites(dependencies.client, [
    { resource: kind.resource, informer: owners },
    { resource: pods, informer: podInformer },
  ]);

  const relatedPods = (owner: T): readonly Pod[] => {
    const manager = controllerOf(owner);
    if (manager === undefined) return [];
    return owners.cache.ownedBy(manager.uid).flatMap((sibling) => podInformer.cache.ownedBy(sibling.metadata.uid));
  };
  const apply = async (
    owner: T,
    plan: ReplicaPlan,
    client: Client,
    signal: AbortSignal,
  ): Promise<string | undefined> => {
    const control = { client, events };
    if (plan.create > 0) {
      const pod = renderPod(owner.spec.template as PodTemplateSpec, owner);
      const { error } = await slowStart(plan.create, async () => {
        try {
          await createPod(control, owner, pod, signal);
        } catch (failure) {
          if (!isNamespaceTerminating(failure)) throw failure;
        }
      });
      return error === undefined ? undefined : messageOf(error);
    }
    const results = await Promise.allSettled(
      plan.remove.map((pod) => deletePod(control, owner, pod.metadata.name, signal)),
    );
    const failure = results.find((result) => result.status === "rejected");
    return failure === undefined ? undefined : messageOf(failure.reason);
  };

  const reconcile = async (key: string, signal: AbortSignal): Promise<ReconcileResult> => {
    const owner = owners.cache.get(key);
    if (owner === undefined) return done;
    const client = writes.clientFor(key);
    const selector = kind.selectorOf(owner);
    const { namespace } = owner.metadata;
    const candidates = [...podInformer.cache.ownedBy(owner.metadata.uid), ...orphansIn(informers, pods, namespace)];
    const activePods = await claimObjects(
      { owner, ownerResource: kind.resource, resource: pods, selector, objects: candidates.filter(isPodActive) },
      client,
      signal,
    );
    const nowMs = clock.nowMs();
    const failure = await apply(owner, planReplicas(owner, activePods, relatedPods(owner), nowMs), client, signal);
    const terminatingPods = candidates.filter(
      (pod) => isPodTerminating(pod) && isControlledBy(pod, owner) && selector.matches(pod.metadata.labels),
    );
    const status = renderReplicaStatus({
      owner,
      activePods,
      ...(kind.reportsTerminating ? { terminatingPods } : {}),
      ...(failure === undefined ? {} : { failure }),
      nowMs: clock.nowMs(),
    });
    if (!deepEqual(status, owner.status))
      await client.update(kind.resource, { ...owner, status } as never, { subresource: "status" }, signal);
    if (failure !== undefined) throw new Error(failure);
    const minReadySeconds = owner.spec.minReadySeconds ?? 0;
    if (minReadySeconds === 0 || status.readyReplicas === status.availableReplicas) return done;
    return { requeueAfterMs: nextAvailabilityMs(activePods, minReadySeconds, clock.nowMs()) ?? minReadySeconds * 1000 };
  };

  return createController(
    {
      name: kind.name,
      sources: [
        changesOf(owners, ownKey),
        changesOf(
          podInformer,
          ownerKeys({
            resource: kind.resource,
            informer: owners,
            selects: (owner, labels) => kind.selectorOf(owner).matches(labels),
          }),
        ),
      ],
      writes,
      reconcile,
    },
    dependencies,
  );
}
