import { expired, type StatusError } from "../../api/status-error.ts";
import type { WatchedEvent } from "./change.ts";

/** Events of one commit, or a part of the initial state, as all watchers with one selection receive them. */
export interface WatchBatch {
  readonly events: readonly WatchedEvent[];
  /** The whole batch as bytes, by the id of the encoding: made once, whoever asks first. */
  readonly frames: Map<string, Uint8Array>;
}

/** Receives what a watch reports. */
export interface WatchSink {
  /** Takes events, never none. False asks for a pause until `Watcher.resume`. */
  write(batch: WatchBatch): boolean;
  /** Takes a mark that everything up to a revision has been reported. False asks for a pause. */
  bookmark(revision: number, isInitialEnd: boolean): boolean;
  /** The watch is over: it was too slow, or the server stops. */
  end(error: StatusError | undefined): void;
}

/** One watch. */
export interface Watcher {
  deliver(batch: WatchBatch): void;
  bookmark(revision: number): void;
  /** The sink can take more. */
  resume(): void;
  /** Ends the watch from the server's side. */
  end(error: StatusError | undefined): void;
  readonly isEnded: boolean;
}

/** Most events that wait for a watcher that cannot keep up, before it is cut off. */
const maxPendingEvents = 10_000;

type Pending = { readonly batch: WatchBatch } | { readonly bookmark: number; readonly isInitialEnd: boolean };

/**
 * Creates a watcher that first hands `initial` to the sink, as fast as the sink takes it, and then what is delivered.
 * @param onEnd called once when the watch is over
 */
export function createWatcher(options: {
  readonly sink: WatchSink;
  readonly initial: Iterator<WatchBatch>;
  /** After the initial events, mark their end at this revision. */
  readonly initialEnd: number | undefined;
  readonly onEnd: () => void;
}): Watcher {
  const { sink } = options;
  let initial: Iterator<WatchBatch> | undefined = options.initial;
  let pending: Pending[] =
    options.initialEnd === undefined ? [] : [{ bookmark: options.initialEnd, isInitialEnd: true }];
  let pendingEvents = 0;
  const state = { isPaused: false, isEnded: false };

  const end = (error: StatusError | undefined): void => {
    if (state.isEnded) return;
    state.isEnded = true;
    initial = undefined;
    pending = [];
    options.onEnd();
    sink.end(error);
  };
  const hand = (next: Pending): void => {
    const wantsMore = "batch" in next ? sink.write(next.batch) : sink.bookmark(next.bookmark, next.isInitialEnd);
    if (!wantsMore) state.isPaused = true;
  };
  const flow = (): void => {
    while (initial !== undefined && !state.isPaused && !state.isEnded) {
      const next = initial.next();
      if (next.done === true) initial = undefined;
      else hand({ batch: next.value });
    }
    let taken = 0;
    while (taken < pending.length && !state.isPaused && !state.isEnded) {
      const next = pending[taken] as Pending;
      taken += 1;
      if ("batch" in next) pendingEvents -= next.batch.events.length;
      hand(next);
    }
    if (taken > 0 && !state.isEnded) pending = pending.slice(taken);
  };
  const take = (next: Pending): void => {
    if (state.isEnded) return;
    if (!state.isPaused && initial === undefined && pending.length === 0) {
      hand(next);
      return;
    }
    pending.push(next);
    if (!("batch" in next)) return;
    pendingEvents += next.batch.events.length;
    if (pendingEvents > maxPendingEvents) end(expired("the watch could not keep up with the changes"));
  };
  return {
    deliver: (batch) => take({ batch }),
    bookmark: (revision) => take({ bookmark: revision, isInitialEnd: false }),
    resume() {
      state.isPaused = false;
      flow();
    },
    end,
    get isEnded() {
      return state.isEnded;
    },
  };
}

/** Cuts a long series of events into batches, each made only when it is asked for. */
export function* batches(events: Iterable<WatchedEvent>, size: number): Generator<WatchBatch> {
  let batch: WatchedEvent[] = [];
  for (const event of events) {
    batch.push(event);
    if (batch.length < size) continue;
    yield { events: batch, frames: new Map() };
    batch = [];
  }
  if (batch.length > 0) yield { events: batch, frames: new Map() };
}
