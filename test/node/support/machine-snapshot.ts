import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { readMounts } from "../../../src/machine/mount-table.ts";

const run = promisify(execFile);

/** What a node leaves traces in. Two snapshots are equal when nothing was left behind. */
export interface MachineSnapshot {
  readonly mounts: readonly string[];
  readonly networkNamespaces: readonly string[];
  readonly links: readonly string[];
  readonly nftTables: readonly string[];
  readonly cgroups: readonly string[];
  readonly processes: readonly string[];
}

/** Takes stock of the machine. */
export async function takeSnapshot(): Promise<MachineSnapshot> {
  return {
    mounts: (await readMounts()).map((mount) => `${mount.type} ${mount.path}`).toSorted(),
    networkNamespaces: await readdir("/run/netns").catch(() => []),
    links: await lines("ip", ["-oneline", "link"], (line) => line.split(": ")[1] ?? ""),
    nftTables: await lines("nft", ["list", "tables"], (line) => line),
    cgroups: await listCgroups("/sys/fs/cgroup", 4),
    processes: await nodeProcesses(),
  };
}

/** @throws when the machine is not as it was */
export async function assertUnchanged(before: MachineSnapshot): Promise<void> {
  assert.deepStrictEqual(await takeSnapshot(), before);
}

async function lines(program: string, parameters: string[], pick: (line: string) => string): Promise<string[]> {
  const { stdout } = await run(program, parameters);
  return stdout.trim().split("\n").map(pick).toSorted();
}

async function listCgroups(folder: string, depth: number): Promise<string[]> {
  if (depth === 0) return [];
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const below = entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
  const deeper = await Promise.all(below.map((path) => listCgroups(path, depth - 1)));
  return [...below, ...deeper.flat()].filter((path) => path.includes("k8ts")).toSorted();
}

/** Programs that belong to nodes; other processes of the machine come and go. */
async function nodeProcesses(): Promise<string[]> {
  const numbers = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(numbers.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return commands
    .map((command) => command.replaceAll("\0", " ").trim())
    .filter((command) => /containerd|runc|\/pause|catatonit/.test(command))
    .toSorted();
}
