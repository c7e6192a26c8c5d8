import { type Clock, sleep } from "../../src/base/clock.ts";

/** What clients have measured. */
export interface ClientsRun {
  readonly operations: number;
  readonly perSecond: number;
  /** Of each operation, in the order of their ends. */
  readonly latenciesMs: readonly number[];
  readonly elapsedMs: number;
}

const never = new AbortController().signal;

/**
 * Runs an operation by so many clients, each starting its next as soon as the last is done, for a time.
 * @param operation gets a number that no other operation gets
 */
export async function runClients(options: {
  readonly clock: Clock;
  readonly clients: number;
  readonly durationMs: number;
  readonly operation: (index: number) => Promise<unknown>;
}): Promise<ClientsRun> {
  const { clock, clients, durationMs, operation } = options;
  const latenciesMs: number[] = [];
  let started = 0;
  const startMs = clock.monotonicMs();
  const runClient = async (): Promise<void> => {
    for (let nowMs = clock.monotonicMs(); nowMs - startMs < durationMs; ) {
      const operationStartMs = nowMs;
      started += 1;
      await operation(started);
      nowMs = clock.monotonicMs();
      latenciesMs.push(nowMs - operationStartMs);
    }
  };
  await Promise.all(Array.from({ length: clients }, runClient));
  return summarize(latenciesMs, clock.monotonicMs() - startMs);
}

/**
 * Starts operations at a steady rate, whether or not those before are done, for a time. Latencies count from the moment
 * when an operation was due, so that a stall shows in all those that it delays.
 */
export async function runPaced(options: {
  readonly clock: Clock;
  readonly perSecond: number;
  readonly durationMs: number;
  readonly operation: (index: number) => Promise<unknown>;
}): Promise<ClientsRun> {
  const { clock, perSecond, durationMs, operation } = options;
  const latenciesMs: number[] = [];
  const running: Promise<void>[] = [];
  const startMs = clock.monotonicMs();
  const run = async (index: number): Promise<void> => {
    await operation(index);
    latenciesMs.push(clock.monotonicMs() - (startMs + (index * 1000) / perSecond));
  };
  const total = Math.floor((durationMs * perSecond) / 1000);
  while (running.length < total) {
    const due = Math.min(total, Math.floor(((clock.monotonicMs() - startMs) * perSecond) / 1000));
    while (running.length < due) running.push(run(running.length + 1));
    await sleep(clock, 0, never);
  }
  await Promise.all(running);
  return summarize(latenciesMs, clock.monotonicMs() - startMs);
}

function summarize(latenciesMs: readonly number[], elapsedMs: number): ClientsRun {
  const operations = latenciesMs.length;
  return { operations, perSecond: (operations * 1000) / elapsedMs, latenciesMs, elapsedMs };
}
