import type { Clock } from "./clock.ts";

declare function setTimeout(callback: () => void, delayMs: number): { unref(): void };
declare function setImmediate(callback: () => void): unknown;
declare function clearTimeout(timer: unknown): void;
declare const performance: { now(): number; timeOrigin: number };

/** Longest delay that the platform's timers take: 2^31 - 1 ms, about 24.8 days. */
const longestTimerMs = 2_147_483_647;

/** The machine's own time. */
export function createRealClock(): Clock {
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    setTimer(delayMs, callback) {
      let handle: unknown;
      const arm = (remainingMs: number): void => {
        handle =
          remainingMs > longestTimerMs
            ? setTimeout(() => arm(remainingMs - longestTimerMs), longestTimerMs)
            : setTimeout(callback, Math.max(0, remainingMs));
      };
      arm(delayMs);
      return { cancel: () => clearTimeout(handle) };
    },
  };
}

/**
 * Calls back when the present turn of the event loop is over: after everything that is ready to be handled now, before
 * anything that comes later. For work that gains from being done once for many.
 */
export function afterThisTurn(callback: () => void): void {
  setImmediate(callback);
}
