import { leases, nodes, pods } from "../../api/resources.ts";
import { hasReason } from "../../api/status-error.ts";
import type { Lease } from "../../api/types/coordination-v1.ts";
import type { Node, NodeCondition, Pod } from "../../api/types/core-v1.ts";
import { formatTime, parseTime } from "../../base/clock.ts";
import type { Client } from "../../client/client.ts";
import type { EventRecorder } from "../../client/event-recorder.ts";
import type { CacheChange } from "../../client/informer.ts";
import { objectKey } from "../../client/object-key.ts";
import {
  type Controller,
  type ControllerDependencies,
  changesOf,
  createController,
  ownKey,
} from "../../controllerkit/controller.ts";
import { createOwnWrites } from "../../controllerkit/own-writes.ts";
import { done, type ReconcileResult } from "../../controllerkit/reconciler.ts";
import { createWorkQueue } from "../../controllerkit/work-queue.ts";
import { podCondition } from "../../resources/pod-status.ts";
import { indexPodsByNode, podsOfNode } from "../pods-by-node.ts";
import { createEvictionPace } from "./eviction-pace.ts";
import {
  type Disruption,
  type EvictionPolicy,
  mayChangeDisruption,
  planDisruption,
  zoneOf,
} from "./plan-disruption.ts";
import { hearNode, type NodeHealth, type NodePatience, planNodeHealth, readyCondition } from "./plan-node-health.ts";
import { planNodeLabels } from "./plan-node-labels.ts";
import { type EvictionTaint, hasEvictionTaint, planTaints, wantedEviction } from "./plan-node-taints.ts";

/** Where nodes keep the leases by which they say that they live. */
const leaseNamespace = "kube-node-lease";

/** Nodes looked at side by side. Source: upstream. */
const workers = 8;

/**
 * Creates the controller that watches over nodes: it calls silent ones unknown and their pods not ready, and taints
 * nodes so that pods keep away or are driven away. The driving itself is the taint eviction controller's work.
 */
