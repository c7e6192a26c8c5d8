import { readFile, statfs } from "node:fs/promises";
import type { Clock } from "../../base/clock.ts";

/** What the whole node uses now. */
export interface NodeUsage {
  readonly timeMs: number;
  readonly bootTimeMs: number;
  /** CPU time of all cores since boot. */
  readonly cpuNanoseconds: bigint;
  readonly memory: {
    readonly usageBytes: number;
    readonly workingSetBytes: number;
    readonly availableBytes: number;
    readonly rssBytes: number;
    readonly pageFaults: number;
    readonly majorPageFaults: number;
  };
  readonly network: readonly InterfaceUsage[];
  readonly disk: {
    readonly capacityBytes: number;
    readonly availableBytes: number;
    readonly inodes: number;
    readonly inodesFree: number;
  };
  readonly maxProcesses: number;
  readonly processes: number;
}

export interface InterfaceUsage {
  readonly name: string;
  readonly rxBytes: number;
  readonly rxErrors: number;
  readonly txBytes: number;
  readonly txErrors: number;
}

/** Ticks of the kernel's accounting. Source: USER_HZ, which is 100 on every architecture that Node runs on. */
const nanosecondsPerTick = 10_000_000n;

/**
 * Reads what the node uses.
 * @param dataFolder on the file system that pods write to
 */
export async function readNodeUsage(dataFolder: string, clock: Clock): Promise<NodeUsage> {
  const [stat, meminfo, vmstat, network, disk, pidMax, load] = await Promise.all([
    readFile("/proc/stat", "utf8"),
    readFile("/proc/meminfo", "utf8"),
    readFile("/proc/vmstat", "utf8"),
    readFile("/proc/net/dev", "utf8"),
    statfs(dataFolder),
    readFile("/proc/sys/kernel/pid_max", "utf8"),
    readFile("/proc/loadavg", "utf8"),
  ]);
  return {
    timeMs: clock.nowMs(),
    ...parseStat(stat),
    memory: parseMemory(meminfo, vmstat),
    network: parseNetDev(network),
    disk: {
      capacityBytes: disk.blocks * disk.bsize,
      availableBytes: disk.bavail * disk.bsize,
      inodes: disk.files,
      inodesFree: disk.ffree,
    },
    maxProcesses: Number(pidMax),
    processes: Number(load.split(" ")[3]?.split("/")[1] ?? 0),
  };
}

/** Reads CPU time and boot time of `/proc/stat`. Time spent idle or waiting for disks is not use. */
export function parseStat(text: string): Pick<NodeUsage, "cpuNanoseconds" | "bootTimeMs"> {
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = (/^cpu .*$/m.exec(text)?.[0] ?? "")
    .split(/\s+/)
    .map(Number);
  const ticks = BigInt(user + nice + system + irq + softirq + steal);
  const bootTime = Number(/^btime (\d+)$/m.exec(text)?.[1] ?? 0);
  return { cpuNanoseconds: ticks * nanosecondsPerTick, bootTimeMs: bootTime * 1_000 };
}

function parseMemory(meminfo: string, vmstat: string): NodeUsage["memory"] {
  const kibibytes = new Map(
    [...meminfo.matchAll(/^([^:]+):\s+(\d+) kB$/gm)].map(([, name = "", value]) => [name, Number(value) * 1024]),
  );
  const counters = new Map(
    [...vmstat.matchAll(/^(\S+) (\d+)$/gm)].map(([, name = "", value]) => [name, Number(value)]),
  );
  const total = kibibytes.get("MemTotal") ?? 0;
  const usage = total - (kibibytes.get("MemFree") ?? 0);
  const workingSet = Math.max(0, usage - (kibibytes.get("Inactive(file)") ?? 0));
  return {
    usageBytes: usage,
    workingSetBytes: workingSet,
    availableBytes: total - workingSet,
    rssBytes: kibibytes.get("AnonPages") ?? 0,
    pageFaults: counters.get("pgfault") ?? 0,
    majorPageFaults: counters.get("pgmajfault") ?? 0,
  };
}

/** Reads `/proc/net/dev`; the interfaces of pods on this side are left out. */
export function parseNetDev(text: string): InterfaceUsage[] {
  return text.split("\n").flatMap((line) => {
    const [, name, numbers = ""] = /^\s*([^:\s]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || name === "lo" || name.startsWith("veth")) return [];
    const fields = numbers.trim().split(/\s+/).map(Number);
    const [rxBytes = 0, , rxErrors = 0] = fields;
    const [txBytes = 0, , txErrors = 0] = fields.slice(8);
    return [{ name, rxBytes, rxErrors, txBytes, txErrors }];
  });
}
