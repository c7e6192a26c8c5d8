import { controllerRevisions, daemonSets, nodes, pods } from "../../api/resources.ts";
import type { ControllerRevision, DaemonSet } from "../../api/types/apps-v1.ts";
import type { Node, Pod } from "../../api/types/core-v1.ts";
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
import { createKeyedBackoff } from "../../controllerkit/keyed-backoff.ts";
import { createOwnWrites } from "../../controllerkit/own-writes.ts";
import { claimObjects, indexOrphans, orphansIn } from "../../controllerkit/ownership.ts";
import { createPod, deletePod, isNamespaceTerminating, renderPod } from "../../controllerkit/pod-control.ts";
import { done, type ReconcileResult } from "../../controllerkit/reconciler.ts";
import { slowStart } from "../../controllerkit/slow-start.ts";
import { type DaemonState, groupByNode, revisionLabels } from "./daemon-pods.ts";
import { planDaemonPods } from "./plan-daemon-pods.ts";
import { renderDaemonStatus } from "./plan-daemon-status.ts";
import { planHistoryCleanup } from "./plan-history.ts";
import { daemonTolerations, planPlacement, targetNodeOf } from "./plan-placement.ts";
import { planRollout } from "./plan-rollout.ts";
import { syncHistory } from "./rollout-history.ts";

/** Most pods made, and most taken away, in one pass. Source: upstream. */
const burstPods = 250;

/** How long failed pods stay before they are replaced. Source: upstream, so as not to fight with a node that rejects them. */
const failedPodPolicy = { initialMs: 1_000, maxMs: 15 * 60_000 };

