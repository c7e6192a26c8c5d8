import { nodes, pods } from "../../api/resources.ts";
import { hasReason } from "../../api/status-error.ts";
import type { Node, Pod } from "../../api/types/core-v1.ts";
import { formatTime } from "../../base/clock.ts";
import { type CacheChange, keyOf } from "../../client/informer.ts";
import { objectKey } from "../../client/object-key.ts";
import {
  type Controller,
  type ControllerDependencies,
  changesOf,
  createController,
} from "../../controllerkit/controller.ts";
import { done, type ReconcileResult } from "../../controllerkit/reconciler.ts";
import { isPodTerminal } from "../../resources/pod-status.ts";
import { indexPodsByNode, podsOfNode } from "../pods-by-node.ts";
import { isOutOfService, isStuck, planEndedPods } from "./plan-pod-garbage.ts";

/** How long a node has to be missing before its pods go. Source: upstream. */
const quarantineMs = 40_000;

/** Ended pods are counted no more often than this. Source: upstream. */
const countingMs = 20_000;

/** Stands for all ended pods; no pod has a key like this. */
const endedPods = "ended";

/**
 * Creates the controllers that delete pods for which nobody cares any more: ended ones that are too many, those of nodes
 * that are gone, and those whose deletion no node will finish.
 * @param settings.endedPodThreshold 0: ended pods stay
 */
export function createPodGarbageCollector(
  settings: { readonly endedPodThreshold: number },
  dependencies: ControllerDependencies,
): Controller {
  const { informers, clock, client } = dependencies;
  const podInformer = informers.of(pods);
  const nodeInformer = informers.of(nodes);
  indexPodsByNode(informers);

  const remove = async (pod: Pod, isOrphan: boolean, signal: AbortSignal): Promise<void> => {
    const { uid } = pod.metadata;
    try {
      if (!isPodTerminal(pod)) {
        const patch = { metadata: { uid }, status: failedStatus(pod, isOrphan, formatTime(clock.nowMs())) };
        await client.patch(pods, objectKey(pod), "strategic", patch, { subresource: "status" }, signal);
      }
      await client.delete(pods, objectKey(pod), { gracePeriodSeconds: 0, preconditions: { uid } }, signal);
    } catch (error) {
      if (!hasReason(error, "NotFound")) throw error;
    }
  };

  const reconcilePod = async (key: string, signal: AbortSignal): Promise<ReconcileResult> => {
    if (key === endedPods) {
      const excess = planEndedPods(podInformer.cache.list(), settings.endedPodThreshold);
      for (const pod of excess) await remove(pod, false, signal);
      return done;
    }
    const pod = podInformer.cache.get(key);
    if (pod !== undefined && isStuck(pod, nodeInformer.cache.get(pod.spec.nodeName ?? "")))
      await remove(pod, false, signal);
    return done;
  };
  const ofPod = ({ before, after }: CacheChange<Pod>): readonly string[] => {
    if (after === undefined) return [];
    const isDeleted = after.metadata.deletionTimestamp !== undefined;
    const wasDeleted = before?.metadata.deletionTimestamp !== undefined;
    return isDeleted && !wasDeleted && isStuck(after, nodeInformer.cache.get(after.spec.nodeName ?? ""))
      ? [keyOf(after)]
      : [];
  };
  const ofEnded = ({ before, after }: CacheChange<Pod>): readonly string[] => {
    const isNews = after !== undefined && isPodTerminal(after) && (before === undefined || !isPodTerminal(before));
    return isNews && settings.endedPodThreshold > 0 ? [endedPods] : [];
  };
  const ofGivenUp = ({ before, after }: CacheChange<Node>): readonly string[] => {
    if (after === undefined || !isOutOfService(after)) return [];
    if (before !== undefined && isOutOfService(before)) return [];
    return podsOfNode(informers, after.metadata.name).map(keyOf);
  };

  const reconcileNode = async (name: string, signal: AbortSignal): Promise<ReconcileResult> => {
    const orphaned = podsOfNode(informers, name);
    if (orphaned.length === 0 || nodeInformer.cache.get(name) !== undefined) return done;
    if (await nodeExists(name, signal)) return { requeueAfterMs: quarantineMs };
    for (const pod of orphaned) await remove(pod, true, signal);
    return done;
  };
  const nodeExists = async (name: string, signal: AbortSignal): Promise<boolean> => {
    try {
      await client.get(nodes, { name }, signal);
      return true;
    } catch (error) {
      if (hasReason(error, "NotFound")) return false;
      throw error;
    }
  };
  const ofMissingNode = ({ before, after }: CacheChange<Pod>): readonly string[] => {
    const nodeName = after?.spec.nodeName ?? "";
    const isNews = nodeName !== "" && before?.spec.nodeName !== nodeName;
    return isNews && nodeInformer.cache.get(nodeName) === undefined ? [nodeName] : [];
  };

  const podLoop = createController(
    {
      name: "pod-garbage-collector-controller",
      sources: [
        changesOf(podInformer, ofPod),
        changesOf(podInformer, ofEnded, () => countingMs),
        changesOf(nodeInformer, ofGivenUp),
      ],
      reconcile: reconcilePod,
    },
    dependencies,
  );
  const nodeLoop = createController(
    {
      name: "pod-garbage-collector-controller",
      sources: [
        changesOf(podInformer, ofMissingNode, () => quarantineMs),
        changesOf(
          nodeInformer,
          ({ before, after }) => (after === undefined && before !== undefined ? [before.metadata.name] : []),
          () => quarantineMs,
        ),
      ],
      reconcile: reconcileNode,
    },
    dependencies,
  );
  return { run: async (signal) => void (await Promise.all([podLoop.run(signal), nodeLoop.run(signal)])) };
}

function failedStatus({ metadata: { generation } }: Pod, isOrphan: boolean, now: string) {
  const observed = generation === undefined ? {} : { observedGeneration: generation };
  const condition = {
    type: "DisruptionTarget",
    status: "True",
    reason: "DeletionByPodGC",
    message: "PodGC: node no longer exists",
    lastProbeTime: null,
    lastTransitionTime: now,
    ...observed,
  };
  return { phase: "Failed", ...observed, ...(isOrphan ? { conditions: [condition] } : {}) };
}
