import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import { type CommitLimits, createCommitQueue, defaultCommitLimits } from "./commit-queue.ts";
import { createExpiry } from "./expiry.ts";
import {
  CompactedError,
  FutureRevisionError,
  type Store,
  StoreClosedError,
  type StoreEntry,
  type StorePage,
  type StoreWatcher,
} from "./store.ts";
import { createWatchHub } from "./watch-hub.ts";
import type { Completion, LogRange, LogState, WriteLog } from "./write-log.ts";

/** Keys read from the log at a time, so that commits go ahead between the parts of a long list. */
const keysPerRead = 500;

/** What a store is made of. */
export interface LogStoreOptions {
  readonly log: WriteLog;
  /** What the log holds. */
  readonly state: LogState;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Calls back when the present turn of the event loop is over: until then a group of commits stays open. */
  readonly endTurn: (callback: () => void) => void;
  /** Resolves when the log is gone for good and will answer nothing but this error. Default: never. */
  readonly lost?: Promise<Error>;
  readonly limits?: CommitLimits;
}

/** Creates a store on a log: everything that all stores have in common. */
export function createLogStore(options: LogStoreOptions): Store {
  const { log, state, clock, logger } = options;
  const hub = createWatchHub(logger);
  const reads = new Set<Promise<unknown>>();
  let compactedRevision = state.compactedRevision;
  let compacting: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;
  let lostBecause: Error | undefined;

  const expiry = createExpiry({
    clock,
    logger,
    deleteKey: (key, revision) => queue.commit([{ key, expectedRevision: revision }]),
  });
  const queue = createCommitQueue({
    log,
    heads: state.heads,
    revision: state.revision,
    limits: options.limits ?? defaultCommitLimits,
    endTurn: options.endTurn,
    onDurable(rows, events) {
      for (const { key, revision, expiresAtMs } of rows)
        if (expiresAtMs === undefined) expiry.clear(key);
        else expiry.set(key, revision, expiresAtMs);
      hub.publish(events);
    },
  });

  const isClosing = (): boolean => closing !== undefined;
  const requireOpen = (): void => {
    if (isClosing()) throw new StoreClosedError("the store is closed");
    if (lostBecause !== undefined) throw lostBecause;
  };
  const requireKept = (revision: number): void => {
    if (revision < compactedRevision) throw new CompactedError(revision, compactedRevision);
  };
  const requireReached = (revision: number): void => {
    if (revision > queue.revision) throw new FutureRevisionError(revision, queue.revision);
  };
  /** Keeps compaction and close waiting until a read, which may take several steps, is done. */
  const reading = async <T>(read: Promise<T>): Promise<T> => {
    reads.add(read);
    try {
      return await read;
    } finally {
      reads.delete(read);
    }
  };

  const readPage = async (range: LogRange, limit: number): Promise<StorePage> => {
    const entries: StoreEntry[] = [];
    let { afterKey } = range;
    while (entries.length < limit) {
      const request = { ...range, afterKey, limit: Math.min(keysPerRead, limit - entries.length) };
      const page = await ask(log.page, request);
      for (const entry of page.entries) entries.push(entry);
      if (!page.isCut) return { entries, revision: range.atRevision, remaining: 0 };
      afterKey = entries.at(-1)?.key;
    }
    const remaining = await ask(log.count, { ...range, afterKey });
    return { entries, revision: range.atRevision, remaining };
  };

  /** Reports the past piece by piece and joins the hub in the very callback that brings the last piece. */
  const catchUp = (prefix: string, afterRevision: number, watcher: StoreWatcher): Promise<() => void> =>
    new Promise((resolve, reject) => {
      const readOn = (afterRevision: number): void =>
        log.history(
          { prefix, afterRevision },
          {
            reject,
            resolve({ events, throughRevision, isNewest }) {
              if (events.length > 0 && !hub.deliver(watcher, events)) resolve(() => undefined);
              else if (isNewest) resolve(hub.join(prefix, throughRevision, watcher));
              else readOn(throughRevision);
            },
          },
        );
      readOn(afterRevision);
    });

  const sweep = async (): Promise<void> => {
    await Promise.allSettled(reads);
    // The log sweeps a little at a time, so that commits go ahead in between.
    for (let isDone = false; !isDone && !isClosing(); ) isDone = await ask(log.sweep, undefined);
  };
  const compactTo = async (revision: number): Promise<void> => {
    if (revision <= compactedRevision) return;
    await ask(log.markCompacted, revision);
    compactedRevision = revision;
    await sweep();
  };
  /** Runs one compaction after another; a failed one does not stop those behind it. */
  const afterCompactions = <T>(task: () => Promise<T>): Promise<T> => {
    const run = compacting.then(task);
    compacting = Promise.allSettled([run]);
    return run;
  };
  const sweepLeftover = async (): Promise<void> => {
    try {
      await sweep();
    } catch (error) {
      logger.warn("an interrupted compaction could not be finished", { error });
    }
  };

  const shutDown = async (): Promise<void> => {
    expiry.stop();
    await queue.idle();
    await Promise.allSettled([...reads, compacting]);
    try {
      if (lostBecause === undefined) await ask(log.close, undefined);
    } finally {
      hub.endAll(lostBecause);
    }
  };

  for (const { key, revision, expiresAtMs } of state.heads)
    if (expiresAtMs !== undefined) expiry.set(key, revision, expiresAtMs);
  if (state.needsSweep) void afterCompactions(sweepLeftover);
  void options.lost?.then((error) => {
    lostBecause = error;
    expiry.stop();
    hub.endAll(error);
  });

  return {
    get revision() {
      return queue.revision;
    },
    get compactedRevision() {
      return compactedRevision;
    },
    async commit(operations) {
      requireOpen();
      return queue.commit(operations);
    },
    async get(key) {
      requireOpen();
      return reading(ask(log.get, { key, atRevision: queue.revision }));
    },
    async list({ prefix, atRevision = queue.revision, afterKey, limit = Number.POSITIVE_INFINITY }) {
      requireOpen();
      requireKept(atRevision);
      requireReached(atRevision);
      return reading(readPage({ prefix, atRevision, afterKey }, limit));
    },
    async watch({ prefix, afterRevision }, watcher) {
      requireOpen();
      requireKept(afterRevision);
      if (afterRevision >= queue.revision) return hub.join(prefix, afterRevision, watcher);
      return reading(catchUp(prefix, afterRevision, watcher));
    },
    async compact(revision) {
      requireOpen();
      requireReached(revision);
      return afterCompactions(() => compactTo(revision));
    },
    close() {
      closing ??= shutDown();
      return closing;
    },
  };
}

/** Asks the log and waits for the answer. */
function ask<Request, Answer>(
  method: (request: Request, completion: Completion<Answer>) => void,
  request: Request,
): Promise<Answer> {
  return new Promise((resolve, reject) => method(request, { resolve, reject }));
}
