import { fromStatus, type StatusError, timeout } from "../api/status-error.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Store, StoreEvent } from "../storage/store.ts";
import { createObjectCodec, type ObjectCodec } from "./object-codec.ts";
import type { ResourceTable, ServedResource } from "./resource-table.ts";
import { StoredObject } from "./stored-object.ts";
import { createResourceCache, type ObjectChange, type ResourceCache } from "./watch-cache/resource-cache.ts";

/**
 * Everything in the store, in memory: the only thing that reads are answered from. It hears of each commit before the
 * writer does, so nobody reads less than has been acknowledged.
 */
export interface WatchCache {
  /** The newest revision that it shows. */
  readonly revision: number;
  /** Set once the store has ended the feed; reads go on with what is there. */
  readonly isStale: boolean;
  /** The cache of a kind; versions of a kind share one. */
  of(served: ServedResource): ResourceCache;
  codecOf(served: ServedResource): ObjectCodec;
  /**
   * Waits until the cache shows a revision that someone has seen elsewhere.
   * @throws {StatusError} Timeout when it does not come
   */
  waitFor(revision: number, signal?: AbortSignal): Promise<void>;
  /** Ends all watches and the feed. */
  close(): void;
}

/** What a writer attaches to a commit, so that the cache need not decode what was just encoded. */
export interface WrittenObject {
  object: StoredObject | undefined;
}

const registryPrefix = "/registry/";
/** Entries read at a time while the cache is filled. */
const loadPageSize = 5000;
/** How long a read waits for a revision that is not there yet. */
const maxWaitMs = 3000;
/** Most changes of one kind that watches can start before. */
const defaultWindowChanges = 16_384;

/** Fills the cache from the store and keeps it fed until it is closed. */
export async function openWatchCache(options: {
  readonly store: Store;
  readonly table: ResourceTable;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Default 16,384. */
  readonly maxWindowChanges?: number;
}): Promise<WatchCache> {
  const { store, table, clock, logger } = options;
  const codecs = new Map<string, ObjectCodec>();
  const codecOf = (served: ServedResource): ObjectCodec => {
    let codec = codecs.get(served.keyPrefix);
    if (codec === undefined) {
      codec = createObjectCodec(served.storedAs);
      codecs.set(served.keyPrefix, codec);
    }
    return codec;
  };
  const loaded = await load(store, table, codecOf);
  let { revision } = loaded;
  let isStale = false;
  const waiting = new Set<() => void>();
  const caches = new Map<string, ResourceCache>();

  const cacheOf = (served: ServedResource): ResourceCache => {
    const known = caches.get(served.keyPrefix);
    if (known !== undefined) return known;
    const cache = createResourceCache(served.storedAs, loaded.objects.get(served.keyPrefix) ?? [], {
      revision: loaded.revision,
      currentRevision: () => revision,
      clock,
      encode: codecOf(served).encode,
      maxWindowChanges: options.maxWindowChanges ?? defaultWindowChanges,
    });
    caches.set(served.keyPrefix, cache);
    loaded.objects.delete(served.keyPrefix);
    return cache;
  };
  for (const served of table.all) if (served.isStored) cacheOf(served);

  const onEvents = (events: readonly StoreEvent[]): void => {
    const byKind = new Map<ResourceCache, ObjectChange[]>();
    for (const event of events) {
      const place = placeOf(event.key, table);
      if (place === undefined) continue;
      const cache = cacheOf(place.served);
      const change = toChange(event, place.key, codecOf(place.served));
      const changes = byKind.get(cache);
      if (changes === undefined) byKind.set(cache, [change]);
      else changes.push(change);
    }
    revision = (events.at(-1) as StoreEvent).revision;
    for (const [cache, changes] of byKind) cache.apply(changes);
    for (const wake of waiting) wake();
  };
  const endWatches = (error: StatusError | undefined): void => {
    for (const cache of caches.values()) cache.endWatches(error);
  };
  const stop = await store.watch(
    { prefix: registryPrefix, afterRevision: revision },
    {
      onEvents,
      onEnd(error) {
        isStale = true;
        if (error !== undefined) logger.error("the store ended its feed", { error });
        endWatches(undefined);
      },
    },
  );

  return {
    get revision() {
      return revision;
    },
    get isStale() {
      return isStale;
    },
    of: cacheOf,
    codecOf,
    async waitFor(wanted, signal) {
      if (wanted <= revision) return;
      await untilWoken(() => wanted <= revision, waiting, clock, signal);
      if (wanted > revision) throw tooLargeResourceVersion(wanted, revision);
    },
    close() {
      stop();
      endWatches(undefined);
    },
  };
}

/** Reads all that is stored, by kind. */
async function load(
  store: Store,
  table: ResourceTable,
  codecOf: (served: ServedResource) => ObjectCodec,
): Promise<{ readonly revision: number; readonly objects: Map<string, StoredObject[]> }> {
  const objects = new Map<string, StoredObject[]>();
  const atRevision = store.revision;
  let afterKey: string | undefined;
  for (;;) {
    const page = await store.list({
      prefix: registryPrefix,
      atRevision,
      limit: loadPageSize,
      ...(afterKey === undefined ? {} : { afterKey }),
    });
    for (const entry of page.entries) {
      const place = placeOf(entry.key, table);
      if (place === undefined) continue;
      const { decode, encode } = codecOf(place.served);
      const object = StoredObject.read(place.key, entry.revision, entry.value, decode, encode);
      const known = objects.get(place.served.keyPrefix);
      if (known === undefined) objects.set(place.served.keyPrefix, [object]);
      else known.push(object);
    }
    if (page.remaining === 0) return { revision: atRevision, objects };
    afterKey = page.entries.at(-1)?.key;
  }
}

/** Takes a store key apart; undefined for kinds that this server does not serve. */
function placeOf(
  storeKey: string,
  table: ResourceTable,
): { readonly served: ServedResource; readonly key: string } | undefined {
  const pluralEnd = storeKey.indexOf("/", storeKey.indexOf("/", registryPrefix.length) + 1) + 1;
  const served = table.byKeyPrefix(storeKey.slice(0, pluralEnd));
  return served === undefined ? undefined : { served, key: storeKey.slice(pluralEnd) };
}

function toChange(event: StoreEvent, key: string, { decode, encode }: ObjectCodec): ObjectChange {
  const { revision } = event;
  if (event.type === "delete") return { key, revision, after: undefined };
  const written = (event.attachment as WrittenObject | undefined)?.object;
  return { key, revision, after: written ?? StoredObject.read(key, revision, event.value, decode, encode) };
}

function untilWoken(
  isDone: () => boolean,
  waiting: Set<() => void>,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      timer.cancel();
      waiting.delete(check);
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const check = (): void => {
      if (isDone()) finish();
    };
    const timer = clock.setTimer(maxWaitMs, finish);
    waiting.add(check);
    signal?.addEventListener("abort", finish, { once: true });
  });
}

/** 504: nobody here knows of that version yet. */
function tooLargeResourceVersion(wanted: number, current: number): StatusError {
  const { status } = timeout(`Too large resource version: ${wanted}, current: ${current}`, 1);
  const causes = [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }];
  return fromStatus({ ...status, details: { causes, ...status.details } });
}