/** Creates the controller that keeps one pod on every node that a DaemonSet selects. */
export function createDaemonSetController(dependencies: ControllerDependencies): Controller {
  const { informers, clock, events } = dependencies;
  const daemonInformer = informers.of(daemonSets);
  const revisionInformer = informers.of(controllerRevisions);
  const podInformer = informers.of(pods);
  const nodeInformer = informers.of(nodes);
  indexOrphans(informers, pods);
  indexOrphans(informers, controllerRevisions);
  const selectors = createSelectorCache();
  const failedPods = createKeyedBackoff(failedPodPolicy);
  const writes = createOwnWrites(dependencies.client, [
    { resource: daemonSets, informer: daemonInformer },
    { resource: controllerRevisions, informer: revisionInformer },
    { resource: pods, informer: podInformer },
  ]);

  const claimPods = (daemonSet: DaemonSet, client: Client, signal: AbortSignal): Promise<readonly Pod[]> => {
    const { uid, namespace } = daemonSet.metadata;
    const objects = [...podInformer.cache.ownedBy(uid), ...orphansIn(informers, pods, namespace)];
    const selector = selectors.of(daemonSet.spec.selector);
    const claim = { owner: daemonSet, ownerResource: daemonSets, resource: pods, selector, objects };
    return claimObjects(claim, client, signal);
  };
  const claimRevisions = (
    daemonSet: DaemonSet,
    client: Client,
    signal: AbortSignal,
  ): Promise<readonly ControllerRevision[]> => {
    const { uid, namespace } = daemonSet.metadata;
    const objects = [...revisionInformer.cache.ownedBy(uid), ...orphansIn(informers, controllerRevisions, namespace)];
    const selector = selectors.of(daemonSet.spec.selector);
    const claim = { owner: daemonSet, ownerResource: daemonSets, resource: controllerRevisions, selector, objects };
    return claimObjects(claim, client, signal);
  };

  /** Makes and takes pods. @throws the first failure, after everything has been tried */
  const changePods = async (
    state: DaemonState,
    change: { readonly create: readonly string[]; readonly remove: readonly Pod[] },
    client: Client,
    signal: AbortSignal,
  ): Promise<void> => {
    const { daemonSet } = state;
    const control = { client, events };
    const targets = change.create.slice(0, burstPods);
    const { error } = await slowStart(targets.length, async (index) => {
      try {
        await createPod(control, daemonSet, renderDaemonPod(state, targets[index] as string), signal);
      } catch (failure) {
        if (!isNamespaceTerminating(failure)) throw failure;
      }
    });
    const removals = await Promise.allSettled(
      change.remove.slice(0, burstPods).map((pod) => deletePod(control, daemonSet, pod.metadata.name, signal)),
    );
    if (error !== undefined) throw error;
    for (const removal of removals) if (removal.status === "rejected") throw removal.reason;
  };

  /** @returns how long until failed pods may be replaced */
  const managePods = async (state: DaemonState, client: Client, signal: AbortSignal): Promise<number | undefined> => {
    const { daemonSet } = state;
    const nowMs = clock.nowMs();
    const backoffKey = (node: string): string =>
      `${daemonSet.metadata.uid}/${daemonSet.status.observedGeneration ?? 0}/${node}`;
    const plan = planDaemonPods(state, (node) => failedPods.remainingMs(backoffKey(node), nowMs), nowMs);
    for (const pod of plan.ended) {
      const { namespace, name } = pod.metadata;
      const node = targetNodeOf(pod) ?? "";
      if (pod.status.phase === "Failed") {
        failedPods.failed(backoffKey(node), nowMs);
        const message = `Found failed daemon pod ${namespace}/${name} on node ${node}, will try to kill it`;
        events.record(daemonSet, "Warning", "FailedDaemonPod", message);
      } else {
        const message = `Found succeeded daemon pod ${namespace}/${name} on node ${node}, will try to delete it`;
        events.record(daemonSet, "Normal", "SucceededDaemonPod", message);
      }
    }
    if (plan.create.length > 0 || plan.remove.length > 0) await changePods(state, plan, client, signal);
    // A rolling update goes on when what was just done is seen.
    else if (daemonSet.spec.updateStrategy.type === "RollingUpdate")
      await changePods(state, planRollout(state, nowMs), client, signal);
    return plan.retryAfterMs;
  };

  const reconcile = async (key: string, signal: AbortSignal): Promise<ReconcileResult> => {
    const daemonSet = daemonInformer.cache.get(key);
    if (daemonSet === undefined) return done;
    if (selectors.of(daemonSet.spec.selector).isEverything) {
      events.record(daemonSet, "Warning", "SelectingAll", selectingAll);
      return done;
    }
    // Its revisions may be gone already, so nothing can be said of its pods any more.
    if (daemonSet.metadata.deletionTimestamp !== undefined) return done;
    const client = writes.clientFor(key);
    const owned = await claimPods(daemonSet, client, signal);
    const revisions = await claimRevisions(daemonSet, client, signal);
    const history = await syncHistory({ daemonSet, revisions, pods: owned }, client, signal);
    const state: DaemonState = {
      daemonSet,
      nodes: nodeInformer.cache.list(),
      podsByNode: groupByNode(owned),
      hash: history.hash,
    };
    const managed = await settle(async () => {
      const retryAfterMs = await managePods(state, client, signal);
      for (const revision of planHistoryCleanup(daemonSet, history.old, owned))
        await client.delete(controllerRevisions, objectKey(revision), {}, signal);
      return retryAfterMs;
    });
    const status = renderDaemonStatus(state, clock.nowMs());
    if (!deepEqual(status, daemonSet.status))
      await client.update(daemonSets, { ...daemonSet, status }, { subresource: "status" }, signal);
    if (managed.status === "rejected") throw managed.reason;
    const minReadyMs = (daemonSet.spec.minReadySeconds ?? 0) * 1000;
    const becomesAvailable = minReadyMs > 0 && status.numberReady !== (status.numberAvailable ?? 0);
    const waits = [managed.value, becomesAvailable ? minReadyMs : undefined].filter((wait) => wait !== undefined);
    return waits.length === 0 ? done : { requeueAfterMs: Math.min(...waits) };
  };

  /** DaemonSets that a change of a node concerns: only those that would now act on it, because nodes change often. */
  const concernedBy = ({ before, after }: CacheChange<Node>): readonly string[] => {
    if (before !== undefined && after !== undefined && !hasMoved(before, after)) return [];
    const node = (after ?? before) as Node;
    return daemonInformer.cache
      .list()
      .filter((daemonSet) => {
        const { shouldRun, mayStay } = planPlacement(node, daemonSet);
        if (after === undefined) return shouldRun;
        const isThere = podInformer.cache
          .ownedBy(daemonSet.metadata.uid)
          .some((pod) => pod.spec.nodeName === node.metadata.name);
        return isThere ? !mayStay || daemonSet.status.numberMisscheduled > 0 || !shouldRun : shouldRun;
      })
      .map(keyOf);
  };

  return createController(
    {
      name: "daemonset-controller",
      sources: [
        changesOf(daemonInformer, ownKey),
        changesOf(
          podInformer,
          ownerKeys({
            resource: daemonSets,
            informer: daemonInformer,
            selects: ({ spec }, labels) => {
              const selector = selectors.of(spec.selector);
              return !selector.isEverything && selector.matches(labels);
            },
          }),
        ),
        changesOf(
          revisionInformer,
          ownerKeys({
            resource: daemonSets,
            informer: daemonInformer,
            selects: ({ spec }, labels) => {
              const selector = selectors.of(spec.selector);
              return !selector.isEverything && selector.matches(labels);
            },
          }),
        ),
        changesOf(nodeInformer, concernedBy),
      ],
      writes,
      workers: 2,
      reconcile,
    },
    dependencies,
  );
}

const selectingAll = "This daemon set is selecting all pods. A non-empty selector is required.";

/** The scheduler binds the pod; affinity to one node says to which. */
function renderDaemonPod(state: DaemonState, nodeName: string) {
  const { template } = state.daemonSet.spec;
  const { affinity } = template.spec;
  const nodeSelectorTerms = [{ matchFields: [{ key: "metadata.name", operator: "In" as const, values: [nodeName] }] }];
  const nodeAffinity = {
    ...affinity?.nodeAffinity,
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms },
  };
  const spec = {
    ...template.spec,
    tolerations: daemonTolerations(template.spec),
    affinity: { ...affinity, nodeAffinity },
  };
  const labels = { ...template.metadata.labels, ...revisionLabels(state) };
  return renderPod({ metadata: { ...template.metadata, labels }, spec }, state.daemonSet);
}

/** What decides where daemons run has changed. */
function hasMoved(before: Node, after: Node): boolean {
  return !deepEqual(before.metadata.labels, after.metadata.labels) || !deepEqual(before.spec.taints, after.spec.taints);
}

async function settle<T>(action: () => Promise<T>): Promise<PromiseSettledResult<T>> {
  const [result] = await Promise.allSettled([action()]);
  return result;
}
