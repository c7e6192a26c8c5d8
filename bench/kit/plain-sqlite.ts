import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../src/base/clock.ts";

/** The same disk and the same SQLite without a store around it: what a figure is held against. */
export interface PlainLoop {
  readonly rowsPerSecond: number;
  readonly commitsPerSecond: number;
}

/**
 * Inserts values into a table of keys and values, so many in each transaction, one after another in this thread, with
 * a write-ahead log synced at each commit.
 */
export function runPlainLoop(options: {
  readonly clock: Clock;
  readonly folder: string;
  readonly rowsPerCommit: number;
  readonly value: Uint8Array;
  readonly durationMs: number;
}): PlainLoop {
  const { clock, folder, rowsPerCommit, value, durationMs } = options;
  const database = new DatabaseSync(join(folder, "plain.db"));
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA locking_mode = EXCLUSIVE");
  database.exec("CREATE TABLE objects (key TEXT PRIMARY KEY, value BLOB)");
  const insert = database.prepare("INSERT INTO objects VALUES (?, ?)");
  let rows = 0;
  const startMs = clock.monotonicMs();
  let elapsedMs = 0;
  for (; elapsedMs < durationMs; elapsedMs = clock.monotonicMs() - startMs) {
    database.exec("BEGIN");
    for (let index = 0; index < rowsPerCommit; index += 1) {
      rows += 1;
      insert.run(`/objects/${rows}`, value);
    }
    database.exec("COMMIT");
  }
  database.close();
  return { rowsPerSecond: (rows * 1000) / elapsedMs, commitsPerSecond: (rows * 1000) / elapsedMs / rowsPerCommit };
}
