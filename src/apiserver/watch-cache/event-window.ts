import type { Change } from "./change.ts";

/** The newest changes of one kind, for watches that start a little in the past. */
export interface EventWindow {
  /** Watches may start at this revision or later. */
  readonly oldestStart: number;
  add(change: Change): void;
  /** Changes after a revision, in order. `revision` must not be before `oldestStart`. */
  after(revision: number): readonly Change[];
}

/** Changes stay this long if there is room. Source: upstream's window is its bookmark interval and a quarter minute. */
const freshForMs = 75_000;
/** Changes that stay however old they are. */
const keptAlways = 100;
/** Forgotten changes that may wait in memory before the list is cut. */
const maxGarbage = 1024;

/** Creates an empty window over changes after `startRevision`. */
export function createEventWindow(startRevision: number, maxChanges: number): EventWindow {
  let changes: Change[] = [];
  let start = 0;
  let oldestStart = startRevision;

  const forget = (nowMs: number): void => {
    for (;;) {
      const size = changes.length - start;
      const oldest = changes[start];
      if (oldest === undefined || size <= keptAlways) return;
      if (size <= maxChanges && nowMs - oldest.atMs <= freshForMs) return;
      oldestStart = oldest.revision;
      start += 1;
      if (start < maxGarbage || start < changes.length / 2) continue;
      changes = changes.slice(start);
      start = 0;
    }
  };

  return {
    get oldestStart() {
      return oldestStart;
    },
    add(change) {
      changes.push(change);
      forget(change.atMs);
    },
    after(revision) {
      let low = start;
      let high = changes.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((changes[middle] as Change).revision <= revision) low = middle + 1;
        else high = middle;
      }
      return changes.slice(low);
    },
  };
}
