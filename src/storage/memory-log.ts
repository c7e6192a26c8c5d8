import { createSortedKeys } from "./sorted-keys.ts";
import type { StoreEntry, StoreEvent } from "./store.ts";
import type { Completion, LogRange, LogRow, WriteLog } from "./write-log.ts";

/** A log that is gone with the process. Its history grows until it is compacted. */
export function createMemoryLog(): WriteLog {
  /** All versions of each key, oldest first. */
  const versions = new Map<string, LogRow[]>();
  const keys = createSortedKeys();
  let rows: LogRow[] = [];
  let compactedRevision = 0;

  const versionAt = (key: string, revision: number): LogRow | undefined =>
    versions.get(key)?.findLast((row) => row.revision <= revision);
  const lastValue = (row: LogRow): Uint8Array => versionAt(row.key, row.revision - 1)?.value ?? new Uint8Array();
  const put = (row: LogRow): void => {
    const ofKey = versions.get(row.key);
    if (ofKey === undefined) {
      versions.set(row.key, [row]);
      keys.add(row.key);
    } else ofKey.push(row);
    rows.push(row);
  };
  const entries = function* (range: LogRange): Generator<StoreEntry> {
    for (const key of keys.range(range.prefix, range.afterKey)) {
      const entry = entryOf(versionAt(key, range.atRevision));
      if (entry !== undefined) yield entry;
    }
  };
  const eventOf = (row: LogRow): StoreEvent => ({
    type: row.value === undefined ? "delete" : "put",
    key: row.key,
    revision: row.revision,
    value: row.value ?? lastValue(row),
    previousRevision: row.previousRevision,
    createRevision: row.createRevision,
  });
  const sweep = (): void => {
    rows = rows.filter((row) => row.revision > compactedRevision);
    for (const [key, ofKey] of versions) {
      const kept = ofKey.filter((row, index) => isNeeded(row, ofKey[index + 1], compactedRevision));
      if (kept.length > 0) versions.set(key, kept);
      else versions.delete(key);
    }
    keys.prune((key) => !versions.has(key));
  };

  return {
    append: (appended, completion) =>
      answer(completion, () => {
        for (const row of appended) put(row);
        return appended.filter((row) => row.value === undefined).map(lastValue);
      }),
    get: ({ key, atRevision }, completion) => answer(completion, () => entryOf(versionAt(key, atRevision))),
    page: (range, completion) =>
      answer(completion, () => {
        const found = [...entries(range).take(range.limit + 1)];
        return { entries: found.slice(0, range.limit), isCut: found.length > range.limit };
      }),
    count: (range, completion) => answer(completion, () => entries(range).reduce((total) => total + 1, 0)),
    history: ({ prefix, afterRevision }, completion) =>
      answer(completion, () => {
        const start = rows.findLastIndex((row) => row.revision <= afterRevision) + 1;
        const events = rows.slice(start).filter((row) => row.key.startsWith(prefix));
        return { events: events.map(eventOf), throughRevision: rows.at(-1)?.revision ?? afterRevision, isNewest: true };
      }),
    markCompacted: (revision, completion) =>
      answer(completion, () => {
        compactedRevision = revision;
      }),
    sweep: (_request, completion) =>
      answer(completion, () => {
        sweep();
        return true;
      }),
    close: (_request, completion) => answer(completion, () => undefined),
  };
}

/** Carries a request out in its turn: microtasks keep the order in which they were queued. */
function answer<T>(completion: Completion<T>, request: () => T): void {
  queueMicrotask(() => completion.resolve(request()));
}

function entryOf(row: LogRow | undefined): StoreEntry | undefined {
  if (row?.value === undefined) return undefined;
  return { key: row.key, value: row.value, revision: row.revision, createRevision: row.createRevision };
}

/** Whether someone who may read revisions from `compactedRevision` on can still see a version. */
function isNeeded(row: LogRow, next: LogRow | undefined, compactedRevision: number): boolean {
  if (row.revision > compactedRevision) return true;
  return row.value !== undefined && (next === undefined || next.revision > compactedRevision);
}
