/** The thread that owns a store file: it does what it is asked, one thing after another, and decides nothing. */
import { parentPort } from "node:worker_threads";
import { assert } from "../base/assert.ts";
import { afterThisTurn } from "../base/real-clock.ts";
import { type Database, openDatabase } from "./sqlite/database.node.ts";
import type { CallName, WorkerAnswer, WorkerCalls, WorkerQuestion } from "./sqlite/messages.node.ts";
import { StoreOpenError } from "./sqlite/open-error.node.ts";
import { unpackRows } from "./sqlite/row-batch.node.ts";

/** What is sent back, and which of its buffers move without being copied. */
interface Reply<Name extends CallName> {
  readonly answer: WorkerCalls[Name]["answer"];
  readonly moved?: readonly ArrayBuffer[];
}

type Handlers = { readonly [Name in CallName]: (question: WorkerCalls[Name]["question"]) => Reply<Name> };

function createHandlers(): Handlers {
  let opened: Database | undefined;
  const database = (): Database => {
    assert(opened !== undefined, "the store file is opened before it is used");
    return opened;
  };
  return {
    open({ path }) {
      opened = openDatabase(path);
      return { answer: opened.state };
    },
    heads: ({ afterKey }) => ({ answer: database().heads(afterKey) }),
    append(batch) {
      const deletedValues = database().append(unpackRows(batch));
      afterThisTurn(() => opened?.tidyLog());
      const { buffer } = batch;
      return { answer: { deletedValues, buffer }, moved: [...deletedValues.map(bufferOf), buffer] };
    },
    get({ key, atRevision }) {
      const answer = database().get(key, atRevision);
      return { answer, moved: answer === undefined ? [] : [bufferOf(answer.value)] };
    },
    page(range) {
      const answer = database().page(range);
      return { answer, moved: answer.entries.map((entry) => bufferOf(entry.value)) };
    },
    count: (range) => ({ answer: database().count(range) }),
    history({ prefix, afterRevision }) {
      const answer = database().history(prefix, afterRevision);
      return { answer, moved: answer.events.map((event) => bufferOf(event.value)) };
    },
    markCompacted({ revision }) {
      database().markCompacted(revision);
      return { answer: undefined };
    },
    sweep() {
      const answer = database().sweep();
      afterThisTurn(() => opened?.tidyLog());
      return { answer };
    },
    close() {
      database().close();
      opened = undefined;
      return { answer: undefined };
    },
  };
}

function bufferOf(value: Uint8Array): ArrayBuffer {
  return value.buffer as ArrayBuffer;
}

function reply(handlers: Handlers, { name, question }: WorkerQuestion): void {
  const handle = handlers[name] as (question: WorkerQuestion["question"]) => Reply<CallName>;
  const send = (answer: WorkerAnswer, moved: readonly ArrayBuffer[]): void => parentPort?.postMessage(answer, moved);
  try {
    const { answer, moved = [] } = handle(question);
    send({ answer }, moved);
  } catch (error) {
    const failure = { message: error instanceof Error ? error.message : String(error) };
    send({ failure: error instanceof StoreOpenError ? { ...failure, reason: error.reason } : failure }, []);
  }
}

const handlers = createHandlers();
parentPort?.on("message", (question: WorkerQuestion) => reply(handlers, question));
