import type { DatabaseSync } from "node:sqlite";
import { compareKeys, endOfPrefix } from "../key-order.ts";
import type { StoreEntry, StoreEvent } from "../store.ts";
import type { LogHead, LogHistory, LogPage, LogRange } from "../write-log.ts";
import { firstIdAfter, revisionOf } from "./row-id.node.ts";

/** Heads of one answer. */
const headsPerAnswer = 10_000;

/** An answer ends with the value that passes this size. */
const bytesPerAnswer = 1024 * 1024;

/** Rows looked at for one piece of history, but for those of its last revision. */
const historyRowsPerAnswer = 2000;

/** What can be asked of a store file. Values of an answer stand in buffers of their own, which may be given away. */
export interface DatabaseReads {
  /** What stands now at keys after `afterKey`. */
  heads(afterKey: string): { readonly heads: LogHead[]; readonly isCut: boolean };
  get(key: string, atRevision: number): StoreEntry | undefined;
  page(range: LogRange & { readonly limit: number }): LogPage;
  count(range: LogRange): number;
  history(prefix: string, afterRevision: number): LogHistory;
}

/** The newest row of each key of a range: beside an aggregate `max`, other columns are those of the row it picks. */
const newestRows = `
  SELECT key, max(id), create_revision, expires_at_ms, deleted FROM writes
  WHERE key >= ? AND key < ? AND id < ? GROUP BY key HAVING deleted = 0 ORDER BY key`;

type NewestRow = [key: string, id: number, createRevision: number, expiresAtMs: number | null];

type HistoryRow = [
  id: number,
  key: string,
  deleted: number,
  createRevision: number,
  previousRevision: number,
  value: Uint8Array,
];

/** Prepares the statements that read. */
export function createReads(database: DatabaseSync): DatabaseReads {
  const newest = database.prepare(`${newestRows} LIMIT ?`);
  const counted = database.prepare(`SELECT count(*) FROM (${newestRows})`);
  const valueOf = database.prepare("SELECT value FROM writes WHERE id = ?");
  const standing = database.prepare(
    "SELECT id, deleted, create_revision, value FROM writes WHERE key = ? AND id < ? ORDER BY id DESC LIMIT 1",
  );
  // Values of keys that are not asked for are not read; a deletion shows the value that it ends.
  const rowsFrom = database.prepare(`
    SELECT id, key, deleted, create_revision, previous_revision,
      CASE WHEN key < ? OR key >= ? THEN NULL WHEN deleted = 0 THEN value ELSE (
        SELECT last.value FROM writes AS last WHERE last.key = writes.key AND last.id < writes.id
        ORDER BY last.id DESC LIMIT 1
      ) END
    FROM writes WHERE id >= ? ORDER BY id`);

  return {
    heads(afterKey) {
      const range = { prefix: "", atRevision: Number.MAX_SAFE_INTEGER, afterKey };
      const rows = newest.all(...boundsOf(range), headsPerAnswer) as unknown as NewestRow[];
      const heads = rows.map(([key, id, createRevision, expiresAtMs]) => ({
        key,
        revision: revisionOf(id),
        createRevision,
        expiresAtMs: expiresAtMs ?? undefined,
      }));
      return { heads, isCut: rows.length === headsPerAnswer };
    },
    get(key, atRevision) {
      const row = standing.get(key, firstIdAfter(atRevision)) as unknown as
        | [id: number, deleted: number, createRevision: number, value: Uint8Array]
        | undefined;
      if (row === undefined || row[1] === 1) return undefined;
      return { key, value: row[3], revision: revisionOf(row[0]), createRevision: row[2] };
    },
    page(range) {
      const rows = newest.all(...boundsOf(range), range.limit) as unknown as NewestRow[];
      const entries: StoreEntry[] = [];
      let bytes = 0;
      for (const [key, id, createRevision] of rows) {
        if (bytes >= bytesPerAnswer) return { entries, isCut: true };
        const [value] = valueOf.get(id) as unknown as [Uint8Array];
        entries.push({ key, value, revision: revisionOf(id), createRevision });
        bytes += value.byteLength;
      }
      return { entries, isCut: rows.length === range.limit };
    },
    count(range) {
      const [count] = counted.get(...boundsOf(range)) as unknown as [number];
      return count;
    },
    history(prefix, afterRevision) {
      const events: StoreEvent[] = [];
      let throughRevision = afterRevision;
      let bytes = 0;
      let looked = 0;
      const rows = rowsFrom.iterate(prefix, endOfPrefix(prefix) ?? endOfKeys, firstIdAfter(afterRevision));
      for (const row of rows as unknown as Iterable<HistoryRow>) {
        const revision = revisionOf(row[0]);
        const isFull = looked >= historyRowsPerAnswer || bytes >= bytesPerAnswer;
        if (isFull && revision !== throughRevision) return { events, throughRevision, isNewest: false };
        throughRevision = revision;
        looked += 1;
        if (!row[1].startsWith(prefix)) continue;
        events.push(eventOf(row, revision));
        bytes += row[5].byteLength;
      }
      return { events, throughRevision, isNewest: true };
    },
  };
}

/** SQLite orders bytes behind every text, even when there are none. */
const endOfKeys = new Uint8Array();

/** First key, end of keys and end of ids of a range. */
function boundsOf({ prefix, atRevision, afterKey }: LogRange): [string, string | Uint8Array, number] {
  const end = endOfPrefix(prefix) ?? endOfKeys;
  const endId = Math.min(firstIdAfter(atRevision), Number.MAX_SAFE_INTEGER);
  if (afterKey === undefined || compareKeys(afterKey, prefix) < 0) return [prefix, end, endId];
  return [`${afterKey}\u0000`, end, endId];
}

function eventOf([, key, deleted, createRevision, previousRevision, value]: HistoryRow, revision: number): StoreEvent {
  return { type: deleted === 1 ? "delete" : "put", key, revision, value, previousRevision, createRevision };
}
