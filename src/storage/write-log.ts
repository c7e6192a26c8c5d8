import type { StoreEntry, StoreEvent } from "./store.ts";

/** One key's part in a commit that goes ahead: a row of the log. */
export interface LogRow {
  readonly key: string;
  readonly revision: number;
  /** For a delete: of the value that it ends. */
  readonly createRevision: number;
  /** Revision of the value before; 0 for a new key. */
  readonly previousRevision: number;
  /** Left out, the key is deleted. */
  readonly value: Uint8Array | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number | undefined;
}

/** Where a request's answer goes: a promise's two ends, or callbacks that must run in the order of the requests. */
export interface Completion<T> {
  resolve(answer: T): void;
  reject(error: Error): void;
}

/** A piece of a list. */
export interface LogPage {
  readonly entries: readonly StoreEntry[];
  /** Whether keys may follow that there was no room for. */
  readonly isCut: boolean;
}

/** A piece of the past: all changes of some revisions, in order. */
export interface LogHistory {
  readonly events: readonly StoreEvent[];
  /** Everything up to here has been looked at. */
  readonly throughRevision: number;
  /** Whether that was the newest durable revision when it was read. */
  readonly isNewest: boolean;
}

/** What stands at a key, without its value. */
export interface LogHead {
  readonly key: string;
  readonly revision: number;
  readonly createRevision: number;
  readonly expiresAtMs: number | undefined;
}

/** What a log holds when it is opened. */
export interface LogState {
  /** Higher than every revision used before. */
  readonly revision: number;
  readonly compactedRevision: number;
  /** Whether a compaction was marked but not swept to its end. */
  readonly needsSweep: boolean;
  readonly heads: readonly LogHead[];
}

/** Which keys to look at, and when. */
export interface LogRange {
  readonly prefix: string;
  readonly atRevision: number;
  /** Only keys behind this one. */
  readonly afterKey: string | undefined;
}

/**
 * The disk behind a store, or what plays its part: keeps rows, and decides nothing. Requests are carried out one
 * after another and completed in that order, never within the request itself; so whoever reads hears of it after all
 * appends that the answer can show. The methods need no `this`.
 */
export interface WriteLog {
  /** Makes rows durable, all or none. Answers with the last values of the keys they delete, in the order of the rows. */
  append(rows: readonly LogRow[], completion: Completion<readonly Uint8Array[]>): void;

  /** Reads a key as it stood at a revision. */
  get(
    request: { readonly key: string; readonly atRevision: number },
    completion: Completion<StoreEntry | undefined>,
  ): void;

  /** Reads keys in byte order: at most `limit`, or fewer when they are large. */
  page(request: LogRange & { readonly limit: number }, completion: Completion<LogPage>): void;

  /** Counts keys. */
  count(request: LogRange, completion: Completion<number>): void;

  /** Reads changes after a revision, as many as fit into one answer. */
  history(
    request: { readonly prefix: string; readonly afterRevision: number },
    completion: Completion<LogHistory>,
  ): void;

  /** Notes durably that revisions before this one are no longer needed. */
  markCompacted(revision: number, completion: Completion<void>): void;

  /** Deletes some of what the marked compaction allows. Answers whether nothing is left to delete. */
  sweep(request: undefined, completion: Completion<boolean>): void;

  /** Releases the disk. Nothing may be asked for afterwards. */
  close(request: undefined, completion: Completion<void>): void;
}
