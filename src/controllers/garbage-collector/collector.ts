import type { ApiObject } from "../../api/metadata.ts";
import type { Resource } from "../../api/resource.ts";
import { hasReason } from "../../api/status-error.ts";
import type { OwnerReference } from "../../api/types/meta-v1.ts";
import { childController } from "../../base/abort.ts";
import type { Clock } from "../../base/clock.ts";
import type { ObjectKey } from "../../client/client.ts";
import { type Controller, type ControllerDependencies, createController } from "../../controllerkit/controller.ts";
import { deepEqual } from "../../controllerkit/deep-equal.ts";
import { done, type ReconcileResult } from "../../controllerkit/reconciler.ts";
import { createWorkQueue } from "../../controllerkit/work-queue.ts";
import type { ObjectKinds } from "../object-kinds.ts";
import { startGraphFeed } from "./graph-feed.ts";
import {
  collectorFinalizers,
  createObjectGraph,
  formatIdentity,
  type GraphNode,
  identityOf,
  type ObjectIdentity,
} from "./object-graph.ts";
import { blockingDependents, type OwnerState, planCollection } from "./plan-collection.ts";

/** How long the first listing of all kinds may take before collection begins all the same. Source: upstream. */
const syncTimeoutMs = 30_000;

const workers = 20;

/** What a look-up of an object gave. */
type Found = { readonly resource: Resource; readonly object: ApiObject } | "absent" | "unknownKind" | "wrongScope";

