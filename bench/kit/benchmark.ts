import type { Clock } from "../../src/base/clock.ts";

/**
 * One benchmark: a file `bench/<id>-<name>.ts` that exports a `benchmark` of this shape. `npm run bench` finds it by
 * its name, runs it in a process of its own and prints its rows beside the goals. To add one, for example P4:
 *
 * ```ts
 * // bench/p4-pod-creates.ts
 * export const benchmark: Benchmark = {
 *   id: "P4",
 *   title: "Durable pod creates, full path",
 *   goal: "5,000/s with 64 clients; p95 3 ms with 10",
 *   firstStepGoal: "1,500/s",
 *   async run(context) {
 *     const cluster = await startCluster(await context.scratchFolder());
 *     context.onEnd(() => cluster.stop());
 *     const runs = await repeat(context, () =>
 *       runClients({ clock: context.clock, clients: 64, durationMs: 3000, operation: (index) => createPod(index) }),
 *     );
 *     return [
 *       {
 *         figure: "64 clients",
 *         unit: "creates/s",
 *         better: "higher",
 *         samples: runs.map((run) => run.perSecond),
 *         goal: 5000,
 *         firstStepGoal: 1500,
 *         note: describeLatencies(runs.flatMap((run) => run.latenciesMs)),
 *       },
 *     ];
 *   },
 * };
 * ```
 *
 * Benchmarks may read the real clock: it is in the context. They never fail a build, say in notes what a figure leaves
 * out, and leave nothing behind.
 */
export interface Benchmark {
  /** What `npm run bench -- <id>` selects, such as `P4`. */
  readonly id: string;
  readonly title: string;
  /** In words, as the list of goals has it. */
  readonly goal: string;
  /** What is asked for until the whole is there. */
  readonly firstStepGoal?: string;
  run(context: BenchmarkContext): Promise<readonly BenchmarkRow[]>;
}

/** One line of the table. */
export interface BenchmarkRow {
  readonly figure: string;
  readonly unit: string;
  readonly better: "higher" | "lower";
  /** One value for each repetition. The table shows the best and the median. */
  readonly samples: readonly number[];
  /** In `unit`. */
  readonly goal?: number;
  readonly firstStepGoal?: number;
  /** Of the whole figure, what it stands beside, and what it leaves out. */
  readonly note?: string;
}

/** What a benchmark is given. */
export interface BenchmarkContext {
  /** The machine's own time. */
  readonly clock: Clock;
  /** How often to repeat each measurement. */
  readonly repetitions: number;
  /** An empty folder on a disk that keeps what is synced; gone when the benchmark ends. */
  scratchFolder(): Promise<string>;
  /** Calls back when the benchmark ends, however it does; the last registered comes first. */
  onEnd(cleanUp: () => void | Promise<void>): void;
  /** Tells whoever is waiting how far it is. */
  progress(message: string): void;
}

/** Repeats a measurement as often as the context says. */
export async function repeat<T>(context: BenchmarkContext, measure: (round: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let round = 0; round < context.repetitions; round += 1) results.push(await measure(round));
  return results;
}
