import { nodes, pods } from "../../api/resources.ts";
import { hasReason } from "../../api/status-error.ts";
import type { Pod } from "../../api/types/core-v1.ts";
import { formatTime } from "../../base/clock.ts";
import type { Client } from "../../client/client.ts";
import { keyOf, splitKey } from "../../client/informer.ts";
import { objectKey } from "../../client/object-key.ts";
import {
  type Controller,
  type ControllerDependencies,
  changesOf,
  createController,
} from "../../controllerkit/controller.ts";
import { deepEqual } from "../../controllerkit/deep-equal.ts";
import { done, type ReconcileResult } from "../../controllerkit/reconciler.ts";
import { withPodCondition } from "../../resources/pod-status.ts";
import { indexPodsByNode, podsOfNode } from "../pods-by-node.ts";
import { evictingTaints, planStayMs, sameTaints } from "./plan-eviction.ts";

/** Pods looked at side by side. Source: upstream. */
const workers = 8;

/** Creates the controller that deletes pods which do not tolerate, or no longer, the NoExecute taints of their node. */
export function createTaintEvictionController(dependencies: ControllerDependencies): Controller {
  const { informers, clock, events, client } = dependencies;
  const podInformer = informers.of(pods);
  const nodeInformer = informers.of(nodes);
  indexPodsByNode(informers);
  /** Pods that may stay for a while, and when they have to go. */
  const leaving = new Map<string, { readonly uid: string; readonly atMs: number }>();

  const reconcile = async (key: string, signal: AbortSignal): Promise<ReconcileResult> => {
    const pod = podInformer.cache.get(key);
    const taints = evictingTaints(pod === undefined ? undefined : nodeInformer.cache.get(pod.spec.nodeName ?? ""));
    const stayMs = pod === undefined ? Number.POSITIVE_INFINITY : planStayMs(pod, taints);
    const isLast = stayMs === 0 || leaving.get(key)?.uid !== pod?.metadata.uid;
    if (isLast || stayMs === Number.POSITIVE_INFINITY) callOff(key);
    if (pod === undefined || stayMs === Number.POSITIVE_INFINITY) return done;
    const nowMs = clock.monotonicMs();
    // Whatever taints come and go meanwhile: a pod that is to leave keeps its time.
    const atMs = leaving.get(key)?.atMs ?? nowMs + stayMs;
    if (atMs > nowMs) {
      leaving.set(key, { uid: pod.metadata.uid, atMs });
      return { requeueAfterMs: atMs - nowMs };
    }
    await evict(pod, client, formatTime(clock.nowMs()), signal);
    leaving.delete(key);
    record(key, `Marking for deletion Pod ${key}`);
    return done;
  };
  const callOff = (key: string): void => {
    if (leaving.delete(key)) record(key, `Cancelling deletion of Pod ${key}`);
  };
  const record = (key: string, message: string): void => {
    events.record({ apiVersion: "v1", kind: "Pod", ...splitKey(key) }, "Normal", "TaintManagerEviction", message);
  };

  return createController(
    {
      name: "taint-eviction-controller",
      workers,
      sources: [
        changesOf(nodeInformer, ({ before, after }) =>
          after === undefined || sameTaints(evictingTaints(before), evictingTaints(after))
            ? []
            : podsOfNode(informers, after.metadata.name).map(keyOf),
        ),
        changesOf(podInformer, ({ before, after }) => {
          if (before !== undefined && after !== undefined && isSettled(before, after)) return [];
          const pod = (after ?? before) as Pod;
          const isConcerned = leaving.has(keyOf(pod)) || isOnTaintedNode(pod);
          return isConcerned ? [keyOf(pod)] : [];
        }),
      ],
      reconcile,
    },
    dependencies,
  );

  function isOnTaintedNode({ spec: { nodeName } }: Pod): boolean {
    return nodeName !== undefined && evictingTaints(nodeInformer.cache.get(nodeName)).length > 0;
  }
}

/** Nothing has changed that taints could mean something else for. */
function isSettled(before: Pod, after: Pod): boolean {
  return before.spec.nodeName === after.spec.nodeName && deepEqual(before.spec.tolerations, after.spec.tolerations);
}

async function evict(pod: Pod, client: Client, now: string, signal: AbortSignal): Promise<void> {
  const { uid, generation } = pod.metadata;
  const condition = {
    type: "DisruptionTarget",
    status: "True",
    reason: "DeletionByTaintManager",
    message: "Taint manager: deleting due to NoExecute taint",
    lastProbeTime: null,
    lastTransitionTime: now,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  };
  try {
    if (withPodCondition(pod.status.conditions, condition) !== pod.status.conditions) {
      const patch = { metadata: { uid }, status: { conditions: [condition] } };
      await client.patch(pods, objectKey(pod), "strategic", patch, { subresource: "status" }, signal);
    }
    await client.delete(pods, objectKey(pod), { preconditions: { uid } }, signal);
  } catch (error) {
    if (!hasReason(error, "NotFound")) throw error;
  }
}
