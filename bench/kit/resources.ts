import { readdirSync, readFileSync } from "node:fs";

/** Processor time used, in seconds. */
export interface CpuSeconds {
  /** Of this thread: the one that runs the event loop. */
  readonly thread: number;
  /** Of this process, with all its threads. */
  readonly process: number;
}

/** Starts counting processor time. Call what it returns for the time used since. */
export function startCpuMeter(): () => CpuSeconds {
  const thread = process.threadCpuUsage();
  const all = process.cpuUsage();
  return () => ({ thread: seconds(process.threadCpuUsage(thread)), process: seconds(process.cpuUsage(all)) });
}

function seconds(usage: { readonly user: number; readonly system: number }): number {
  return (usage.user + usage.system) / 1_000_000;
}

/** Resident memory and processor time of a process and all its descendants. */
export interface ProcessTreeUsage {
  readonly residentBytes: number;
  readonly cpuSeconds: number;
}

/** Clock ticks of `/proc/<pid>/stat` in a second. Source: proc(5); it is 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/**
 * Adds up a process and its descendants from `/proc`.
 * @param isCounted leaves out some of them, by the name of their program; default: none
 */
export function measureProcessTree(
  pid: number,
  isCounted: (program: string) => boolean = () => true,
): ProcessTreeUsage {
  const processes = readProcesses();
  const usage = { residentBytes: 0, cpuSeconds: 0 };
  const add = (parent: number): void => {
    const found = processes.get(parent);
    if (found === undefined || !isCounted(found.program)) return;
    usage.residentBytes += found.residentBytes;
    usage.cpuSeconds += found.cpuSeconds;
    for (const [child, { parentPid }] of processes) if (parentPid === parent) add(child);
  };
  add(pid);
  return usage;
}

interface ProcessFacts extends ProcessTreeUsage {
  readonly program: string;
  readonly parentPid: number;
}

function readProcesses(): Map<number, ProcessFacts> {
  const processes = new Map<number, ProcessFacts>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const facts = readProcess(name);
    if (facts !== undefined) processes.set(Number(name), facts);
  }
  return processes;
}

/** Undefined when the process has ended meanwhile. */
function readProcess(pid: string): ProcessFacts | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    // The program's name stands in parentheses and may hold anything, parentheses too.
    const end = stat.lastIndexOf(")");
    const fields = stat.slice(end + 2).split(" ");
    const [, residentKibibytes = "0"] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
    return {
      program: stat.slice(stat.indexOf("(") + 1, end),
      parentPid: Number(fields[1]),
      residentBytes: Number(residentKibibytes) * 1024,
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    };
  } catch {
    return undefined;
  }
}
