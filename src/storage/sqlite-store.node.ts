import { chmod, mkdir, open } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Worker } from "node:worker_threads";
import type { Clock } from "../base/clock.ts";
import { type Logger, silentLogger } from "../base/log.ts";
import { afterThisTurn } from "../base/real-clock.ts";
import type { CommitLimits } from "./commit-queue.ts";
import { createLogStore } from "./log-store.ts";
import { explainOpenFailure } from "./sqlite/open-error.node.ts";
import { createSqliteLog } from "./sqlite-log.node.ts";
import type { Store } from "./store.ts";

export { StoreOpenError, type StoreOpenReason } from "./sqlite/open-error.node.ts";

/** The store's file; SQLite keeps its write-ahead log beside it. */
const fileName = "store.db";

/** Short-lived objects that the worker may collect before it cleans up, in MB: batches come and go, nothing stays. */
const workerYoungMegabytes = 8;

/**
 * Opens the store in a folder, which is made when it is missing and belongs to the store alone (0700, files 0600).
 * An acknowledged commit survives the end of the process at any moment and the loss of power. All values stay on
 * disk; in memory are the keys and their revisions. An open store keeps the process alive.
 * @throws {StoreOpenError} the folder is in use by another process, holds something else, was written by a newer
 * version, is damaged, or the disk refuses
 */
export async function openSqliteStore(options: {
  readonly folder: string;
  readonly clock: Clock;
  /** Default: writes nothing. */
  readonly logger?: Logger;
  readonly limits?: CommitLimits;
  /** Where the worker's code is. Default: beside this file. */
  readonly workerUrl?: URL;
}): Promise<Store> {
  const { folder, clock, logger = silentLogger, limits } = options;
  const path = join(folder, fileName);
  await prepareFolder(folder, path);
  const worker = new Worker(options.workerUrl ?? new URL("sqlite-worker.node.ts", import.meta.url), {
    name: "store",
    // Flags of this process, such as a debugger's, are not the worker's.
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: workerYoungMegabytes },
  });
  const log = createSqliteLog(worker);
  try {
    const state = await log.open(path);
    const more = limits === undefined ? {} : { limits };
    return createLogStore({ log, state, clock, logger, lost: log.lost, endTurn: afterThisTurn, ...more });
  } catch (error) {
    await worker.terminate();
    throw error;
  }
}

/** Makes folder and file for their owner only, and makes their names durable: SQLite does so only for its own files. */
async function prepareFolder(folder: string, path: string): Promise<void> {
  try {
    const firstMade = await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    await createFile(path);
    await chmod(path, 0o600);
    for (const parent of foldersUpTo(folder, firstMade === undefined ? folder : dirname(firstMade)))
      await syncFolder(parent);
  } catch (error) {
    throw explainOpenFailure(error, path);
  }
}

/** Leaves a file that is there alone: closing it once would take away the lock that another store of this process holds. */
async function createFile(path: string): Promise<void> {
  try {
    const file = await open(path, "wx", 0o600);
    await file.close();
  } catch (error) {
    if ((error as { readonly code?: string }).code !== "EEXIST") throw error;
  }
}

/** A folder and those it stands in, up to `top`. */
function* foldersUpTo(folder: string, top: string): Generator<string> {
  const last = resolve(top);
  for (let current = resolve(folder); ; current = dirname(current)) {
    yield current;
    if (current === last || current === dirname(current)) return;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
