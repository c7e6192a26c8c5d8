import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { findCgroupHierarchy } from "./cgroups/hierarchy.ts";
import { readMounts } from "./mount-table.ts";

const run = promisify(execFile);

/** What this machine lets a node do. */
export interface MachineCapabilities {
  readonly isRoot: boolean;
  /** Without it containers must not ask for a lower OOM score than the agent has itself. */
  readonly hasSysResource: boolean;
  readonly hasOverlay: boolean;
  readonly hasBridge: boolean;
  readonly hasNftables: boolean;
  readonly cgroupVersion: 1 | 2 | undefined;
  readonly freeDiskBytes: number;
  /** Of the ports that were asked about. */
  readonly takenPorts: readonly number[];
}

/** Something that a node cannot do without, or can only do worse. Each is one sentence for the user. */
export interface MachineFinding {
  readonly severity: "error" | "warning";
  readonly message: string;
}

/** Space that a cluster needs before it starts: images, the store and some logs. */
const leastDiskBytes = 1024 * 1024 * 1024;

/** Looks at the machine. Makes a mount and a link in a namespace of its own, and takes them away. */
export async function readCapabilities(options: {
  /** Is made when it does not exist. */
  readonly dataFolder: string;
  /** TCP ports that are going to be listened on, on any address. */
  readonly ports: readonly number[];
}): Promise<MachineCapabilities> {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await mkdir(options.dataFolder, { recursive: true });
  const [status, mounts, disk, hasOverlay, hasBridge, hasNftables, taken] = await Promise.all([
    readFile("/proc/self/status", "utf8"),
    readMounts(),
    statfs(isRoot ? options.dataFolder : "/"),
    isRoot && canOverlay(options.dataFolder),
    isRoot && canDo("unshare", ["--net", "ip", "link", "add", "k8ts-check", "type", "bridge"]),
    isRoot && canDo("unshare", ["--net", "nft", "add", "table", "inet", "k8ts-check"]),
    Promise.all(options.ports.map(async (port) => ((await isFree(port)) ? [] : [port]))),
  ]);
  return {
    isRoot,
    hasSysResource: hasCapability(status, capSysResource),
    hasOverlay,
    hasBridge,
    hasNftables,
    cgroupVersion: findCgroupHierarchy(mounts)?.version,
    freeDiskBytes: disk.bavail * disk.bsize,
    takenPorts: taken.flat(),
  };
}

/** Says what is wrong with a machine, the worst first. */
export function judgeMachine(machine: MachineCapabilities): readonly MachineFinding[] {
  if (!machine.isRoot)
    return [{ severity: "error", message: "a node needs root: run this as root, for example with sudo" }];
  const errors = [
    ...machine.takenPorts.map((port) => `port ${port} is taken by another program: choose another one`),
    ...(machine.freeDiskBytes < leastDiskBytes
      ? [`the disk has ${mebibytes(machine.freeDiskBytes)} MiB left, ${mebibytes(leastDiskBytes)} MiB are needed`]
      : []),
    ...(machine.cgroupVersion === undefined
      ? ["no control groups are mounted at /sys/fs/cgroup: containers cannot be limited without them"]
      : []),
    ...(machine.hasBridge ? [] : ["the kernel cannot make bridges, which the network of pods is built of"]),
    ...(machine.hasNftables ? [] : ["the kernel or the command nft is missing nftables, which Services are made with"]),
  ];
  const warnings = machine.hasOverlay
    ? []
    : ["overlayfs cannot be mounted in the data folder: images are copied for each container, which is slow"];
  return [
    ...errors.map((message) => ({ severity: "error" as const, message })),
    ...warnings.map((message) => ({ severity: "warning" as const, message })),
  ];
}

/** Number of CAP_SYS_RESOURCE. Source: capabilities(7). */
const capSysResource = 24n;

/** Whether a process has a capability in effect, by its `/proc/<pid>/status`. */
export function hasCapability(status: string, capability: bigint): boolean {
  const [, mask = "0"] = /^CapEff:\s*([0-9a-f]+)$/m.exec(status) ?? [];
  return ((BigInt(`0x${mask}`) >> capability) & 1n) === 1n;
}

/** Whether overlayfs works on the file system of a folder, as images need it. */
export async function canOverlay(folder: string): Promise<boolean> {
  const place = await mkdtemp(join(folder, "overlay-check-"));
  try {
    const [lower, upper, work, merged] = ["lower", "upper", "work", "merged"].map((name) => join(place, name));
    for (const path of [lower, upper, work, merged]) await mkdir(path ?? "");
    const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
    return await canDo("unshare", ["--mount", "mount", "-t", "overlay", "overlay", "-o", options, merged ?? ""]);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

async function canDo(program: string, parameters: readonly string[]): Promise<boolean> {
  return run(program, parameters).then(
    () => true,
    () => false,
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}

function mebibytes(bytes: number): number {
  return Math.floor(bytes / (1024 * 1024));
}
