/**
 * A process that writes to a store until it is killed, and says on standard output what has been acknowledged, one
 * line of JSON each. It starts when a line with a `WriterOrder` comes in, so that it can be ready before it is needed.
 */
import { once } from "node:events";
import { createInterface } from "node:readline";
import { createSeededRandom, type Random, randomInteger } from "../../src/base/random.ts";
import { createRealClock } from "../../src/base/real-clock.ts";
import { openSqliteStore } from "../../src/storage/sqlite-store.node.ts";
import { type Store, StoreFailedError, type WriteOperation } from "../../src/storage/store.ts";
import { encodeStoredValue } from "./stored-value.ts";

/** What the writer is told. */
export interface WriterOrder {
  readonly folder: string;
  readonly seed: number;
  /** It kills itself when a commit is refused, before it does anything else. Default: it goes on. */
  readonly diesWhenRefused?: boolean;
}

/** What the writer says. */
export type WriterReport =
  | { readonly kind: "ready" }
  | { readonly kind: "open"; readonly revision: number }
  | { readonly kind: "acknowledged"; readonly revision: number; readonly puts: string[]; readonly deletes: string[] }
  /** The disk refused a commit that would have written values with these seeds. */
  | { readonly kind: "refused"; readonly seeds: number[] };

/** Commits under way at a time. */
const writers = 12;

/** Few enough that keys are written again and again. */
const keyCount = 150;

/** Commits of one writer between two compactions, and how much of the past is kept. */
const commitsPerCompaction = 25;
const revisionsKept = 120;

/** Keys of one commit at most. */
const maxWidth = 5;

/** Writes at once: to a pipe, standard output is synchronous. */
function report(line: WriterReport): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function watchRevisions(store: Store): Promise<Map<string, number>> {
  const { entries, revision } = await store.list({ prefix: "" });
  const revisions = new Map(entries.map((entry) => [entry.key, entry.revision]));
  await store.watch(
    { prefix: "", afterRevision: revision },
    {
      onEvents(events) {
        for (const { type, key, revision } of events)
          if (type === "put") revisions.set(key, revision);
          else revisions.delete(key);
      },
      onEnd: () => undefined,
    },
  );
  return revisions;
}

interface Attempt {
  readonly operations: readonly WriteOperation[];
  readonly puts: string[];
  readonly deletes: string[];
  readonly seeds: number[];
}

function planAttempt(random: Random, revisions: ReadonlyMap<string, number>): Attempt {
  const width = randomInteger(random, 3) === 0 ? 1 + randomInteger(random, maxWidth) : 1;
  const keys = new Set(Array.from({ length: width }, () => `/objects/${randomInteger(random, keyCount)}`));
  const attempt: Attempt = { operations: [], puts: [], deletes: [], seeds: [] };
  const operations = Array.from(keys, (key): WriteOperation => {
    const expectedRevision = revisions.get(key);
    if (expectedRevision !== undefined && randomInteger(random, 4) === 0) {
      attempt.deletes.push(key);
      return { key, expectedRevision };
    }
    const seed = randomInteger(random, 2 ** 31);
    attempt.puts.push(key);
    attempt.seeds.push(seed);
    return { key, encode: (revision) => encodeStoredValue({ key, revision, width: keys.size, seed }) };
  });
  return { ...attempt, operations };
}

async function commit(store: Store, { operations, puts, deletes, seeds }: Attempt): Promise<void> {
  try {
    const result = await store.commit(operations);
    if (result.committed) report({ kind: "acknowledged", revision: result.revision, puts, deletes });
  } catch (error) {
    if (!(error instanceof StoreFailedError)) throw error;
    report({ kind: "refused", seeds });
    if (order.diesWhenRefused === true) process.kill(process.pid, "SIGKILL");
  }
}

async function compact(store: Store): Promise<void> {
  try {
    await store.compact(Math.max(0, store.revision - revisionsKept));
  } catch (error) {
    if (!(error instanceof StoreFailedError)) throw error;
  }
}

async function write(store: Store, seed: number, revisions: ReadonlyMap<string, number>): Promise<never> {
  const random = createSeededRandom(seed);
  for (let commits = 1; ; commits += 1) {
    await commit(store, planAttempt(random, revisions));
    if (commits % commitsPerCompaction === 0) await compact(store);
  }
}

report({ kind: "ready" });
const [line] = (await once(createInterface({ input: process.stdin }), "line")) as [string];
const order = JSON.parse(line) as WriterOrder;
const store = await openSqliteStore({ folder: order.folder, clock: createRealClock() });
report({ kind: "open", revision: store.revision });
const revisions = await watchRevisions(store);
await Promise.all(Array.from({ length: writers }, (_unused, index) => write(store, order.seed + index, revisions)));
