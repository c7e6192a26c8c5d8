/** Most operations of one commit. */
export const maxOperationsPerCommit = 1000;

/** Longest key, in characters. */
export const maxKeyLength = 4096;

/** Largest value, in bytes. */
export const maxValueBytes = 16 * 1024 * 1024;

/** A key with its value as it stands, or stood, at some revision. */
export interface StoreEntry {
  readonly key: string;
  readonly value: Uint8Array;
  /** Revision of the write that made this value. */
  readonly revision: number;
  /** Revision of the write that created the key. */
  readonly createRevision: number;
}

/** One key's part in a commit. */
export interface WriteOperation {
  readonly key: string;
  /**
   * The revision that the key must stand at: 0 for a key that must not exist. Left out, the write happens whatever
   * is there, and deleting what is not there succeeds without an event.
   */
  readonly expectedRevision?: number;
  /**
   * Gives the bytes to store, told the revision that the commit takes, because objects carry their own version.
   * Called once, synchronously, and only when the commit goes ahead; it must not commit itself. The bytes are shared
   * with watchers and must not change afterwards. Left out, the key is deleted.
   */
  readonly encode?: (revision: number) => Uint8Array;
  /** The key is deleted at this time (milliseconds since the epoch). */
  readonly expiresAtMs?: number;
  /** Handed to watchers of this process along with the event, so that they need not decode what was just encoded. */
  readonly attachment?: unknown;
}

/** What became of a commit. */
export type CommitResult =
  | { readonly committed: true; readonly revision: number }
  /** Nothing was written. `current` is what stands at the first key that did not meet its expectation. */
  | { readonly committed: false; readonly key: string; readonly current: StoreEntry | undefined };

/** One change, as watchers see it. */
export interface StoreEvent {
  readonly type: "put" | "delete";
  readonly key: string;
  readonly revision: number;
  /** The value put; for a delete, the last value. */
  readonly value: Uint8Array;
  /** Revision of the value before this event; 0 for a new key. */
  readonly previousRevision: number;
  readonly createRevision: number;
  /** What the writer attached; undefined for events read back from disk and for those of other servers. */
  readonly attachment?: unknown;
}

/** A page of keys in byte order. */
export interface StorePage {
  readonly entries: readonly StoreEntry[];
  /** The revision that the page shows. */
  readonly revision: number;
  /** Keys after this page at that revision; 0 on the last page. */
  readonly remaining: number;
}

/** Where a watch hears of changes. */
export interface StoreWatcher {
  /** All events of one group commit, in revision order; never empty. */
  onEvents(events: readonly StoreEvent[]): void;
  /** The watch has ended and will not go on: the store was closed or failed. */
  onEnd(error: Error | undefined): void;
}

/**
 * Keys, bytes and revisions. Every implementation passes the same contract suite.
 *
 * A commit takes the next revision, which all of its operations share. Commits asked for in one turn of the event
 * loop are made durable together. Watchers hear of a commit before its promise resolves, so whoever has awaited a
 * write finds it in every cache fed by a watch.
 */
export interface Store {
  /** The newest durable revision; 0 in an empty store. */
  readonly revision: number;
  /** Revisions before this one can no longer be read or watched from. */
  readonly compactedRevision: number;

  /**
   * Writes all operations or none. A commit that changes nothing (it deletes only what is not there) takes no
   * revision, reports the newest and makes no event.
   * @throws {RangeError} more operations, a longer key or a larger value than a store takes, or a key written twice
   * @throws {StoreBusyError} when too many commits are waiting for the disk
   * @throws {StoreClosedError} after close
   * @throws {StoreFailedError} when the disk refuses: nothing of this commit is visible, then or later
   */
  commit(operations: readonly WriteOperation[]): Promise<CommitResult>;

  /** Reads the newest durable value. */
  get(key: string): Promise<StoreEntry | undefined>;

  /**
   * Lists keys that begin with `prefix`, in the order of their bytes.
   * @throws {CompactedError} when `atRevision` is no longer kept
   * @throws {FutureRevisionError} when `atRevision` has not been reached
   */
  list(options: {
    readonly prefix: string;
    /** Default: the newest. */
    readonly atRevision?: number;
    /** Only keys after this one. */
    readonly afterKey?: string;
    /** Most entries of the page; 0 only counts. Default: all. */
    readonly limit?: number;
  }): Promise<StorePage>;

  /**
   * Reports every change after `afterRevision` to keys that begin with `prefix`, first those already made, then those
   * to come, each once and in order, until the returned function is called. Resolves when the watcher has heard of
   * everything up to the present revision. A watcher that throws is told the error by `onEnd` and hears no more.
   * @throws {CompactedError} when `afterRevision` is older than what is kept
   */
  watch(
    options: { readonly prefix: string; readonly afterRevision: number },
    watcher: StoreWatcher,
  ): Promise<() => void>;

  /**
   * Forgets superseded values and deletions before `revision`. Resolves when they are gone; before, what is being
   * read is read to its end. Does nothing when they are forgotten already.
   * @throws {FutureRevisionError} when `revision` has not been reached
   */
  compact(revision: number): Promise<void>;

  /** Makes everything asked for so far durable, ends all watches and releases the disk. Asked again, it waits too. */
  close(): Promise<void>;
}

/** A revision was asked for that has been compacted away. */
export class CompactedError extends Error {
  override readonly name = "CompactedError";
  readonly compactedRevision: number;

  constructor(requestedRevision: number, compactedRevision: number) {
    super(`revision ${requestedRevision} has been compacted: the oldest kept is ${compactedRevision}`);
    this.compactedRevision = compactedRevision;
  }
}

/** A revision was asked for that no write has taken yet. */
export class FutureRevisionError extends Error {
  override readonly name = "FutureRevisionError";
  readonly revision: number;

  constructor(requestedRevision: number, revision: number) {
    super(`revision ${requestedRevision} has not been reached: the newest is ${revision}`);
    this.revision = revision;
  }
}

/** More is being written than the disk takes, and too much is waiting already. */
export class StoreBusyError extends Error {
  override readonly name = "StoreBusyError";
}

/** The store has been closed. */
export class StoreClosedError extends Error {
  override readonly name = "StoreClosedError";
}

/** The disk refused a write or a read, or the store is lost and must be opened again. */
export class StoreFailedError extends Error {
  override readonly name = "StoreFailedError";
}
