/** A timer that can be taken back. Cancelling one that has fired does nothing. */
export interface Timer {
  cancel(): void;
}

/** The only source of time. Real in production, virtual in tests and simulations. */
export interface Clock {
  /** Wall-clock time in milliseconds since the Unix epoch, with fractions where the platform has them. */
  nowMs(): number;
  /** Time that never jumps back, in milliseconds since an arbitrary start: for measuring durations. */
  monotonicMs(): number;
  /** Calls back once, `delayMs` from now; at the next turn of the event loop when `delayMs` is 0 or less. */
  setTimer(delayMs: number, callback: () => void): Timer;
}

/**
 * Waits `delayMs`.
 * @throws the signal's reason when it is aborted before the time is over
 */
export function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      reject(signal.reason);
    };
    const timer = clock.setTimer(delayMs, () => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

/** RFC 3339 in UTC without fractions, as the API's `Time` is written: `2026-04-22T10:00:00Z`. */
export function formatTime(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}

/** RFC 3339 in UTC with six digits of fraction, as the API's `MicroTime` is written. */
export function formatMicroTime(epochMs: number): string {
  const micros = Math.floor((epochMs - Math.floor(epochMs / 1000) * 1000) * 1000);
  return `${new Date(epochMs).toISOString().slice(0, 19)}.${String(micros).padStart(6, "0")}Z`;
}

/** Milliseconds since the epoch of an API time; undefined for null, absent and unreadable values. */
export function parseTime(text: string | null | undefined): number | undefined {
  if (text === null || text === undefined) return undefined;
  const epochMs = Date.parse(text);
  return Number.isNaN(epochMs) ? undefined : epochMs;
}
