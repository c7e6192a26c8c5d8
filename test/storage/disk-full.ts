/**
 * Fills a small file system with a store and says on standard output what happened: one line of JSON, a
 * `DiskFullReport`. Usage: `disk-full.ts <folder on the file system>`.
 */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createRealClock } from "../../src/base/real-clock.ts";
import { openSqliteStore } from "../../src/storage/sqlite-store.node.ts";
import { type Store, StoreFailedError } from "../../src/storage/store.ts";

/** What is seen at one moment. */
interface Sight {
  readonly keys: readonly string[];
  readonly watched: readonly string[];
  readonly revision: number;
}

/** What happened. Keys of the first filling are `/first/<n>`, of the second `/second/<n>`. */
export interface DiskFullReport {
  readonly acknowledged: readonly string[];
  readonly refused: readonly string[];
  /** Messages of the refusals, each once. */
  readonly messages: readonly string[];
  readonly whenFull: Sight;
  /** Of commits made after room was made: their revisions. */
  readonly afterwards: readonly number[];
  /** Highest revision that any encode was told before. */
  readonly highestTold: number;
  /** Opened again after it was closed on a full disk. */
  readonly reopened: Sight & { readonly expectedKeys: readonly string[] };
  /** What making another store on the full disk says. */
  readonly newStore: string;
}

const ballastBytes = 1024 * 1024;
const valueBytes = 20_000;

/** Commits asked for in one turn: some groups fail with several commits in them. */
const commitsPerTurn = 4;

const [folder = ""] = process.argv.slice(2);
const ballast = join(folder, "ballast");
const clock = createRealClock();
let highestTold = 0;

const encode = (revision: number): Uint8Array => {
  highestTold = Math.max(highestTold, revision);
  return new Uint8Array(valueBytes).fill(65);
};

async function open(name: string): Promise<Store> {
  return openSqliteStore({ folder: join(folder, name), clock });
}

interface Filling {
  readonly acknowledged: string[];
  readonly refused: string[];
  readonly messages: Set<string>;
}

/** Writes until the disk refuses, and then once more. */
async function fill(store: Store, prefix: string): Promise<Filling> {
  const filling: Filling = { acknowledged: [], refused: [], messages: new Set() };
  const write = async (key: string): Promise<void> => {
    try {
      await store.commit([{ key, encode, expectedRevision: 0 }]);
      filling.acknowledged.push(key);
    } catch (error) {
      if (!(error instanceof StoreFailedError)) throw error;
      filling.refused.push(key);
      filling.messages.add(error.message);
    }
  };
  for (let turn = 0, refusingTurns = 0; refusingTurns < 2; turn += 1) {
    const keys = Array.from(
      { length: commitsPerTurn },
      (_unused, index) => `${prefix}${turn * commitsPerTurn + index}`,
    );
    await Promise.all(keys.map(write));
    if (filling.refused.length > 0) refusingTurns += 1;
  }
  return filling;
}

async function look(store: Store): Promise<Sight> {
  const watched: string[] = [];
  const stop = await store.watch(
    { prefix: "", afterRevision: 0 },
    { onEvents: (events) => void watched.push(...events.map((event) => event.key)), onEnd: () => undefined },
  );
  stop();
  const { entries, revision } = await store.list({ prefix: "" });
  return { keys: entries.map((entry) => entry.key), watched, revision };
}

writeFileSync(ballast, new Uint8Array(ballastBytes));
const first = await open("store");
const { acknowledged, refused, messages } = await fill(first, "/first/");
const whenFull = await look(first);
const toldBefore = highestTold;

rmSync(ballast);
const afterwards: number[] = [];
for (const key of ["/after/1", refused[0] ?? ""]) {
  const result = await first.commit([{ key, encode, expectedRevision: 0 }]);
  if (result.committed) afterwards.push(result.revision);
}

const second = await fill(first, "/second/");
await first.close();
const again = await open("store");
const expectedKeys = [...acknowledged, "/after/1", refused[0] ?? "", ...second.acknowledged].sort();
const reopened = { ...(await look(again)), expectedKeys };
await again.close();

writeFileSync(ballast, "");
try {
  for (;;) writeFileSync(ballast, new Uint8Array(4096), { flag: "a" });
} catch (error) {
  if ((error as { readonly code?: string }).code !== "ENOSPC") throw error;
}
const newStore = await open("new").then(
  () => "opened",
  (error: Error) => `${error.name}: ${error.message}`,
);

const report: DiskFullReport = {
  acknowledged,
  refused,
  messages: [...messages],
  whenFull,
  afterwards,
  highestTold: toldBefore,
  reopened,
  newStore,
};
console.log(JSON.stringify(report));