/** Creates the controller that deletes objects whose owners are gone, and carries out foreground and orphan deletion. */
export function createGarbageCollector(kinds: ObjectKinds, dependencies: ControllerDependencies): Controller {
  const { client, clock, random, logger, events } = dependencies;
  const checks = createWorkQueue(clock);
  const orphanings = createWorkQueue(clock);
  const graph = createObjectGraph({
    check: (uid) => checks.add(uid),
    checkLater: (uid) => checks.addWithBackoff(uid),
    orphan: (uid) => orphanings.add(uid),
    reportForeignOwner({ identity }, reference) {
      const { namespace } = identity;
      const owner = formatIdentity(identityOf(reference, namespace));
      const message = `ownerRef ${owner} does not exist in namespace "${namespace ?? ""}"`;
      events.record(identity, "Warning", "OwnerRefInvalidNamespace", message);
    },
  });

  const lookUp = async (identity: ObjectIdentity, signal: AbortSignal): Promise<Found> => {
    const resource = kinds.find(identity.apiVersion, identity.kind);
    if (resource === undefined) return "unknownKind";
    if (resource.namespaced && identity.namespace === undefined) return "wrongScope";
    try {
      return { resource, object: await client.get(resource, keyFor(resource, identity), signal) };
    } catch (error) {
      if (hasReason(error, "NotFound")) return "absent";
      throw error;
    }
  };

  /** @returns undefined when the kind is not known, or not yet */
  const stateOfOwner = async (
    reference: OwnerReference,
    namespace: string | undefined,
    signal: AbortSignal,
  ): Promise<OwnerState | "unknownKind" | "wrongScope"> => {
    const near = identityOf(reference, namespace);
    const clusterWide = identityOf(reference, undefined);
    if (graph.isKnownAbsent(near) || graph.isKnownAbsent(clusterWide)) return "absent";
    const found = await lookUp(near, signal);
    if (found === "unknownKind" || found === "wrongScope") return found;
    if (found === "absent" || found.object.metadata.uid !== reference.uid) {
      const isNamespaced = kinds.find(reference.apiVersion, reference.kind)?.namespaced === true;
      graph.noteAbsent(isNamespaced ? near : clusterWide);
      return "absent";
    }
    const { deletionTimestamp, finalizers } = found.object.metadata;
    const isWaiting = deletionTimestamp !== undefined && finalizers?.includes(collectorFinalizers.foreground) === true;
    return isWaiting ? "waiting" : "solid";
  };

  const check = async (uid: string, signal: AbortSignal): Promise<ReconcileResult> => {
    const node = graph.node(uid);
    if (node === undefined) return done;
    // What is being deleted goes its way; its dependants are looked at when it is gone.
    if (node.isBeingDeleted && !node.deletesDependents) return done;
    const found = await lookUp(node.identity, signal);
    if (found === "wrongScope") return done;
    if (found === "unknownKind") return { retry: true };
    if (found === "absent" || found.object.metadata.uid !== uid) {
      graph.absent(node.identity);
      return done;
    }
    if (node.deletesDependents) {
      await finishForeground(node, signal);
      return done;
    }
    const result = await collect(node, found.resource, found.object, signal);
    // An object known from references only could come and go unseen while a watch is down.
    return node.isVirtual ? { retry: true } : result;
  };

  const collect = async (
    node: GraphNode,
    resource: Resource,
    object: ApiObject,
    signal: AbortSignal,
  ): Promise<ReconcileResult> => {
    const owners: { reference: OwnerReference; state: OwnerState }[] = [];
    for (const reference of object.metadata.ownerReferences ?? []) {
      const state = await stateOfOwner(reference, node.identity.namespace, signal);
      if (state === "wrongScope") return done;
      if (state === "unknownKind") return { retry: true };
      owners.push({ reference, state });
    }
    const plan = planCollection(object, owners, node);
    if (plan.action === "dropReferences") await dropReferences(resource, object, plan.uids, signal);
    if (plan.action !== "delete") return done;
    if (plan.unblocks) await unblockReferences(resource, object, signal);
    try {
      await deleteObject(resource, object, plan.propagation, !plan.unblocks, signal);
    } catch (error) {
      if (!hasReason(error, "NotFound")) throw error;
      graph.absent(node.identity);
    }
    return done;
  };

  const finishForeground = async (node: GraphNode, signal: AbortSignal): Promise<void> => {
    const blocking = blockingDependents(node);
    if (blocking.length === 0) await removeFinalizer(node, collectorFinalizers.foreground, signal);
    for (const dependent of blocking) if (!dependent.deletesDependents) checks.add(dependent.identity.uid);
  };

  /** Deletes what was looked at. A change that left its owners alone does not matter. */
  const deleteObject = async (
    resource: Resource,
    object: ApiObject,
    propagationPolicy: string,
    isExact: boolean,
    signal: AbortSignal,
  ): Promise<void> => {
    const { uid, resourceVersion, ownerReferences } = object.metadata;
    const key = keyFor(resource, object.metadata);
    const preconditions = isExact ? { uid, resourceVersion } : { uid };
    try {
      await client.delete(resource, key, { preconditions, propagationPolicy }, signal);
    } catch (error) {
      if (!isExact || !hasReason(error, "Conflict")) throw error;
      const live = await client.get(resource, key, signal);
      const isSame = live.metadata.uid === uid && deepEqual(live.metadata.ownerReferences, ownerReferences);
      if (!isSame) throw error;
      await deleteObject(resource, object, propagationPolicy, false, signal);
    }
  };

  const patchReferences = async (
    resource: Resource,
    object: ApiObject,
    strategic: readonly unknown[],
    merged: readonly OwnerReference[],
    signal: AbortSignal,
  ): Promise<void> => {
    const { uid, resourceVersion } = object.metadata;
    const key = keyFor(resource, object.metadata);
    try {
      await client.patch(resource, key, "strategic", { metadata: { uid, ownerReferences: strategic } }, {}, signal);
    } catch (error) {
      // Kinds that users define have no strategic patches.
      if (!hasReason(error, "UnsupportedMediaType")) throw error;
      const patch = { metadata: { resourceVersion, ownerReferences: merged } };
      await client.patch(resource, key, "merge", patch, {}, signal);
    }
  };
  const dropReferences = (
    resource: Resource,
    object: ApiObject,
    uids: readonly string[],
    signal: AbortSignal,
  ): Promise<void> => {
    const kept = (object.metadata.ownerReferences ?? []).filter(({ uid }) => !uids.includes(uid));
    const dropped = uids.map((uid) => ({ $patch: "delete", uid }));
    return patchReferences(resource, object, dropped, kept, signal);
  };
  const unblockReferences = (resource: Resource, object: ApiObject, signal: AbortSignal): Promise<void> => {
    const references = object.metadata.ownerReferences ?? [];
    const unblocked = references.map((reference) => ({ ...reference, blockOwnerDeletion: false }));
    const changed = unblocked.filter((_reference, index) => references[index]?.blockOwnerDeletion === true);
    return patchReferences(resource, object, changed, unblocked, signal);
  };

  const orphan = async (uid: string, signal: AbortSignal): Promise<ReconcileResult> => {
    const owner = graph.node(uid);
    if (owner === undefined) return done;
    const results = await Promise.allSettled([...owner.dependents].map((dependent) => letGo(dependent, uid, signal)));
    for (const result of results) if (result.status === "rejected") throw result.reason;
    await removeFinalizer(owner, collectorFinalizers.orphan, signal);
    return done;
  };
  const letGo = async (dependent: GraphNode, ownerUid: string, signal: AbortSignal): Promise<void> => {
    const found = await lookUp(dependent.identity, signal);
    if (typeof found === "string" || found.object.metadata.uid !== dependent.identity.uid) return;
    try {
      await dropReferences(found.resource, found.object, [ownerUid], signal);
    } catch (error) {
      if (!hasReason(error, "NotFound")) throw error;
    }
  };
  const removeFinalizer = async (node: GraphNode, finalizer: string, signal: AbortSignal): Promise<void> => {
    const found = await lookUp(node.identity, signal);
    if (typeof found === "string" || found.object.metadata.uid !== node.identity.uid) return;
    const { resourceVersion, finalizers = [] } = found.object.metadata;
    if (!finalizers.includes(finalizer)) return;
    const rest = finalizers.filter((name) => name !== finalizer);
    const patch = { metadata: { resourceVersion, finalizers: rest } };
    await client.patch(found.resource, keyFor(found.resource, node.identity), "merge", patch, {}, signal);
  };

  const parts = { sources: [], workers };
  const checker = createController(
    { ...parts, name: "garbage-collector-controller", queue: checks, reconcile: check },
    dependencies,
  );
  const orphaner = createController(
    { ...parts, name: "garbage-collector-orphaning", queue: orphanings, reconcile: orphan },
    dependencies,
  );
  return {
    async run(signal) {
      const feed = startGraphFeed({ client, clock, random, logger }, kinds, graph, signal);
      const isSynced = await isDoneWithin(syncTimeoutMs, (waiting) => feed.synced(waiting), clock, signal);
      if (!isSynced && !signal.aborted)
        logger.warn("not all kinds could be listed in time, collecting garbage all the same");
      await Promise.all([checker.run(signal), orphaner.run(signal)]);
    },
  };
}

/** Names an object, leaving the namespace out where its kind has none. */
function keyFor(
  resource: Resource,
  { name, namespace }: { readonly name: string; readonly namespace?: string },
): ObjectKey {
  return resource.namespaced && namespace !== undefined ? { namespace, name } : { name };
}

/** @returns whether the work was done in time; when not, it has been told to stop waiting */
async function isDoneWithin(
  limitMs: number,
  work: (waiting: AbortSignal) => Promise<void>,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  const waiting = childController(signal);
  const timer = clock.setTimer(limitMs, () => waiting.abort());
  try {
    await work(waiting.signal);
    return true;
  } catch (error) {
    if (waiting.signal.aborted) return false;
    throw error;
  } finally {
    timer.cancel();
    waiting.dispose();
  }
}
