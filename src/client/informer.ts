import type { ApiObject } from "../api/metadata.ts";
import type { Resource } from "../api/resource.ts";

/** `namespace/name`, or `name` for kinds without a namespace: what queues and caches are keyed by. */
export function keyOf(object: { readonly metadata: { readonly name: string; readonly namespace?: string } }): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** Takes a key apart again. */
export function splitKey(key: string): { readonly namespace?: string; readonly name: string } {
  const slash = key.indexOf("/");
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** A local copy of all objects of one kind, kept current by a watch. Objects are shared and frozen. */
export interface ObjectCache<T> {
  get(key: string): T | undefined;
  /** All objects, or those of one namespace. */
  list(namespace?: string): readonly T[];
  /** Objects whose controlling owner has this uid. */
  ownedBy(uid: string): readonly T[];
  /** Objects that `index` (declared when the informer was made) files under `value`. */
  byIndex(index: string, value: string): readonly T[];
  readonly size: number;
}

/** One change of a cache. Exactly one of `before` and `after` may be missing. */
export interface CacheChange<T> {
  readonly before: T | undefined;
  readonly after: T | undefined;
}

/** Lists and watches one kind for as long as it runs, starting over by itself when a watch breaks or expires. */
export interface Informer<T> {
  readonly cache: ObjectCache<T>;
  readonly hasSynced: boolean;
  /** Resolves when the first list is in the cache. Rejects with the signal's reason when it is aborted first. */
  synced(signal: AbortSignal): Promise<void>;
  /**
   * Calls back after every change of the cache; objects already there come at once. Returns how to stop. An object
   * that was deleted and made again under its name comes as two changes, however quickly that went.
   */
  onChange(listener: (change: CacheChange<T>) => void): () => void;
  /** The newest version that the cache shows; empty before the first list. */
  readonly resourceVersion: string;
  /** Calls back, after listeners of changes, whenever the cache shows a newer version. Returns how to stop. */
  onProgress(listener: () => void): () => void;
}

/** Hands out one shared informer per kind; each starts when it is first asked for and stops with the set. */
export interface Informers {
  of<T extends ApiObject>(resource: Resource<T>): Informer<T>;
  /** Adds an index to the informer of a kind; asked for again under the same name it does nothing. */
  addIndex<T extends ApiObject>(resource: Resource<T>, name: string, values: (object: T) => readonly string[]): void;
  /** Resolves when every informer handed out so far has synced. */
  synced(signal: AbortSignal): Promise<void>;
}
