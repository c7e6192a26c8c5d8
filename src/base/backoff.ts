import { type Clock, sleep } from "./clock.ts";
import type { Random } from "./random.ts";

/** How delays grow between attempts. */
export interface BackoffPolicy {
  /** First delay. */
  readonly initialMs: number;
  /** No delay is longer. */
  readonly maxMs: number;
  /** Each delay is this many times the one before. Default 2. */
  readonly factor?: number;
  /** Adds up to this share of the delay by chance, so that many waiters do not wake together. Default 0. */
  readonly jitter?: number;
}

/** The delay before attempt `attempt + 1`, where the first failed attempt is 0. */
export function backoffDelayMs(policy: BackoffPolicy, attempt: number, random?: Random): number {
  const plainMs = Math.min(policy.maxMs, policy.initialMs * (policy.factor ?? 2) ** attempt);
  return plainMs * (1 + (policy.jitter ?? 0) * (random?.next() ?? 0));
}

/**
 * Repeats `attempt` until it succeeds, waiting longer after each failure.
 * @throws the last error after `maxAttempts`, when `isRetriable` says no, or the signal's reason
 */
export async function retry<T>(
  attempt: () => Promise<T>,
  options: {
    readonly clock: Clock;
    readonly policy: BackoffPolicy;
    readonly maxAttempts: number;
    readonly isRetriable?: (error: unknown) => boolean;
    readonly random?: Random;
  },
  signal: AbortSignal,
): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (failures + 1 >= options.maxAttempts || options.isRetriable?.(error) === false) throw error;
      await sleep(options.clock, backoffDelayMs(options.policy, failures, options.random), signal);
    }
  }
}
