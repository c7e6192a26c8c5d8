import { readFile, statfs } from "node:fs/promises";
import { availableParallelism, release } from "node:os";
import type { MachineInfo, NodeFacts } from "../kubelet/node-facts.ts";

/**
 * Reads what this machine is and has.
 * @param dataFolder on the file system whose space counts
 */
export async function readMachineFacts(dataFolder: string): Promise<NodeFacts> {
  const info = await readInfo();
  return {
    info,
    async capacity() {
      const [memory, disk] = await Promise.all([readMemory(), statfs(dataFolder)]);
      return {
        cpuMillis: availableParallelism() * 1_000,
        memoryBytes: memory.totalBytes,
        ephemeralStorageBytes: disk.blocks * disk.bsize,
      };
    },
    async pressure() {
      const [memory, disk, pids] = await Promise.all([readMemory(), statfs(dataFolder), readPidsAvailable()]);
      return {
        memoryAvailableBytes: memory.availableBytes,
        diskAvailableBytes: disk.bavail * disk.bsize,
        diskCapacityBytes: disk.blocks * disk.bsize,
        inodesFree: disk.ffree,
        inodesTotal: disk.files,
        pidsAvailable: pids,
      };
    },
    resolvConf: readResolvConf,
    hostsFile: () => readOr("/etc/hosts", ""),
  };
}

async function readInfo(): Promise<MachineInfo> {
  const [machineId, bootId, systemUuid, osRelease] = await Promise.all([
    readMachineId(),
    readOr("/proc/sys/kernel/random/boot_id", ""),
    readOr("/sys/class/dmi/id/product_uuid", ""),
    readOr("/etc/os-release", ""),
  ]);
  return {
    machineId,
    systemUuid: systemUuid.trim() === "" ? machineId : systemUuid.trim(),
    bootId: bootId.trim(),
    kernelVersion: release(),
    osImage: parseOsRelease(osRelease)["PRETTY_NAME"] ?? "Linux",
    operatingSystem: "linux",
    architecture: goArchitecture(process.arch),
  };
}

/** Values of os-release(5), without their quotes. */
export function parseOsRelease(text: string): Readonly<Record<string, string>> {
  const values: Record<string, string> = Object.create(null);
  for (const line of text.split("\n")) {
    const [, name, value = ""] = /^([A-Z0-9_]+)=(.*)$/.exec(line.trim()) ?? [];
    if (name !== undefined) values[name] = value.replace(/^(["'])(.*)\1$/, "$2").replace(/\\(.)/g, "$1");
  }
  return values;
}

/** Architectures as Go and the API name them. */
export function goArchitecture(nodeArchitecture: string): string {
  return { x64: "amd64", ia32: "386" }[nodeArchitecture] ?? nodeArchitecture;
}

async function readMachineId(): Promise<string> {
  for (const path of ["/etc/machine-id", "/var/lib/dbus/machine-id"]) {
    const id = (await readOr(path, "")).trim();
    if (/^[0-9a-f]{32}$/.test(id)) return id;
  }
  return "";
}

interface Memory {
  readonly totalBytes: number;
  readonly availableBytes: number;
}

async function readMemory(): Promise<Memory> {
  return parseMeminfo(await readFile("/proc/meminfo", "utf8"));
}

/** Memory is available when it is free or holds file cache that could be dropped at once. Source: the kubelet's working set. */
export function parseMeminfo(text: string): Memory {
  const bytesOf = (name: string): number => {
    const [, kibibytes = "0"] = new RegExp(`^${name.replace(/[()]/g, "\\$&")}:\\s+(\\d+) kB$`, "m").exec(text) ?? [];
    return Number(kibibytes) * 1024;
  };
  return { totalBytes: bytesOf("MemTotal"), availableBytes: bytesOf("MemFree") + bytesOf("Inactive(file)") };
}

async function readPidsAvailable(): Promise<number> {
  const [pidMax, threadsMax, load] = await Promise.all([
    readOr("/proc/sys/kernel/pid_max", "32768"),
    readOr("/proc/sys/kernel/threads-max", "32768"),
    readOr("/proc/loadavg", ""),
  ]);
  // The fourth field of loadavg is running/existing threads.
  const existing = Number(load.split(" ")[3]?.split("/")[1] ?? 0);
  return Math.min(Number(pidMax), Number(threadsMax)) - existing;
}

/** A resolver on this machine alone is of no use to pods: behind it stands a file with the real servers. */
async function readResolvConf(): Promise<string> {
  const usual = await readOr("/etc/resolv.conf", "");
  if (!/^nameserver\s+127\.0\.0\.53\s*$/m.test(usual)) return usual;
  return readOr("/run/systemd/resolve/resolv.conf", usual);
}

async function readOr(path: string, otherwise: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "EACCES") return otherwise;
    throw error;
  }
}
