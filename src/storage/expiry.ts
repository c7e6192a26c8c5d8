import type { Clock, Timer } from "../base/clock.ts";
import { createHeap, type Heap } from "../base/heap.ts";
import type { Logger } from "../base/log.ts";

/** Keys deleted in one go; the rest of those due follow in the next. */
const maxExpiriesAtOnce = 500;

/** How long keys that could not be deleted wait for the next attempt. */
const retryMs = 1000;

/** Stale places in the queue, beside one for each key, that are kept before it is built anew. */
const maxStalePlaces = 1000;

/** Deletes keys when their time is over. */
export interface Expiry {
  /** Gives a key an end, instead of any that it had. */
  set(key: string, revision: number, atMs: number): void;
  /** The key no longer ends by itself. */
  clear(key: string): void;
  /** Deletes nothing any more. */
  stop(): void;
}

interface Deadline {
  readonly key: string;
  readonly revision: number;
  readonly atMs: number;
}

/**
 * Creates an expiry without keys.
 * @param deleteKey deletes a key if it still stands at that revision
 */
export function createExpiry(options: {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly deleteKey: (key: string, revision: number) => Promise<unknown>;
}): Expiry {
  const { clock, logger, deleteKey } = options;
  const deadlines = new Map<string, Deadline>();
  let queue: Heap<Deadline> = createHeap(earlier);
  let timer: Timer | undefined;
  let timerAtMs = Number.POSITIVE_INFINITY;
  let isStopped = false;

  const isStale = (deadline: Deadline): boolean => deadlines.get(deadline.key) !== deadline;
  const first = (): Deadline | undefined => {
    for (let deadline = queue.peek(); deadline !== undefined; deadline = queue.peek()) {
      if (!isStale(deadline)) return deadline;
      queue.pop();
    }
    return undefined;
  };
  const arm = (): void => {
    const atMs = first()?.atMs ?? Number.POSITIVE_INFINITY;
    if (isStopped || atMs >= timerAtMs) return;
    timer?.cancel();
    timerAtMs = atMs;
    timer = clock.setTimer(atMs - clock.nowMs(), fire);
  };
  const fire = (): void => {
    timerAtMs = Number.POSITIVE_INFINITY;
    const due: Deadline[] = [];
    for (let next = first(); next !== undefined && due.length < maxExpiriesAtOnce; next = first()) {
      if (next.atMs > clock.nowMs()) break;
      queue.pop();
      deadlines.delete(next.key);
      due.push(next);
    }
    for (const deadline of due) void expire(deadline);
    arm();
  };
  const expire = async ({ key, revision }: Deadline): Promise<void> => {
    try {
      await deleteKey(key, revision);
    } catch (error) {
      if (isStopped || deadlines.has(key)) return;
      logger.warn("an expired key could not be deleted yet", { key, error });
      set(key, revision, clock.nowMs() + retryMs);
    }
  };
  const dropStale = (): void => {
    queue = createHeap(earlier);
    for (const deadline of deadlines.values()) queue.push(deadline);
  };
  const set = (key: string, revision: number, atMs: number): void => {
    const deadline: Deadline = { key, revision, atMs };
    deadlines.set(key, deadline);
    queue.push(deadline);
    if (queue.size > 2 * deadlines.size + maxStalePlaces) dropStale();
    arm();
  };
  return {
    set,
    clear: (key) => {
      deadlines.delete(key);
    },
    stop() {
      isStopped = true;
      timer?.cancel();
    },
  };
}

function earlier(a: Deadline, b: Deadline): number {
  return a.atMs - b.atMs;
}
