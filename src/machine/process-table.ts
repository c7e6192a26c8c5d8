import { readdir, readFile } from "node:fs/promises";
import { type Clock, sleep } from "../base/clock.ts";

/** A process that can be told from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the kernel's own ticks since boot. */
  readonly startTicks: string;
}

/** The identity of a running process; undefined when there is none, or only its remains. */
export async function identifyProcess(pid: number): Promise<ProcessIdentity | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  // The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  const state = fields?.[0];
  const startTicks = fields?.[19];
  return startTicks === undefined || state === "Z" || state === "X" ? undefined : { pid, startTicks };
}

/** Whether exactly this process still runs. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  return (await identifyProcess(identity.pid))?.startTicks === identity.startTicks;
}

/** Asks a process to end, waits, and kills it when it has not ended in time. Does nothing when it is gone. */
export async function endProcess(
  identity: ProcessIdentity,
  graceMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (const [name, waitMs] of [
    ["SIGTERM", graceMs],
    ["SIGKILL", killWaitMs],
  ] as const) {
    if (!(await isRunning(identity))) return;
    sendSignal(identity.pid, name);
    const untilMs = clock.monotonicMs() + waitMs;
    while (clock.monotonicMs() < untilMs) {
      if (!(await isRunning(identity))) return;
      await sleep(clock, 10, signal);
    }
  }
  if (await isRunning(identity)) throw new Error(`process ${identity.pid} does not end`);
}

/** How long a killed process may take to vanish. */
const killWaitMs = 5_000;

/** Running processes whose command line `matches`, by their arguments. */
export async function findProcesses(matches: (command: readonly string[]) => boolean): Promise<ProcessIdentity[]> {
  const numbers = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const found: ProcessIdentity[] = [];
  for (const pid of numbers) {
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (line === "" || !matches(line.split("\0"))) continue;
    const identity = await identifyProcess(pid);
    if (identity !== undefined) found.push(identity);
  }
  return found;
}

function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // It may have ended between the look and the signal.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
