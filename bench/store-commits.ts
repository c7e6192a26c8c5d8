import { openSqliteStore } from "../src/storage/sqlite-store.node.ts";
import type { Store } from "../src/storage/store.ts";
import { type Benchmark, type BenchmarkContext, type BenchmarkRow, repeat } from "./kit/benchmark.ts";
import { type ClientsRun, runClients, runPaced } from "./kit/clients.ts";
import { runPlainLoop } from "./kit/plain-sqlite.ts";
import { type CpuSeconds, startCpuMeter } from "./kit/resources.ts";
import { describeLatencies, median, quantile } from "./kit/statistics.ts";
import { renderNumber } from "./kit/table.ts";

/** A pod of usual size, as JSON. */
const valueBytes = 3400;

const durationMs = 1500;

/** The rate at which the share of a processor is taken. */
const pacedPerSecond = 5000;

interface StoreRun extends ClientsRun {
  readonly commitsPerGroup: number;
  readonly cpu: CpuSeconds;
}

/** Runs a load of creates on a store of its own. */
async function measure(
  context: BenchmarkContext,
  load: (operation: (index: number) => Promise<unknown>) => Promise<ClientsRun>,
): Promise<StoreRun> {
  const store = await openSqliteStore({ folder: await context.scratchFolder(), clock: context.clock });
  try {
    let groups = 0;
    const watcher = { onEvents: () => void (groups += 1), onEnd: () => undefined };
    await store.watch({ prefix: "", afterRevision: 0 }, watcher);
    const readCpu = startCpuMeter();
    const run = await load((index) => create(store, index));
    return { ...run, commitsPerGroup: run.operations / groups, cpu: readCpu() };
  } finally {
    await store.close();
  }
}

const value = new Uint8Array(valueBytes).fill(97);
const encode = (): Uint8Array => value;

/** Names spread over the index, as those of pods do. */
function create(store: Store, index: number): Promise<unknown> {
  const name = `${((index * 7919) % 1_000_003).toString(36)}-${index}`;
  return store.commit([{ key: `/registry/pods/namespace-${index % 10}/pod-${name}`, expectedRevision: 0, encode }]);
}

async function measureClients(
  context: BenchmarkContext,
  clients: number,
  goals: { readonly commits?: number; readonly p95Ms?: number },
): Promise<BenchmarkRow[]> {
  const { clock } = context;
  context.progress(`${clients} clients`);
  const runs = await repeat(context, () =>
    measure(context, (operation) => runClients({ clock, clients, durationMs, operation })),
  );
  const plain = await repeat(context, async () => {
    const folder = await context.scratchFolder();
    return runPlainLoop({ clock, folder, rowsPerCommit: clients, value, durationMs: durationMs / 3 });
  });
  const plainRows = median(plain.map((run) => run.rowsPerSecond));
  const perSecond = runs.map((run) => run.perSecond);
  const name = clients === 1 ? "1 client" : `${clients} clients`;
  const group = median(runs.map((run) => run.commitsPerGroup)).toFixed(1);
  const share = (median(perSecond) / plainRows).toFixed(2);
  return [
    {
      figure: name,
      unit: "commits/s",
      better: "higher",
      samples: perSecond,
      ...(goals.commits === undefined ? {} : { goal: goals.commits }),
      note: `groups of ${group}; ${share} of a plain SQLite loop with ${clients} rows per transaction (${renderNumber(plainRows)} rows/s)`,
    },
    {
      figure: `${name}, p95`,
      unit: "ms",
      better: "lower",
      samples: runs.map((run) => quantile(run.latenciesMs, 0.95)),
      ...(goals.p95Ms === undefined ? {} : { goal: goals.p95Ms }),
      note: `${describeLatencies(runs.flatMap((run) => run.latenciesMs))}; ${describeCpu(runs)}`,
    },
  ];
}

function describeCpu(runs: readonly StoreRun[]): string {
  const micros = (part: keyof CpuSeconds): string =>
    median(runs.map((run) => (run.cpu[part] * 1_000_000) / run.operations)).toFixed(1);
  return `CPU for each commit: ${micros("process")} us, of them ${micros("thread")} us in the main thread`;
}

async function measurePaced(context: BenchmarkContext): Promise<BenchmarkRow> {
  const { clock } = context;
  context.progress(`${pacedPerSecond} commits each second`);
  const runs = await repeat(context, () =>
    measure(context, (operation) =>
      runPaced({ clock, perSecond: pacedPerSecond, durationMs: 2 * durationMs, operation }),
    ),
  );
  const share = (part: keyof CpuSeconds): number[] => runs.map((run) => (run.cpu[part] * 1000) / run.elapsedMs);
  return {
    figure: `${renderNumber(pacedPerSecond)} commits/s offered`,
    unit: "cores",
    better: "lower",
    samples: share("process"),
    note:
      `of them ${renderNumber(median(share("thread")))} in the main thread, the load's own work included; ` +
      `${renderNumber(median(runs.map((run) => run.perSecond)))} commits/s reached; ` +
      describeLatencies(runs.flatMap((run) => run.latenciesMs)),
  };
}

/** How fast the SQLite store alone is, and what it costs: the floor under every durable write. */
export const benchmark: Benchmark = {
  id: "store-commits",
  title: `Durable commits of ${valueBytes} bytes by the SQLite store alone, each fsynced`,
  goal: "5,000/s with 64 clients, leaving most of the CPU; p95 below 3 ms with 10",
  run: async (context) => [
    ...(await measureClients(context, 1, {})),
    ...(await measureClients(context, 10, { p95Ms: 3 })),
    ...(await measureClients(context, 64, { commits: 5000 })),
    await measurePaced(context),
  ],
};
