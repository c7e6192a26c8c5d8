import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { LogRow } from "../write-log.ts";
import { createReads, type DatabaseReads } from "./database-reads.node.ts";
import { firstIdAfter, idOf, revisionOf } from "./row-id.node.ts";
import { lockTimeoutMs, prepareDatabase } from "./schema.node.ts";

/** Rows looked at in one step of a sweep: about two milliseconds. */
const sweepRows = 100;

/** Pages that the write-ahead log may hold before they are moved into the file: few, so that the move is short. */
const checkpointPages = 512;

/** What is found when the file is opened, but for the heads. */
export interface DatabaseState {
  readonly revision: number;
  readonly compactedRevision: number;
  readonly needsSweep: boolean;
}

/** A store file. All of it blocks on the disk, so it runs in a worker. */
export interface Database extends DatabaseReads {
  readonly state: DatabaseState;
  /** Writes rows in one transaction, in the order of their revisions. Returns the last values of the keys they delete. */
  append(rows: Iterable<LogRow>): Uint8Array[];
  markCompacted(revision: number): void;
  /** Deletes some of what the compaction allows. Returns whether nothing is left to delete. */
  sweep(): boolean;
  /** Moves the write-ahead log into the file if it has grown. */
  tidyLog(): void;
  close(): void;
}

/**
 * Opens a store file for this process alone; makes it when it is missing or empty.
 * @throws {StoreOpenError}
 */
export function openDatabase(path: string): Database {
  const database = new DatabaseSync(path, { timeout: lockTimeoutMs, returnArrays: true });
  try {
    prepareDatabase(database, path);
    return createDatabase(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

function createDatabase(database: DatabaseSync): Database {
  const begin = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");
  const rollback = database.prepare("ROLLBACK");
  const readFact = database.prepare("SELECT number FROM facts WHERE name = ?");
  const raiseFact = database.prepare("UPDATE facts SET number = max(number, ?) WHERE name = ?");
  const fact = (name: string): number => Number(one(readFact, name));
  const write = createWriter(database);
  const sweepPart = createSweeper(database);
  const countLogPages = database.prepare("PRAGMA wal_checkpoint(NOOP)");
  const checkpoint = database.prepare("PRAGMA wal_checkpoint(PASSIVE)");
  const state = readState(database, fact);
  let usedRevision = state.revision;
  let needsHealing = false;

  /** Moves the write-ahead log into the file, if it holds so many pages. */
  const checkpointIfPossible = (leastPages: number): boolean => {
    try {
      const [, pages] = countLogPages.get() as unknown as [busy: number, pages: number];
      if (pages >= leastPages) checkpoint.get();
      return true;
    } catch {
      // Nothing is lost: what cannot be moved stays in the log, and the next attempt follows the next commit.
      return false;
    }
  };
  /**
   * Makes sure that nothing of a failed transaction can come back. Its pages may stand in the write-ahead log, complete
   * but for the sync that failed, where recovery after a crash would find them: a next transaction overwrites them.
   * The revisions that it used stay used.
   */
  const heal = (): void => {
    if (database.isTransaction) rollback.run();
    begin.run();
    raiseFact.run(usedRevision, "used_revision");
    commit.run();
    needsHealing = false;
  };
  const healIfPossible = (): boolean => {
    try {
      heal();
      return true;
    } catch {
      // The disk still refuses: the next transaction begins with another attempt.
      needsHealing = true;
      return false;
    }
  };
  /** On a full disk the log can begin anew in its own space, once all of it has found room in the file. */
  const recover = (): void => {
    if (healIfPossible()) return;
    checkpointIfPossible(1);
    healIfPossible();
  };
  const transaction = <T>(work: () => T): T => {
    if (needsHealing) heal();
    try {
      begin.run();
      const result = work();
      commit.run();
      return result;
    } catch (error) {
      recover();
      throw error;
    }
  };

  return {
    ...createReads(database),
    state,
    append(rows) {
      const deletedValues: Uint8Array[] = [];
      transaction(() => {
        for (const row of rows) {
          usedRevision = Math.max(usedRevision, row.revision);
          const lastValue = write(row);
          if (lastValue !== undefined) deletedValues.push(lastValue);
        }
      });
      return deletedValues;
    },
    markCompacted(revision) {
      transaction(() => raiseFact.run(revision, "compacted_revision"));
    },
    sweep() {
      const compactedRevision = fact("compacted_revision");
      return transaction(() => {
        const sweptId = sweepPart(fact("swept_id"), firstIdAfter(compactedRevision));
        raiseFact.run(sweptId, "swept_id");
        return sweptId + 1 >= firstIdAfter(compactedRevision);
      });
    },
    tidyLog: () => void checkpointIfPossible(checkpointPages),
    close: () => database.close(),
  };
}

function readState(database: DatabaseSync, fact: (name: string) => number): DatabaseState {
  const newestId = Number(one(database.prepare("SELECT coalesce(max(id), 0) FROM writes")));
  const compactedRevision = fact("compacted_revision");
  return {
    revision: Math.max(revisionOf(newestId), compactedRevision, fact("used_revision")),
    compactedRevision,
    needsSweep: compactedRevision > 0 && fact("swept_id") + 1 < firstIdAfter(compactedRevision),
  };
}

/** Writes a row; answers with the last value when it is a delete. */
function createWriter(database: DatabaseSync): (row: LogRow) => Uint8Array | undefined {
  const insert = database.prepare(
    `INSERT INTO writes (id, key, deleted, create_revision, previous_revision, expires_at_ms, value)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const lastValue = database.prepare("SELECT value FROM writes WHERE key = ? AND id < ? ORDER BY id DESC LIMIT 1");
  let revision = 0;
  let position = 0;
  return (row) => {
    position = row.revision === revision ? position + 1 : 0;
    revision = row.revision;
    const id = idOf(revision, position);
    const { key, createRevision, previousRevision, expiresAtMs, value } = row;
    const deleted = value === undefined ? 1 : 0;
    insert.run(id, key, deleted, createRevision, previousRevision, expiresAtMs ?? null, value ?? null);
    return value === undefined ? (one(lastValue, key, id) as Uint8Array) : undefined;
  };
}

/**
 * Deletes what is superseded by rows after `sweptId` and before `endId`, and those rows themselves that are deletions,
 * some at a time. Answers with the last id that is done.
 */
function createSweeper(database: DatabaseSync): (sweptId: number, endId: number) => number {
  const next = database.prepare(
    "SELECT id, key, deleted, previous_revision FROM writes WHERE id > ? AND id < ? ORDER BY id LIMIT ?",
  );
  const deleteVersion = database.prepare("DELETE FROM writes WHERE key = ? AND id >= ? AND id < ?");
  const deleteRow = database.prepare("DELETE FROM writes WHERE id = ?");
  return (sweptId, endId) => {
    const rows = next.all(sweptId, endId, sweepRows) as unknown as [number, string, number, number][];
    for (const [id, key, deleted, previousRevision] of rows) {
      if (previousRevision > 0) deleteVersion.run(key, idOf(previousRevision, 0), firstIdAfter(previousRevision));
      if (deleted === 1) deleteRow.run(id);
    }
    return rows.length < sweepRows ? endId - 1 : (rows.at(-1)?.[0] ?? endId - 1);
  };
}

/** The first column of the first row. */
function one(statement: StatementSync, ...parameters: (string | number)[]): unknown {
  return (statement.get(...parameters) as unknown as unknown[] | undefined)?.[0];
}
