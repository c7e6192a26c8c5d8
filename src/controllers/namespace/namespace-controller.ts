import { namespaces, pods } from "../../api/resources.ts";
import { hasReason } from "../../api/status-error.ts";
import type { Namespace, Pod } from "../../api/types/core-v1.ts";
import { parseTime } from "../../base/clock.ts";
import { type CacheChange, keyOf } from "../../client/informer.ts";
import {
  type Controller,
  type ControllerDependencies,
  changesOf,
  createController,
} from "../../controllerkit/controller.ts";
import { deepEqual } from "../../controllerkit/deep-equal.ts";
import { messageOf } from "../../controllerkit/pod-control.ts";
import { done, type ReconcileResult } from "../../controllerkit/reconciler.ts";
import type { ObjectKind, ObjectKinds } from "../object-kinds.ts";
import { emptyKind, type KindRemainder } from "./namespace-content.ts";
import { type RemainingContent, renderNamespaceStatus } from "./plan-namespace-status.ts";

/** The finalizer in a namespace's spec that this controller takes off. */
const contentFinalizer = "kubernetes";

const workers = 10;

/** Passes are repeated at least every minute. Source: upstream. */
const retryPolicy = { initialMs: 5, maxMs: 60_000 };

/** Creates the controller that empties deleted namespaces: pods first, then every other kind, then the namespace itself. */
export function createNamespaceController(
  kinds: ObjectKinds,
  settings: {
    /**
     * How long after its deletion a namespace is emptied. Writes that were let in before must have been stored by
     * then; several API servers need 5 s.
     */
    readonly settleMs: number;
  },
  dependencies: ControllerDependencies,
): Controller {
  const { client, informers, clock } = dependencies;
  const namespaceInformer = informers.of(namespaces);

  const reconcile = async (key: string, signal: AbortSignal): Promise<ReconcileResult> => {
    const namespace = await findNamespace(key, signal);
    if (namespace?.metadata.deletionTimestamp === undefined) return done;
    if ((namespace.spec.finalizers ?? []).length === 0) return done;
    const content = await empty(namespace, signal);
    await reportContent(namespace, content, signal);
    if (content.failures.length > 0) throw new Error(content.failures.join(", "));
    if (content.estimateSeconds > 0) return { requeueAfterMs: (Math.floor(content.estimateSeconds / 2) + 1) * 1000 };
    await release(key, signal);
    return done;
  };

  /** Looks at the server, because others change a namespace that is going away too. */
  const findNamespace = async (name: string, signal: AbortSignal): Promise<Namespace | undefined> => {
    if (namespaceInformer.cache.get(name) === undefined) return undefined;
    try {
      return await client.get(namespaces, { name }, signal);
    } catch (error) {
      if (hasReason(error, "NotFound")) return undefined;
      throw error;
    }
  };

  const empty = async (namespace: Namespace, signal: AbortSignal): Promise<EmptiedContent> => {
    const { name, deletionTimestamp } = namespace.metadata;
    const deletedForMs = clock.nowMs() - (parseTime(deletionTimestamp) ?? clock.nowMs());
    const deletable = kinds.list().filter(({ resource, verbs }) => resource.namespaced && verbs.includes("delete"));
    const remainders: KindRemainder[] = [];
    const failures: string[] = [];
    const emptyAll = async (some: readonly ObjectKind[], describe: (failure: string) => string): Promise<void> => {
      for (const kind of some) {
        try {
          const remainder = await emptyKind(client, kind, name, deletedForMs, signal);
          remainders.push(remainder);
          if (remainder.failure !== undefined) failures.push(describe(remainder.failure));
        } catch (error) {
          if (signal.aborted) throw error;
          failures.push(describe(messageOf(error)));
        }
      }
    };
    await emptyAll(
      deletable.filter(isPods),
      (failure) => `failed to delete pods for namespace: ${name}, err: ${failure}`,
    );
    // Pods go first: what they use must not be taken away under them. Source: KEP-5080.
    const isComplete = remainders.every(({ count }) => count === 0);
    if (isComplete)
      await emptyAll(
        deletable.filter((kind) => !isPods(kind)),
        messageOf,
      );
    return { ...sumUp(remainders), failures, isComplete };
  };

  const reportContent = async (namespace: Namespace, content: EmptiedContent, signal: AbortSignal): Promise<void> => {
    const status = renderNamespaceStatus(namespace.status, content, content.isComplete, clock.nowMs());
    if (deepEqual(status, namespace.status)) return;
    await retryConflicts(namespace.metadata.name, signal, (fresh) =>
      client.update(namespaces, { ...fresh, status }, { subresource: "status" }, signal),
    );
  };

  const release = (name: string, signal: AbortSignal): Promise<void> =>
    retryConflicts(name, signal, (fresh) => {
      const finalizers = (fresh.spec.finalizers ?? []).filter((finalizer) => finalizer !== contentFinalizer);
      return client.update(namespaces, { ...fresh, spec: { finalizers } }, { subresource: "finalize" }, signal);
    });

  const retryConflicts = async (
    name: string,
    signal: AbortSignal,
    write: (fresh: Namespace) => Promise<unknown>,
  ): Promise<void> => {
    for (let attempts = 1; ; attempts += 1) {
      const fresh = await findNamespace(name, signal);
      if (fresh === undefined) return;
      try {
        await write(fresh);
        return;
      } catch (error) {
        if (hasReason(error, "NotFound")) return;
        if (!hasReason(error, "Conflict") || attempts === maxConflicts) throw error;
      }
    }
  };

  /** The last pod to go lets the rest be deleted. */
  const ofPod = ({ before, after }: CacheChange<Pod>): readonly string[] => {
    const namespace = after === undefined ? before?.metadata.namespace : undefined;
    const owner = namespace === undefined ? undefined : namespaceInformer.cache.get(namespace);
    return owner?.metadata.deletionTimestamp === undefined ? [] : [owner.metadata.name];
  };

  return createController(
    {
      name: "namespace-controller",
      sources: [
        changesOf(
          namespaceInformer,
          ({ after }) => (after?.metadata.deletionTimestamp === undefined ? [] : [keyOf(after)]),
          () => settings.settleMs,
        ),
        changesOf(informers.of(pods), ofPod, () => settings.settleMs),
      ],
      workers,
      retryPolicy,
      reconcile,
    },
    dependencies,
  );
}

const maxConflicts = 5;

interface EmptiedContent extends RemainingContent {
  /** Every kind has been dealt with, not pods only. */
  readonly isComplete: boolean;
  readonly estimateSeconds: number;
}

function isPods({ resource }: ObjectKind): boolean {
  return resource.group === "" && resource.plural === "pods";
}

function sumUp(remainders: readonly KindRemainder[]): Omit<EmptiedContent, "failures" | "isComplete"> {
  const finalizers = new Map<string, number>();
  for (const remainder of remainders)
    for (const [name, count] of remainder.finalizers) finalizers.set(name, (finalizers.get(name) ?? 0) + count);
  return {
    objects: remainders.filter(({ count }) => count > 0).map(({ resource, count }) => ({ resource, count })),
    finalizers,
    estimateSeconds: Math.max(0, ...remainders.map(({ estimateSeconds }) => estimateSeconds)),
  };
}
