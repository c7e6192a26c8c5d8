/** How delays of one key grow and when they are forgotten. */
export interface KeyedBackoffPolicy {
  readonly initialMs: number;
  /** No delay is longer; each is twice the one before. */
  readonly maxMs: number;
  /** A key that had no attempt for longer than this starts over. */
  readonly forgetAfterMs: number;
}

/** How restarts of a crashing container are held back. Source: Kubernetes documentation, "Pod Lifecycle": 10 s, 20 s, ... 5 min; reset after 10 min. */
export const crashLoopPolicy: KeyedBackoffPolicy = { initialMs: 10_000, maxMs: 300_000, forgetAfterMs: 600_000 };

/** How pulls of an image that fails are held back. Source: Kubernetes documentation, "Images": up to 5 min. */
export const imagePullPolicy: KeyedBackoffPolicy = { initialMs: 10_000, maxMs: 300_000, forgetAfterMs: 600_000 };

interface Entry {
  readonly delayMs: number;
  readonly attemptedAtMs: number;
}

/** Delays by key, each growing on its own. */
export interface KeyedBackoff {
  /**
   * The delay in force for something that failed at `failedAtMs`, and when it is over; undefined when the next attempt
   * may be made at once.
   */
  waiting(
    key: string,
    failedAtMs: number,
    nowMs: number,
  ): { readonly delayMs: number; readonly untilMs: number } | undefined;
  /** Notes that an attempt is being made after a failure at `failedAtMs`: the next delay is longer. */
  attempt(key: string, failedAtMs: number, nowMs: number): void;
  /** Forgets all keys that begin with `prefix`. */
  forget(prefix: string): void;
}

/** Creates a table without entries. */
export function createKeyedBackoff(policy: KeyedBackoffPolicy): KeyedBackoff {
  const entries = new Map<string, Entry>();
  const find = (key: string, failedAtMs: number): Entry | undefined => {
    const entry = entries.get(key);
    return entry !== undefined && failedAtMs - entry.attemptedAtMs <= policy.forgetAfterMs ? entry : undefined;
  };
  return {
    waiting(key, failedAtMs, nowMs) {
      const entry = find(key, failedAtMs);
      if (entry === undefined || nowMs - failedAtMs >= entry.delayMs) return undefined;
      return { delayMs: entry.delayMs, untilMs: failedAtMs + entry.delayMs };
    },
    attempt(key, failedAtMs, nowMs) {
      const before = find(key, failedAtMs);
      const delayMs = before === undefined ? policy.initialMs : Math.min(before.delayMs * 2, policy.maxMs);
      entries.set(key, { delayMs, attemptedAtMs: nowMs });
    },
    forget(prefix) {
      for (const key of entries.keys()) if (key.startsWith(prefix)) entries.delete(key);
    },
  };
}