export function createNodeLifecycleController(
  settings: { readonly patience: NodePatience; readonly eviction: EvictionPolicy },
  dependencies: ControllerDependencies,
): Controller {
  const { informers, clock, events } = dependencies;
  const nodeInformer = informers.of(nodes);
  const leaseInformer = informers.of(leases);
  const podInformer = informers.of(pods);
  indexPodsByNode(informers);
  const queue = createWorkQueue(clock);
  const pace = createEvictionPace(settings.eviction.rate, (node) => queue.add(node));
  const known = new Map<string, string>();
  /** Nodes whose pods nobody has called not ready yet. */
  const unmarked = new Set<string>();
  const health = new Map<string, NodeHealth>();
  let disruption: Disruption | undefined;
  let isJudged = false;
  const writes = createOwnWrites(dependencies.client, [
    { resource: nodes, informer: nodeInformer },
    { resource: pods, informer: podInformer },
  ]);

  const reconcile = async (name: string, signal: AbortSignal): Promise<ReconcileResult> => {
    const node = nodeInformer.cache.get(name);
    register(name, node);
    if (node === undefined) return done;
    const client = writes.clientFor(name);
    const heard = listenTo(node);
    if ("conditions" in heard) {
      await callUnknown(node, heard.conditions, client, signal);
      return done;
    }
    if (unmarked.has(name)) {
      if (readyCondition(node)?.status === "Unknown")
        await markPodsNotReady(podsOfNode(informers, name), client, events, formatTime(clock.nowMs()), signal);
      unmarked.delete(name);
    }
    const { eviction, waitMs } = decideEviction(node);
    await changeNode(node, eviction, formatTime(clock.nowMs()), client, signal);
    const dueMs = Math.min(heard.dueInMs ?? Number.POSITIVE_INFINITY, waitMs ?? Number.POSITIVE_INFINITY);
    return Number.isFinite(dueMs) ? { requeueAfterMs: dueMs } : done;
  };

  /** Tells of nodes that come and go. */
  const register = (name: string, node: Node | undefined): void => {
    const uid = known.get(name);
    if (uid === node?.metadata.uid) return;
    if (uid !== undefined) {
      known.delete(name);
      unmarked.delete(name);
      health.delete(name);
      pace.leave(name);
      recordNodeEvent(events, name, uid, "RemovingNode", `Node ${name} event: Removing Node ${name} from Controller`);
    }
    if (node === undefined) return;
    known.set(name, node.metadata.uid);
    // Whoever called it unknown may not have come to its pods.
    unmarked.add(name);
    const message = `Node ${name} event: Registered Node ${name} in Controller`;
    recordNodeEvent(events, name, node.metadata.uid, "RegisteredNode", message);
  };

  const listenTo = (node: Node) => {
    const { name, creationTimestamp } = node.metadata;
    const lease = leaseInformer.cache.get(`${leaseNamespace}/${name}`);
    const nowMs = clock.monotonicMs();
    const ageMs = Math.max(0, clock.nowMs() - (parseTime(creationTimestamp) ?? clock.nowMs()));
    const heard = hearNode(health.get(name), { node, lease, ageMs }, nowMs);
    health.set(name, heard);
    return planNodeHealth(node, heard, settings.patience, { monotonicMs: nowMs, time: formatTime(clock.nowMs()) });
  };

  const callUnknown = async (
    node: Node,
    conditions: readonly NodeCondition[],
    client: Client,
    signal: AbortSignal,
  ): Promise<void> => {
    const wasReady = readyCondition(node)?.status === "True";
    await client.update(nodes, { ...node, status: { ...node.status, conditions } }, { subresource: "status" }, signal);
    if (!wasReady) return;
    const { name, uid } = node.metadata;
    unmarked.add(name);
    recordNodeEvent(events, name, uid, "NodeNotReady", `Node ${name} status is now: NodeNotReady`);
  };

  /** Decides about the taint that drives pods away; a node that gets it has to wait for its turn. */
  const decideEviction = (node: Node): { readonly eviction: EvictionTaint; readonly waitMs?: number } => {
    const { name } = node.metadata;
    const { isTotal } = judge();
    const wanted = wantedEviction(node);
    if (wanted === undefined) return { eviction: "unchanged" };
    if (wanted === "none" || hasEvictionTaint(node)) {
      pace.leave(name);
      return { eviction: isTotal ? "none" : wanted };
    }
    const { isGranted, waitMs } = pace.ask(name, zoneOf(node), clock.monotonicMs());
    if (isGranted) return { eviction: wanted };
    return { eviction: "unchanged", ...(waitMs === undefined ? {} : { waitMs }) };
  };

  /** The state of the whole cluster, worked out anew after it may have changed. */
  const judge = (): Disruption => {
    if (disruption !== undefined && isJudged) return disruption;
    isJudged = true;
    const wasTotal = disruption?.isTotal ?? false;
    disruption = planDisruption(nodeInformer.cache.list(), settings.eviction);
    const nowMs = clock.monotonicMs();
    for (const [zone, rate] of disruption.rates) pace.setRate(zone, rate, nowMs);
    if (disruption.isTotal === wasTotal) return disruption;
    for (const name of known.keys()) queue.add(name);
    return disruption;
  };

  const ofLease = ({ before, after }: CacheChange<Lease>): readonly string[] =>
    after?.metadata.namespace === leaseNamespace && before?.spec.renewTime !== after.spec.renewTime
      ? [after.metadata.name]
      : [];

  return createController(
    {
      name: "node-lifecycle-controller",
      workers,
      queue,
      sources: [
        changesOf(nodeInformer, (change) => {
          if (mayChangeDisruption(change.before, change.after)) isJudged = false;
          return ownKey(change);
        }),
        changesOf(leaseInformer, ofLease),
      ],
      alsoReads: [podInformer],
      writes,
      reconcile,
    },
    dependencies,
  );
}

/** Writes taints and labels that are not right, both at once. */
async function changeNode(
  node: Node,
  eviction: EvictionTaint,
  now: string,
  client: Client,
  signal: AbortSignal,
): Promise<void> {
  const taints = planTaints(node, eviction, now);
  const labels = planNodeLabels(node);
  if (taints === undefined && labels === undefined) return;
  const { name, resourceVersion } = node.metadata;
  const patch = {
    metadata: { resourceVersion, ...(labels === undefined ? {} : { labels }) },
    ...(taints === undefined ? {} : { spec: { taints } }),
  };
  await client.patch(nodes, { name }, "merge", patch, {}, signal);
}

/** Nobody knows whether pods of a silent node are ready; services must not count on them. */
async function markPodsNotReady(
  running: readonly Pod[],
  client: Client,
  events: EventRecorder,
  now: string,
  signal: AbortSignal,
): Promise<void> {
  for (const pod of running) {
    const ready = podCondition(pod, "Ready");
    if (ready?.status !== "True") continue;
    const condition = { ...ready, status: "False", lastTransitionTime: now };
    const patch = { metadata: { uid: pod.metadata.uid }, status: { conditions: [condition] } };
    try {
      await client.patch(pods, objectKey(pod), "strategic", patch, { subresource: "status" }, signal);
    } catch (error) {
      if (!hasReason(error, "NotFound")) throw error;
      continue;
    }
    events.record(pod, "Warning", "NodeNotReady", "Node is not ready");
  }
}

function recordNodeEvent(events: EventRecorder, name: string, uid: string, reason: string, message: string): void {
  events.record({ apiVersion: "v1", kind: "Node", name, uid }, "Normal", reason, message);
}
