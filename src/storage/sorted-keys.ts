import { compareKeys } from "./key-order.ts";

/** A set of keys that can be walked in byte order. Adding is cheap; the order is made good when it is next asked for. */
export interface SortedKeys {
  /** Adds a key that is not in the set. */
  add(key: string): void;
  /** Takes out all keys that `isGone` names, in one pass. */
  prune(isGone: (key: string) => boolean): void;
  /** Keys that begin with `prefix` and come after `afterKey`, in order. The set must not change meanwhile. */
  range(prefix: string, afterKey: string | undefined): Iterable<string>;
}

/** Creates an empty set. */
export function createSortedKeys(): SortedKeys {
  let sorted: string[] = [];
  let added: string[] = [];
  const sort = (): void => {
    if (added.length === 0) return;
    sorted = merge(sorted, added.sort(compareKeys));
    added = [];
  };
  return {
    add(key) {
      added.push(key);
    },
    prune(isGone) {
      sort();
      sorted = sorted.filter((key) => !isGone(key));
    },
    *range(prefix, afterKey) {
      sort();
      const start = afterKey === undefined || compareKeys(afterKey, prefix) < 0 ? prefix : afterKey;
      for (let index = firstNotBefore(sorted, start); index < sorted.length; index += 1) {
        const key = sorted[index] as string;
        if (key === afterKey) continue;
        if (!key.startsWith(prefix)) return;
        yield key;
      }
    },
  };
}

function firstNotBefore(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareKeys(sorted[middle] as string, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function merge(a: readonly string[], b: readonly string[]): string[] {
  const merged: string[] = [];
  let indexA = 0;
  let indexB = 0;
  while (indexA < a.length && indexB < b.length) {
    const keyA = a[indexA] as string;
    const keyB = b[indexB] as string;
    const isFirstA = compareKeys(keyA, keyB) < 0;
    merged.push(isFirstA ? keyA : keyB);
    if (isFirstA) indexA += 1;
    else indexB += 1;
  }
  for (; indexA < a.length; indexA += 1) merged.push(a[indexA] as string);
  for (; indexB < b.length; indexB += 1) merged.push(b[indexB] as string);
  return merged;
}
