/** Runs one benchmark in this process and sends its rows to the parent. Usage: `child.ts <file> <repetitions>`. */
import { mkdtemp, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createRealClock } from "../../src/base/real-clock.ts";
import type { Benchmark, BenchmarkContext, BenchmarkRow } from "./benchmark.ts";

/** What the parent hears. */
export type ChildMessage =
  | { readonly kind: "progress"; readonly message: string }
  | { readonly kind: "rows"; readonly rows: readonly BenchmarkRow[] };

/** Kept over a restart of the machine, so it is on a disk; set K8TS_BENCH_FOLDER to measure another. */
const scratchRoot = process.env["K8TS_BENCH_FOLDER"] ?? "/var/tmp";

/** A file system in memory, where a sync costs nothing. Source: statfs(2). */
const tmpfsType = 0x01_02_19_94;

function send(message: ChildMessage): void {
  process.send?.(message);
}

const cleanUps: (() => void | Promise<void>)[] = [];

const context: BenchmarkContext = {
  clock: createRealClock(),
  repetitions: Number(process.argv[3]),
  async scratchFolder() {
    const { type } = await statfs(scratchRoot);
    if (type === tmpfsType) throw new Error(`${scratchRoot} is in memory: set K8TS_BENCH_FOLDER to a folder on a disk`);
    const folder = await mkdtemp(join(scratchRoot, "k8ts-bench-"));
    cleanUps.push(() => rm(folder, { recursive: true, force: true }));
    return folder;
  },
  onEnd: (cleanUp) => void cleanUps.push(cleanUp),
  progress: (message) => send({ kind: "progress", message }),
};

try {
  const { benchmark } = (await import(pathToFileURL(process.argv[2] ?? "").href)) as { readonly benchmark: Benchmark };
  send({ kind: "rows", rows: await benchmark.run(context) });
} finally {
  for (const cleanUp of cleanUps.reverse()) await cleanUp();
  process.disconnect();
}
