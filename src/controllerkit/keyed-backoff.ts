import { type BackoffPolicy, backoffDelayMs } from "../base/backoff.ts";

/** Delays of things that keep failing, each under its key. */
export interface KeyedBackoff {
  /** How long the key still has to wait; 0 when it need not. */
  remainingMs(key: string, nowMs: number): number;
  /** Notes a failure: the next delay begins now, longer than the one before. */
  failed(key: string, nowMs: number): void;
}

interface Entry {
  attempts: number;
  atMs: number;
}

/** Keys kept before those that are long over are thrown out. */
const tidyAtKeys = 1000;

/** Creates a back-off without failures. A key that was well for twice the longest delay begins anew. */
export function createKeyedBackoff(policy: BackoffPolicy): KeyedBackoff {
  const entries = new Map<string, Entry>();
  let tidyAt = tidyAtKeys;
  const isOver = (entry: Entry, nowMs: number): boolean => nowMs - entry.atMs > 2 * policy.maxMs;
  const find = (key: string, nowMs: number): Entry | undefined => {
    const entry = entries.get(key);
    return entry === undefined || isOver(entry, nowMs) ? undefined : entry;
  };
  const tidy = (nowMs: number): void => {
    for (const [key, entry] of entries) if (isOver(entry, nowMs)) entries.delete(key);
    tidyAt = Math.max(tidyAtKeys, entries.size * 2);
  };
  return {
    remainingMs(key, nowMs) {
      const entry = find(key, nowMs);
      if (entry === undefined) return 0;
      return Math.max(0, entry.atMs + backoffDelayMs(policy, entry.attempts - 1) - nowMs);
    },
    failed(key, nowMs) {
      const attempts = (find(key, nowMs)?.attempts ?? 0) + 1;
      entries.set(key, { attempts, atMs: nowMs });
      if (entries.size >= tidyAt) tidy(nowMs);
    },
  };
}
