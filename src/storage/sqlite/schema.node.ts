import type { DatabaseSync } from "node:sqlite";
import { explainOpenFailure, StoreOpenError } from "./open-error.node.ts";

/** Marks the file as ours: "k8ts" in ASCII. */
const applicationId = 0x6b_38_74_73;

/** Goes up when an older program could no longer read the file. */
const schemaVersion = 1;

/** Two objects of usual size fit on a page, and a commit of one touches few pages. */
const pageBytes = 8192;

/** Memory for pages that have been read or written, in KiB. */
const cacheKibibytes = 8192;

/** How long to wait for a process that is just ending. */
export const lockTimeoutMs = 500;

/**
 * One row for each write, never changed: the log and the table of objects are the same. `id` carries the revision, so
 * the newest row of a key is the one with the highest id, and the past is a range of ids. The index holds everything but
 * the values: opening a store, counting and paging read no values that they do not return.
 */
const schema = `
  CREATE TABLE writes (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    deleted INTEGER NOT NULL,
    create_revision INTEGER NOT NULL,
    previous_revision INTEGER NOT NULL,
    expires_at_ms REAL,
    value BLOB
  ) STRICT;
  CREATE INDEX writes_by_key ON writes (key, id, deleted, create_revision, expires_at_ms);
  CREATE TABLE facts (name TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO facts (name, number) VALUES ('compacted_revision', 0), ('swept_id', 0), ('used_revision', 0);
`;

/**
 * Takes the file for this process alone and brings it into shape.
 * @throws {StoreOpenError}
 */
export function prepareDatabase(database: DatabaseSync, path: string): void {
  try {
    // Held until the file is closed; the first access takes the lock, and no index in shared memory is needed.
    database.exec("PRAGMA locking_mode = EXCLUSIVE");
    database.exec(`PRAGMA page_size = ${pageBytes}`);
    const version = readNumber(database, "PRAGMA user_version");
    const owner = readNumber(database, "PRAGMA application_id");
    // Also after a creation that was interrupted: the schema comes in one transaction.
    const isEmpty = readNumber(database, "SELECT count(*) FROM sqlite_schema") === 0;
    if (!isEmpty && owner !== applicationId) throw new StoreOpenError("not-a-store", `${path} is not a store of k8ts`);
    if (version > schemaVersion)
      throw new StoreOpenError(
        "newer-version",
        `${path} was written by a newer version of k8ts (store version ${version}, this one reads ${schemaVersion})`,
      );
    const mode = readOne(database, "PRAGMA journal_mode = WAL");
    if (mode !== "wal")
      throw new StoreOpenError("disk", `${path} cannot be kept with a write-ahead log: journal mode is ${mode}`);
    database.exec("PRAGMA synchronous = FULL");
    database.exec("PRAGMA wal_autocheckpoint = 0");
    database.exec(`PRAGMA cache_size = -${cacheKibibytes}`);
    if (isEmpty) createSchema(database);
  } catch (error) {
    throw error instanceof StoreOpenError ? error : explainOpenFailure(error, path);
  }
}

function createSchema(database: DatabaseSync): void {
  database.exec("BEGIN EXCLUSIVE");
  database.exec(schema);
  database.exec(`PRAGMA application_id = ${applicationId}`);
  database.exec(`PRAGMA user_version = ${schemaVersion}`);
  database.exec("COMMIT");
}

function readOne(database: DatabaseSync, query: string): unknown {
  return Object.values(database.prepare(query).get() ?? {})[0];
}

function readNumber(database: DatabaseSync, query: string): number {
  return Number(readOne(database, query));
}
