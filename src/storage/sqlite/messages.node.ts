import type { StoreEntry } from "../store.ts";
import type { LogHead, LogHistory, LogPage, LogRange } from "../write-log.ts";
import type { DatabaseState } from "./database.node.ts";
import type { StoreOpenReason } from "./open-error.node.ts";
import type { RowBatch } from "./row-batch.node.ts";

/** What the worker can be asked, and what it answers. It answers in the order of the questions. */
export interface WorkerCalls {
  open: { readonly question: { readonly path: string }; readonly answer: DatabaseState };
  heads: {
    readonly question: { readonly afterKey: string };
    readonly answer: { readonly heads: readonly LogHead[]; readonly isCut: boolean };
  };
  append: {
    readonly question: RowBatch;
    /** The buffer of the question comes back. */
    readonly answer: { readonly deletedValues: readonly Uint8Array[]; readonly buffer: ArrayBuffer };
  };
  get: {
    readonly question: { readonly key: string; readonly atRevision: number };
    readonly answer: StoreEntry | undefined;
  };
  page: { readonly question: LogRange & { readonly limit: number }; readonly answer: LogPage };
  count: { readonly question: LogRange; readonly answer: number };
  history: {
    readonly question: { readonly prefix: string; readonly afterRevision: number };
    readonly answer: LogHistory;
  };
  markCompacted: { readonly question: { readonly revision: number }; readonly answer: undefined };
  sweep: { readonly question: undefined; readonly answer: boolean };
  close: { readonly question: undefined; readonly answer: undefined };
}

export type CallName = keyof WorkerCalls;

/** One question, as it is sent. */
export type WorkerQuestion = {
  [Name in CallName]: { readonly name: Name; readonly question: WorkerCalls[Name]["question"] };
}[CallName];

/** Why a question has no answer. */
export interface WorkerFailure {
  readonly message: string;
  /** Of `open` alone. */
  readonly reason?: StoreOpenReason;
}

/** One answer, as it is sent. */
export type WorkerAnswer = { readonly answer: WorkerCalls[CallName]["answer"] } | { readonly failure: WorkerFailure };
