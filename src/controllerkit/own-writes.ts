import type { ApiObject } from "../api/metadata.ts";
import { apiVersionOf, type Resource } from "../api/resource.ts";
import { hasReason } from "../api/status-error.ts";
import type { Client, ObjectKey } from "../client/client.ts";
import { type Informer, keyOf } from "../client/informer.ts";
import { compareResourceVersions } from "../client/resource-version.ts";

/**
 * Remembers what a controller has written and its caches do not show yet. Whoever decides from such a cache would
 * decide twice: create a second pod for the one that is on its way. In process the caches are current almost at once,
 * over HTTPS they lag; with this the controller is right in both.
 */
export interface OwnWrites {
  /** A client whose writes count as made for `key`. */
  clientFor(key: string): Client;
  /** Whether the caches show everything that was written for `key`. */
  areSeen(key: string): boolean;
  /** Calls back once, as soon as they do. One caller per key: a later one takes the place of an earlier. */
  whenSeen(key: string, callback: () => void): void;
}

/** One kind whose cache a controller decides from. */
interface Watched {
  readonly informer: Informer<ApiObject>;
  readonly resource: Resource;
}

/** What one kind's cache has to show. */
interface Awaited {
  /** The newest version written; empty when there is none. */
  version: string;
  /** Objects deleted, uid by key: gone or marked as being deleted. */
  readonly deletions: Map<string, string>;
}

/** Creates a record without writes, over the kinds that the controller reads from caches. Writes to others don't count. */
export function createOwnWrites(client: Client, informers: readonly WatchedKind[]): OwnWrites {
  const watched = new Map(
    informers.map(({ resource, informer }) => [idOf(resource), { resource, informer } as Watched]),
  );
  const awaited = new Map<string, Map<string, Awaited>>();
  const waiting = new Map<string, () => void>();

  const entryFor = (key: string, resource: Resource): Awaited | undefined => {
    const id = idOf(resource);
    if (!watched.has(id)) return undefined;
    const ofKey = awaited.get(key) ?? new Map<string, Awaited>();
    awaited.set(key, ofKey);
    const entry = ofKey.get(id) ?? { version: "", deletions: new Map() };
    ofKey.set(id, entry);
    return entry;
  };
  const areSeen = (key: string): boolean => {
    const ofKey = awaited.get(key);
    if (ofKey === undefined) return true;
    for (const [id, entry] of ofKey) if (isSeen(watched.get(id) as Watched, entry)) ofKey.delete(id);
    if (ofKey.size > 0) return false;
    awaited.delete(key);
    return true;
  };
  const progress = (): void => {
    for (const [key, callback] of waiting) {
      if (!areSeen(key)) continue;
      waiting.delete(key);
      callback();
    }
  };
  for (const { informer } of informers) informer.onProgress(progress);

  return {
    areSeen,
    whenSeen(key, callback) {
      if (areSeen(key)) callback();
      else waiting.set(key, callback);
    },
    clientFor: (key) =>
      recording(client, {
        wrote(resource, object) {
          const entry = entryFor(key, resource);
          const { resourceVersion } = object.metadata;
          if (
            entry !== undefined &&
            (entry.version === "" || compareResourceVersions(entry.version, resourceVersion) < 0)
          )
            entry.version = resourceVersion;
        },
        deleted(resource, name, uid) {
          const cached = watched.get(idOf(resource))?.informer.cache.get(keyOf({ metadata: name }));
          const deletedUid = uid ?? cached?.metadata.uid;
          if (deletedUid !== undefined) entryFor(key, resource)?.deletions.set(keyOf({ metadata: name }), deletedUid);
        },
      }),
  };
}

/** A kind and the informer that a controller reads it from. */
export interface WatchedKind {
  readonly resource: Resource;
  // oxlint-disable-next-line typescript/no-explicit-any -- informers of unlike kinds stand in one list
  readonly informer: Informer<any>;
}

function isSeen({ informer }: Watched, entry: Awaited): boolean {
  if (entry.version !== "" && compareResourceVersions(informer.resourceVersion, entry.version) < 0) return false;
  for (const [key, uid] of entry.deletions) {
    const cached = informer.cache.get(key);
    if (cached !== undefined && cached.metadata.uid === uid && cached.metadata.deletionTimestamp === undefined)
      return false;
    entry.deletions.delete(key);
  }
  return true;
}

interface WriteListener {
  wrote(resource: Resource, object: ApiObject): void;
  deleted(resource: Resource, key: ObjectKey, uid: string | undefined): void;
}

/** A client that tells of every write that the server has accepted. */
function recording(client: Client, listener: WriteListener): Client {
  const told = <T>(resource: Resource<T>, dryRun: boolean | undefined, object: T): T => {
    const stored = object as Partial<ApiObject> | undefined;
    if (dryRun !== true && stored?.metadata?.resourceVersion !== undefined)
      listener.wrote(resource as Resource, stored as ApiObject);
    return object;
  };
  return {
    get: (...parameters) => client.get(...parameters),
    list: (...parameters) => client.list(...parameters),
    watch: (...parameters) => client.watch(...parameters),
    getSubresource: (...parameters) => client.getSubresource(...parameters),
    createSubresource: (...parameters) => client.createSubresource(...parameters),
    deleteCollection: (...parameters) => client.deleteCollection(...parameters),
    create: async (resource, object, options, signal) =>
      told(resource, options?.dryRun, await client.create(resource, object, options, signal)),
    update: async (resource, object, options, signal) =>
      told(resource, options?.dryRun, await client.update(resource, object, options, signal)),
    patch: async (resource, key, type, patch, options, signal) =>
      told(resource, options?.dryRun, await client.patch(resource, key, type, patch, options, signal)),
    async delete(resource, key, options, signal) {
      const tell = (): void => listener.deleted(resource as Resource, key, options?.preconditions?.uid ?? undefined);
      try {
        const marked = await client.delete(resource, key, options, signal);
        tell();
        return marked;
      } catch (error) {
        // Gone already: the cache that says otherwise is behind.
        if (hasReason(error, "NotFound")) tell();
        throw error;
      }
    },
  };
}

function idOf(resource: Resource): string {
  return `${apiVersionOf(resource)}/${resource.plural}`;
}
