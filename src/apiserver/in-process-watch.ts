import type { ApiObject } from "../api/metadata.ts";
import type { StatusError } from "../api/status-error.ts";
import type { WatchEvent } from "../client/client.ts";
import { inVersion } from "./object-version.ts";
import type { ServedResource } from "./resource-table.ts";
import type { Watcher, WatchSink } from "./watch-cache/watcher.ts";

type Batch = readonly WatchEvent<ApiObject>[];

/** A watch as its in-process reader sees it. */
export interface EventStream {
  readonly sink: WatchSink;
  /** Says which watcher feeds the sink, so that reading can resume and end it. */
  start(watcher: Watcher): void;
  /** Ends without an error when the server ends the watch or the signal is aborted. */
  readonly batches: AsyncIterable<Batch>;
}

/** Batches that wait for their reader before the watch is paused. */
const maxWaitingBatches = 64;

/** Creates the reading end of a watch. Batches that wait are handed over together. */
export function openEventStream(served: ServedResource, signal: AbortSignal): EventStream {
  let waiting: WatchEvent<ApiObject>[][] = [];
  let watcher: Watcher | undefined;
  let isEnded = false;
  let failure: StatusError | undefined;
  let wake: (() => void) | undefined;

  const offer = (batch: WatchEvent<ApiObject>[]): boolean => {
    waiting.push(batch);
    wake?.();
    return waiting.length < maxWaitingBatches;
  };
  const finish = (error: StatusError | undefined): void => {
    isEnded = true;
    failure = error;
    wake?.();
  };
  const onAbort = (): void => {
    watcher?.end(undefined);
    finish(undefined);
  };
  const take = (): Batch => {
    const taken = waiting.length === 1 ? (waiting[0] as Batch) : waiting.flat();
    waiting = [];
    return taken;
  };

  async function* read(): AsyncGenerator<Batch> {
    try {
      for (;;) {
        if (signal.aborted) return;
        if (waiting.length > 0) {
          const batch = take();
          watcher?.resume();
          yield batch;
        } else if (isEnded) {
          if (failure !== undefined) throw failure;
          return;
        } else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    } finally {
      signal.removeEventListener("abort", onAbort);
      watcher?.end(undefined);
    }
  }

  signal.addEventListener("abort", onAbort, { once: true });
  return {
    sink: {
      write: ({ events }) =>
        offer(events.map(({ type, object }) => ({ type, object: inVersion(served, object).value }))),
      bookmark: (revision, initialEventsEnd) =>
        offer([{ type: "BOOKMARK", resourceVersion: String(revision), initialEventsEnd }]),
      end: finish,
    },
    start(started) {
      watcher = started;
      if (signal.aborted) onAbort();
    },
    batches: { [Symbol.asyncIterator]: read },
  };
}
