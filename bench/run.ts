/**
 * `npm run bench` runs all benchmarks and prints each as a table beside its goal; `npm run bench -- P4 store` those whose
 * ids begin so. Figures are those of this machine now: run nothing else meanwhile. How to add one: kit/benchmark.ts.
 */
import { fork } from "node:child_process";
import { globSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import type { Benchmark, BenchmarkRow } from "./kit/benchmark.ts";
import type { ChildMessage } from "./kit/child.ts";
import { renderTable } from "./kit/table.ts";

const usage = `Usage: npm run bench -- [--repetitions <n>] [--list] [id ...]

  id             run only benchmarks whose id begins so, for example P4 or store
  --repetitions  how often each measurement is repeated (5)
  --list         say which benchmarks there are`;

interface Found {
  readonly file: string;
  readonly benchmark: Benchmark;
}

/** Files named `<id>-<name>.ts` beside this one. */
async function findBenchmarks(ids: readonly string[]): Promise<Found[]> {
  const files = globSync("*-*.ts", { cwd: import.meta.dirname }).sort();
  const found: Found[] = [];
  for (const name of files) {
    const file = join(import.meta.dirname, name);
    const { benchmark } = (await import(pathToFileURL(file).href)) as { readonly benchmark: Benchmark };
    const isWanted = ids.some((id) => benchmark.id.toLowerCase().startsWith(id.toLowerCase()));
    if (ids.length === 0 || isWanted) found.push({ file, benchmark });
  }
  return found;
}

/** Runs a benchmark in a process of its own, so that its memory and its leftovers are not another's. */
function runChild({ file, benchmark }: Found, repetitions: number): Promise<readonly BenchmarkRow[]> {
  const child = fork(join(import.meta.dirname, "kit", "child.ts"), [file, String(repetitions)], {
    serialization: "advanced",
  });
  return new Promise((resolve, reject) => {
    child.on("message", (message: ChildMessage) => {
      if (message.kind === "rows") resolve(message.rows);
      else process.stderr.write(`${benchmark.id}: ${message.message}\n`);
    });
    child.on("exit", (code) => reject(new Error(`it ended with code ${code} before it had a result`)));
  });
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      repetitions: { type: "string", default: "5" },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const repetitions = Number(values.repetitions);
  if (values.help || !Number.isInteger(repetitions) || repetitions < 1) {
    console.log(usage);
    return values.help ? 0 : 2;
  }
  const found = await findBenchmarks(positionals);
  if (found.length === 0) {
    console.error(`No benchmark is called ${positionals.join(" or ")}; see --list`);
    return 2;
  }
  if (values.list) {
    for (const { benchmark } of found) console.log(`${benchmark.id.padEnd(16)}${benchmark.title}`);
    return 0;
  }
  const gibibytes = (totalmem() / 2 ** 30).toFixed(0);
  console.log(`Node ${process.version}, ${cpus().length} cores, ${gibibytes} GiB; medians of ${repetitions}\n`);
  let failures = 0;
  for (const entry of found) {
    try {
      console.log(`${renderTable(entry.benchmark, await runChild(entry, repetitions))}\n`);
    } catch (error) {
      failures += 1;
      console.log(`${entry.benchmark.id}  ${entry.benchmark.title}\n  not measured: ${(error as Error).message}\n`);
    }
  }
  return failures > 0 ? 1 : 0;
}

process.exitCode = await main();
