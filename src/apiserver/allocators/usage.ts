/** Counts who uses what, because a value may be held twice: by a request that is under way and by what it wrote. */
export interface Usage<T> {
  has(value: T): boolean;
  hold(value: T): void;
  release(value: T): void;
}

/** Creates a count of nothing. */
export function createUsage<T>(): Usage<T> {
  const holders = new Map<T, number>();
  return {
    has: (value) => holders.has(value),
    hold: (value) => void holders.set(value, (holders.get(value) ?? 0) + 1),
    release(value) {
      const left = (holders.get(value) ?? 0) - 1;
      if (left > 0) holders.set(value, left);
      else holders.delete(value);
    },
  };
}
