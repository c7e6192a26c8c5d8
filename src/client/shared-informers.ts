import type { ApiObject } from "../api/metadata.ts";
import type { Resource } from "../api/resource.ts";
import { apiVersionOf, groupResourceName } from "../api/resource.ts";
import type { Logger } from "../base/log.ts";
import type { Selection, WatchEvent } from "./client.ts";
import { type CacheChange, type Informer, type Informers, keyOf } from "./informer.ts";
import { createObjectCache, type IndexValues } from "./object-cache.ts";
import { type ReflectorContext, type ReflectorSink, reflect } from "./reflector.ts";

/** Creates a set of informers that run until the signal is aborted; one per kind, however many ask for it. */
export function createInformers(context: ReflectorContext, signal: AbortSignal): Informers {
  // oxlint-disable-next-line typescript/no-explicit-any -- informers of unlike kinds stand in one map
  const running = new Map<string, IndexableInformer<any>>();
  const find = <T extends ApiObject>(resource: Resource<T>): IndexableInformer<T> => {
    const id = `${apiVersionOf(resource)}/${resource.plural}`;
    let informer = running.get(id);
    if (informer === undefined) {
      informer = createInformer(context, resource, {}, signal);
      running.set(id, informer);
    }
    return informer;
  };
  return {
    of: find,
    addIndex: (resource, name, values) => find(resource).addIndex(name, values),
    async synced(signal) {
      await Promise.all([...running.values()].map((informer) => informer.synced(signal)));
    },
  };
}

/** An informer whose cache can be given indexes. */
export interface IndexableInformer<T> extends Informer<T> {
  addIndex(name: string, values: IndexValues<T>): void;
}

/** Starts an informer of its own for a selection, such as the pods of one node. It runs until the signal is aborted. */
export function createInformer<T extends ApiObject>(
  context: ReflectorContext,
  resource: Resource<T>,
  selection: Selection,
  signal: AbortSignal,
): IndexableInformer<T> {
  const logger = context.logger.with({ resource: groupResourceName(resource) });
  const cache = createObjectCache<T>();
  const changeListeners = createListeners<CacheChange<T>>(logger);
  const progressListeners = createListeners<undefined>(logger);
  const firstSync = Promise.withResolvers<void>();
  let resourceVersion = "";

  const publish = (changes: readonly CacheChange<T>[]): void => {
    for (const change of changes) changeListeners.tell(change);
  };
  const progress = (version: string): void => {
    resourceVersion = version;
    progressListeners.tell(undefined);
  };
  const apply = (event: WatchEvent<T>): void => {
    if (event.type === "BOOKMARK") return;
    publish(event.type === "DELETED" ? cache.remove(keyOf(event.object)) : cache.put(event.object));
  };
  const sink: ReflectorSink<T> = {
    replace(objects, version) {
      const present = new Set(objects.map(keyOf));
      for (const object of cache.list()) {
        const key = keyOf(object);
        if (!present.has(key)) publish(cache.remove(key));
      }
      for (const object of objects) publish(cache.put(object));
      progress(version);
      firstSync.resolve();
    },
    apply(events) {
      for (const event of events) apply(event);
      const last = events[events.length - 1];
      if (last !== undefined)
        progress(last.type === "BOOKMARK" ? last.resourceVersion : last.object.metadata.resourceVersion);
    },
  };
  void reflect(context, resource, selection, sink, signal);

  return {
    cache,
    get hasSynced() {
      return resourceVersion !== "";
    },
    get resourceVersion() {
      return resourceVersion;
    },
    synced: (waiting) => settled(firstSync.promise, waiting),
    onChange(listener) {
      const before = cache.list();
      const stop = changeListeners.add(listener);
      for (const after of before) changeListeners.tellOne(listener, { before: undefined, after });
      return stop;
    },
    onProgress: (listener) => progressListeners.add(listener),
    addIndex: (name, values) => cache.addIndex(name, values),
  };
}

/** Listeners that cannot harm each other: what one throws is logged and the others are called all the same. */
interface Listeners<E> {
  add(listener: (event: E) => void): () => void;
  tell(event: E): void;
  tellOne(listener: (event: E) => void, event: E): void;
}

function createListeners<E>(logger: Logger): Listeners<E> {
  const listeners = new Set<(event: E) => void>();
  const tellOne = (listener: (event: E) => void, event: E): void => {
    try {
      listener(event);
    } catch (error) {
      logger.error("informer listener failed", { error });
    }
  };
  return {
    add(listener) {
      // Wrapped, so that one function added twice is two listeners.
      const own = (event: E): void => listener(event);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    tell(event) {
      for (const listener of listeners) tellOne(listener, event);
    },
    tellOne,
  };
}

/** Resolves with the promise, or rejects with the signal's reason when that comes first. */
function settled(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    void promise.then(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
  });
}
