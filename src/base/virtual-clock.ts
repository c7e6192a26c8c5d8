import type { Clock } from "./clock.ts";
import { createHeap } from "./heap.ts";

/** Time that moves only when told to: tests and simulations run hours in milliseconds, always in the same order. */
export interface VirtualClock extends Clock {
  /**
   * Moves time forward, firing each timer that falls due at its own instant, in order, and letting promise
   * reactions run between two timers.
   */
  advance(byMs: number): Promise<void>;
  /** Moves to the next timer and fires it. Resolves to false when none is left. */
  advanceToNextTimer(): Promise<boolean>;
  /** Timers not yet fired or cancelled. */
  readonly pendingTimers: number;
}

interface PendingTimer {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
  cancelled: boolean;
}

/** Promise reactions that may follow from one timer before the next fires. */
const settleTurns = 100;

/**
 * Creates a virtual clock that stands at `startMs` (default 2026-01-01T00:00:00Z).
 * @param settle waits until what follows from one timer has happened, before the next fires; the default lets a number of
 * promise reactions run, which is enough for a unit but not for a whole cluster
 */
export function createVirtualClock(
  startMs: number = Date.UTC(2026, 0, 1),
  settle: () => Promise<void> = runReactions,
): VirtualClock {
  let nowMs = startMs;
  let order = 0;
  let pending = 0;
  const timers = createHeap<PendingTimer>((a, b) => a.atMs - b.atMs || a.order - b.order);

  const nextTimer = (): PendingTimer | undefined => {
    for (let timer = timers.peek(); timer !== undefined; timer = timers.peek()) {
      if (!timer.cancelled) return timer;
      timers.pop();
    }
    return undefined;
  };
  const fire = async (timer: PendingTimer): Promise<void> => {
    timers.pop();
    pending -= 1;
    timer.cancelled = true;
    nowMs = Math.max(nowMs, timer.atMs);
    timer.callback();
    await settle();
  };

  return {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs - startMs,
    setTimer(delayMs, callback) {
      const timer: PendingTimer = { atMs: nowMs + Math.max(0, delayMs), order, callback, cancelled: false };
      order += 1;
      pending += 1;
      timers.push(timer);
      return {
        cancel() {
          if (timer.cancelled) return;
          timer.cancelled = true;
          pending -= 1;
        },
      };
    },
    async advance(byMs) {
      const untilMs = nowMs + byMs;
      await settle();
      for (let timer = nextTimer(); timer !== undefined && timer.atMs <= untilMs; timer = nextTimer())
        await fire(timer);
      nowMs = untilMs;
    },
    async advanceToNextTimer() {
      await settle();
      const timer = nextTimer();
      if (timer === undefined) return false;
      await fire(timer);
      return true;
    },
    get pendingTimers() {
      return pending;
    },
  };
}

async function runReactions(): Promise<void> {
  for (let turn = 0; turn < settleTurns; turn += 1) await undefined;
}
