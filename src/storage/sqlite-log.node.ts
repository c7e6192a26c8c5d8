import type { Worker } from "node:worker_threads";
import { assert } from "../base/assert.ts";
import type { CallName, WorkerAnswer, WorkerCalls, WorkerFailure, WorkerQuestion } from "./sqlite/messages.node.ts";
import { StoreOpenError } from "./sqlite/open-error.node.ts";
import { packRows } from "./sqlite/row-batch.node.ts";
import { StoreFailedError } from "./store.ts";
import type { Completion, LogHead, LogState, WriteLog } from "./write-log.ts";

/** A buffer larger than this is not kept for the next group of commits. */
const maxSpareBytes = 1024 * 1024;

/** A log in a store file that a worker owns. */
export interface SqliteLog extends WriteLog {
  /**
   * Opens the file; must come first.
   * @throws {StoreOpenError}
   */
  open(path: string): Promise<LogState>;
  /** Resolves when the worker is gone though nobody closed the log. */
  readonly lost: Promise<Error>;
}

/** Speaks to a worker that runs `sqlite-worker.node.ts`. */
export function createSqliteLog(worker: Worker): SqliteLog {
  const { promise: lost, resolve: lose } = Promise.withResolvers<Error>();
  /** Of the questions under way, oldest first: the worker answers in order. */
  const waiting: Completion<never>[] = [];
  let lostBecause: StoreFailedError | undefined;
  let isClosed = false;
  let spare: ArrayBuffer | undefined;

  const ask = <Name extends CallName>(
    name: Name,
    question: WorkerCalls[Name]["question"],
    completion: Completion<WorkerCalls[Name]["answer"]>,
    moved: readonly ArrayBuffer[] = [],
  ): void => {
    if (lostBecause === undefined) {
      waiting.push(completion);
      worker.postMessage({ name, question } as WorkerQuestion, moved);
    } else {
      const error = lostBecause;
      queueMicrotask(() => completion.reject(error));
    }
  };
  const call = <Name extends CallName>(
    name: Name,
    question: WorkerCalls[Name]["question"],
  ): Promise<WorkerCalls[Name]["answer"]> => new Promise((resolve, reject) => ask(name, question, { resolve, reject }));

  worker.on("message", (message: WorkerAnswer) => {
    const completion = waiting.shift() as Completion<unknown> | undefined;
    assert(completion !== undefined, "the worker answers only what it was asked");
    if ("answer" in message) completion.resolve(message.answer);
    else completion.reject(errorOf(message.failure));
  });
  const fail = (error: Error): void => {
    if (isClosed || lostBecause !== undefined) return;
    lostBecause = new StoreFailedError(`the store's worker is gone: ${error.message}`, { cause: error });
    for (const completion of waiting.splice(0)) completion.reject(lostBecause);
    lose(lostBecause);
  };
  worker.on("error", (error) => fail(error as Error));
  worker.on("exit", (code) => fail(new Error(`it exited with code ${code}`)));

  const readHeads = async (): Promise<LogHead[]> => {
    const heads: LogHead[] = [];
    for (let afterKey = "", isCut = true; isCut; ) {
      const piece = await call("heads", { afterKey });
      for (const head of piece.heads) heads.push(head);
      ({ isCut } = piece);
      afterKey = heads.at(-1)?.key ?? afterKey;
    }
    return heads;
  };
  return {
    lost,
    async open(path) {
      const state = await call("open", { path });
      return { ...state, heads: await readHeads() };
    },
    append(rows, completion) {
      const batch = packRows(rows, spare);
      spare = undefined;
      const resolve = ({ deletedValues, buffer }: WorkerCalls["append"]["answer"]): void => {
        if (buffer.byteLength <= maxSpareBytes) spare = buffer;
        completion.resolve(deletedValues);
      };
      ask("append", batch, { resolve, reject: completion.reject }, [batch.buffer]);
    },
    get: (request, completion) => ask("get", request, completion),
    page: (request, completion) => ask("page", request, completion),
    count: (request, completion) => ask("count", request, completion),
    history: (request, completion) => ask("history", request, completion),
    markCompacted: (revision, completion) => ask("markCompacted", { revision }, completion),
    sweep: (_request, completion) => ask("sweep", undefined, completion),
    close(_request, completion) {
      const stop = async (end: () => void): Promise<void> => {
        isClosed = true;
        await worker.terminate();
        end();
      };
      ask("close", undefined, {
        resolve: () => void stop(() => completion.resolve()),
        reject: (error) => void stop(() => completion.reject(error)),
      });
    },
  };
}

function errorOf({ message, reason }: WorkerFailure): Error {
  return reason === undefined ? new StoreFailedError(message) : new StoreOpenError(reason, message);
}
