import type { ApiObject } from "../../api/metadata.ts";
import type { Resource } from "../../api/resource.ts";
import { configMaps, secrets } from "../../api/resources.ts";
import type { ConfigMap, Pod, Secret } from "../../api/types/core-v1.ts";
import { aborted } from "../../base/abort.ts";
import { sleep } from "../../base/clock.ts";
import type { ReflectorContext } from "../../client/reflector.ts";
import { createInformer } from "../../client/shared-informers.ts";
import { podReferences } from "./pod-references.ts";

/** Keeps copies of the ConfigMaps and Secrets that this node's pods refer to, and only of those. */
export interface ReferencedObjects {
  /** Begins to watch what a pod refers to, and stops watching what it no longer does. */
  register(pod: Pod): void;
  unregister(podUid: string): void;
  /** Waits a moment for copies that have not come yet. */
  settled(pod: Pod, signal: AbortSignal): Promise<void>;
  /** Undefined when it does not exist. @throws {Error} when that is not known yet */
  configMap(namespace: string, name: string): ConfigMap | undefined;
  secret(namespace: string, name: string): Secret | undefined;
}

/** Longest wait for a copy. Source: upstream's watching manager. */
const maxWaitMs = 1_000;

interface Watched<T> {
  readonly controller: AbortController;
  /** Pods that refer to it. */
  readonly pods: Set<string>;
  readonly firstCopy: Promise<void>;
  isKnown: boolean;
  object: T | undefined;
}

/**
 * Creates an empty set. Everything ends with `signal`.
 * @param onChange told the pods that refer to an object that has changed
 */
export function createReferencedObjects(
  context: ReflectorContext,
  onChange: (podUid: string) => void,
  signal: AbortSignal,
): ReferencedObjects {
  const configMapWatches = createWatches(context, configMaps, "configmap", onChange, signal);
  const secretWatches = createWatches(context, secrets, "secret", onChange, signal);
  return {
    register(pod) {
      const references = podReferences(pod);
      configMapWatches.require(pod, references.configMaps);
      secretWatches.require(pod, references.secrets);
    },
    unregister(podUid) {
      configMapWatches.release(podUid);
      secretWatches.release(podUid);
    },
    async settled(pod, waiting) {
      const references = podReferences(pod);
      const copies = [
        ...configMapWatches.pending(pod, references.configMaps),
        ...secretWatches.pending(pod, references.secrets),
      ];
      if (copies.length === 0) return;
      const limit = new AbortController();
      const limited = AbortSignal.any([waiting, limit.signal]);
      await Promise.race([Promise.all(copies), sleep(context.clock, maxWaitMs, limited), aborted(waiting)]);
      limit.abort();
      waiting.throwIfAborted();
    },
    configMap: configMapWatches.get,
    secret: secretWatches.get,
  };
}

interface Watches<T> {
  require(pod: Pod, names: ReadonlySet<string>): void;
  release(podUid: string): void;
  pending(pod: Pod, names: ReadonlySet<string>): readonly Promise<void>[];
  get(namespace: string, name: string): T | undefined;
}

function createWatches<T extends ApiObject & { readonly immutable?: boolean }>(
  context: ReflectorContext,
  resource: Resource<T>,
  word: string,
  onChange: (podUid: string) => void,
  signal: AbortSignal,
): Watches<T> {
  const watches = new Map<string, Watched<T>>();

  const watch = (namespace: string, name: string): Watched<T> => {
    const controller = new AbortController();
    const ending = AbortSignal.any([signal, controller.signal]);
    const informer = createInformer(context, resource, { namespace, fieldSelector: `metadata.name=${name}` }, ending);
    const firstCopy = informer.synced(ending).then(
      () => {
        watched.isKnown = true;
      },
      // Nobody waits any more for what is no longer wanted.
      () => undefined,
    );
    const watched: Watched<T> = { controller, pods: new Set(), firstCopy, isKnown: false, object: undefined };
    informer.onChange(({ after }) => {
      watched.object = after;
      if (!watched.isKnown) return;
      for (const podUid of watched.pods) onChange(podUid);
    });
    void firstCopy.then(() => {
      // What cannot change need not be watched.
      if (watched.object?.immutable === true) controller.abort();
    });
    return watched;
  };
  const drop = (key: string, watched: Watched<T>, podUid: string): void => {
    watched.pods.delete(podUid);
    if (watched.pods.size > 0) return;
    watched.controller.abort();
    watches.delete(key);
  };

  return {
    require(pod, names) {
      const { namespace, uid } = pod.metadata;
      const wanted = new Set([...names].map((name) => `${namespace}/${name}`));
      for (const name of names) {
        const key = `${namespace}/${name}`;
        const watched = watches.get(key) ?? watch(namespace, name);
        watches.set(key, watched);
        watched.pods.add(uid);
      }
      for (const [key, watched] of watches) if (watched.pods.has(uid) && !wanted.has(key)) drop(key, watched, uid);
    },
    release(podUid) {
      for (const [key, watched] of watches) if (watched.pods.has(podUid)) drop(key, watched, podUid);
    },
    pending: (pod, names) =>
      [...names].flatMap((name) => {
        const watched = watches.get(`${pod.metadata.namespace}/${name}`);
        return watched === undefined || watched.isKnown ? [] : [watched.firstCopy];
      }),
    get(namespace, name) {
      const watched = watches.get(`${namespace}/${name}`);
      if (watched?.isKnown === true) return watched.object;
      throw new Error(`failed to sync ${word} cache: timed out waiting for the condition`);
    },
  };
}
