import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openSqliteStore } from "../src/storage/sqlite-store.node.ts";
import { type Benchmark, type BenchmarkContext, repeat } from "./kit/benchmark.ts";
import { median } from "./kit/statistics.ts";
import { renderNumber } from "./kit/table.ts";

const objects = 10_000;
const valueBytes = 3400;

/** Each object has been written so often, and the past was not compacted. */
const versions = 2;

const goalMs = 300;

async function fillFolder(context: BenchmarkContext): Promise<string> {
  const folder = await context.scratchFolder();
  const store = await openSqliteStore({ folder, clock: context.clock });
  const encode = (): Uint8Array => new Uint8Array(valueBytes).fill(97);
  const keys = Array.from(
    { length: objects },
    (_unused, index) => `/registry/pods/namespace-${index % 10}/pod-${index}`,
  );
  for (let version = 0; version < versions; version += 1)
    await Promise.all(keys.map((key) => store.commit([{ key, encode }])));
  await store.close();
  return folder;
}

interface Restart {
  readonly openMs: number;
  readonly listMs: number;
  readonly plainMs: number;
  readonly grownBytes: number;
}

async function restart(context: BenchmarkContext, folder: string): Promise<Restart> {
  const { clock } = context;
  const before = process.memoryUsage.rss();
  const startMs = clock.monotonicMs();
  const store = await openSqliteStore({ folder, clock });
  const openedMs = clock.monotonicMs();
  const { entries } = await store.list({ prefix: "" });
  const listedMs = clock.monotonicMs();
  if (entries.length !== objects) throw new Error(`${entries.length} objects were found, not ${objects}`);
  const grownBytes = process.memoryUsage.rss() - before;
  await store.close();
  const plainMs = readPlainly(context, folder);
  return { openMs: openedMs - startMs, listMs: listedMs - openedMs, plainMs, grownBytes };
}

/** The same objects by one statement in this thread. */
function readPlainly({ clock }: BenchmarkContext, folder: string): number {
  const startMs = clock.monotonicMs();
  const database = new DatabaseSync(join(folder, "store.db"));
  const rows = database.prepare("SELECT key, max(id), value FROM writes GROUP BY key").all();
  database.close();
  if (rows.length !== objects) throw new Error(`${rows.length} rows were found, not ${objects}`);
  return clock.monotonicMs() - startMs;
}

/** How long a store takes from nothing to having handed over all its objects. */
export const benchmark: Benchmark = {
  id: "store-restart",
  title: `Restart of the SQLite store with ${objects} objects of ${valueBytes} bytes, ${versions} versions each`,
  goal: `everything listed in ${goalMs} ms, so that the API can be ready in 0.5 s`,
  async run(context) {
    context.progress("filling a store");
    const folder = await fillFolder(context);
    const runs = await repeat(context, () => restart(context, folder));
    const plainMs = median(runs.map((run) => run.plainMs));
    const grown = median(runs.map((run) => run.grownBytes)) / 1_000_000;
    return [
      {
        figure: "opened and listed",
        unit: "ms",
        better: "lower",
        samples: runs.map((run) => run.openMs + run.listMs),
        goal: goalMs,
        note: `file in the page cache; reading the same by one statement in one thread takes ${renderNumber(plainMs)} ms; resident memory grew by ${renderNumber(grown)} MB, values of ${renderNumber((objects * valueBytes) / 1_000_000)} MB among them`,
      },
      {
        figure: "of that, opened",
        unit: "ms",
        better: "lower",
        samples: runs.map((run) => run.openMs),
        note: "starting the worker included; as TypeScript source, whose types are stripped first",
      },
    ];
  },
};
