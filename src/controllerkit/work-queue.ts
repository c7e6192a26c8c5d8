import { type BackoffPolicy, backoffDelayMs } from "../base/backoff.ts";
import type { Clock, Timer } from "../base/clock.ts";
import { createHeap } from "../base/heap.ts";

/** Keys of work to do, with the guarantees of client-go's queues: three layers, each adding one. */
export interface WorkQueue extends DelayedQueue {
  /** Adds the key after a delay that doubles each time until it is forgotten: 5 ms, 10 ms ... 1000 s. */
  addWithBackoff(key: string): void;
  /** The key's work went well: the next failure starts from the shortest delay. */
  forget(key: string): void;
  /** How often in a row the key was added with back-off. */
  failures(key: string): number;
}

/** Keys may also be added for later. */
export interface DelayedQueue extends DistinctQueue {
  /** Adds the key after `delayMs`; when it is waiting already, the earlier time counts. */
  addAfter(key: string, delayMs: number): void;
  /** Forgets keys added for later and takes the timer back. */
  stop(): void;
}

/** Every key is worked on by one worker at a time, however often it is added. */
export interface DistinctQueue {
  /** Adds a key unless it is waiting already. A key being worked on waits until that is done. */
  add(key: string): void;
  /**
   * Gives the key that waited longest, as soon as there is one. Whoever takes it must call `done`.
   * @throws the signal's reason when it is aborted first
   */
  take(signal: AbortSignal): Promise<string>;
  /** The work on a key has ended, well or not. */
  done(key: string): void;
  /** Keys that wait, not counting those added for later. */
  readonly length: number;
}

/** Delays of keys whose work keeps failing. Source: client-go's default controller rate limiter. */
export const retryBackoff: BackoffPolicy = { initialMs: 5, maxMs: 1_000_000 };

/** Creates an empty work queue. Keys added for later need one timer in all, and none while there are no such keys. */
export function createWorkQueue(clock: Clock, policy: BackoffPolicy = retryBackoff): WorkQueue {
  const queue = createDelayedQueue(clock);
  const failures = new Map<string, number>();
  return {
    add: queue.add,
    take: queue.take,
    done: queue.done,
    addAfter: queue.addAfter,
    stop: queue.stop,
    get length() {
      return queue.length;
    },
    addWithBackoff(key) {
      const count = failures.get(key) ?? 0;
      failures.set(key, count + 1);
      queue.addAfter(key, backoffDelayMs(policy, count));
    },
    forget: (key) => void failures.delete(key),
    failures: (key) => failures.get(key) ?? 0,
  };
}

/** Creates the layer that adds delays. */
export function createDelayedQueue(clock: Clock): DelayedQueue {
  const queue = createDistinctQueue();
  const dueAtMs = new Map<string, number>();
  const waiting = createHeap<{ readonly key: string; readonly atMs: number }>((a, b) => a.atMs - b.atMs);
  let timer: (Timer & { readonly atMs: number }) | undefined;
  let stopped = false;

  const arm = (): void => {
    const next = waiting.peek();
    if (next === undefined || (timer !== undefined && timer.atMs <= next.atMs)) return;
    timer?.cancel();
    const { cancel } = clock.setTimer(next.atMs - clock.monotonicMs(), wake);
    timer = { atMs: next.atMs, cancel };
  };
  const wake = (): void => {
    timer = undefined;
    const nowMs = clock.monotonicMs();
    for (let next = waiting.peek(); next !== undefined && next.atMs <= nowMs; next = waiting.peek()) {
      waiting.pop();
      // An entry that was overtaken by an earlier one is stale.
      if (dueAtMs.get(next.key) !== next.atMs) continue;
      dueAtMs.delete(next.key);
      queue.add(next.key);
    }
    arm();
  };
  return {
    add: queue.add,
    take: queue.take,
    done: queue.done,
    stop() {
      stopped = true;
      timer?.cancel();
    },
    get length() {
      return queue.length;
    },
    addAfter(key, delayMs) {
      if (stopped) return;
      if (delayMs <= 0) {
        queue.add(key);
        return;
      }
      const atMs = clock.monotonicMs() + delayMs;
      const present = dueAtMs.get(key);
      if (present !== undefined && present <= atMs) return;
      dueAtMs.set(key, atMs);
      waiting.push({ key, atMs });
      arm();
    },
  };
}

/** Creates the innermost layer: keys in order, each once, none worked on twice at a time. */
export function createDistinctQueue(): DistinctQueue {
  // A Set keeps its order and gives up its first entry in constant time.
  const waiting = new Set<string>();
  const inWork = new Set<string>();
  const addedMeanwhile = new Set<string>();
  const takers: ((key: string) => void)[] = [];

  const next = (): string | undefined => {
    for (const key of waiting) {
      waiting.delete(key);
      inWork.add(key);
      return key;
    }
    return undefined;
  };
  const add = (key: string): void => {
    if (inWork.has(key)) {
      addedMeanwhile.add(key);
      return;
    }
    waiting.add(key);
    const taker = takers.shift();
    if (taker !== undefined) taker(next() as string);
  };
  return {
    add,
    done(key) {
      inWork.delete(key);
      if (addedMeanwhile.delete(key)) add(key);
    },
    get length() {
      return waiting.size;
    },
    take(signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason);
          return;
        }
        const key = next();
        if (key !== undefined) {
          resolve(key);
          return;
        }
        const taker = (taken: string): void => {
          signal.removeEventListener("abort", onAbort);
          resolve(taken);
        };
        const onAbort = (): void => {
          takers.splice(takers.indexOf(taker), 1);
          reject(signal.reason);
        };
        signal.addEventListener("abort", onAbort, { once: true });
        takers.push(taker);
      });
    },
  };
}
