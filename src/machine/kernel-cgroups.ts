import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BackoffPolicy, retry } from "../base/backoff.ts";
import type { Clock } from "../base/clock.ts";
import type { CgroupLimits, Cgroups } from "../kubelet/cgroups.ts";
import type { CgroupHierarchy } from "./cgroups/hierarchy.ts";
import { type CgroupWrite, planLimitsV1, planLimitsV2 } from "./cgroups/plan-limits.ts";

export { type CgroupHierarchy, findCgroupHierarchy } from "./cgroups/hierarchy.ts";

/** A killed process leaves its cgroup a moment later: how removal waits for it. */
const removalPolicy: BackoffPolicy = { initialMs: 2, maxMs: 100 };
const maxRemovalAttempts = 40;

/** Controllers that pods are limited by, in version 2's words. */
const delegatedControllers = "+cpu +memory +pids";

/**
 * Control groups below a root of the node's own.
 * @param options.root for example `/k8ts-dev`
 */
export function createKernelCgroups(options: {
  readonly root: string;
  readonly hierarchy: CgroupHierarchy;
  readonly clock: Clock;
}): Cgroups {
  const { hierarchy } = options;
  const kernel = hierarchy.version === 2 ? createVersion2(hierarchy.folder) : createVersion1(hierarchy.folders);
  const absolute = (path: string): string => join(options.root, path);
  return {
    ensure: (path, limits) => kernel.ensure(absolute(path), limits),
    async remove(path) {
      for (const tree of kernel.trees) await removeTree(join(tree, absolute(path)), options.clock);
    },
    async children(path) {
      const folders = await Promise.all(kernel.trees.map((tree) => subfolders(join(tree, absolute(path)))));
      return [...new Set(folders.flat())].toSorted();
    },
    memoryUsageBytes: (path) => kernel.memoryUsageBytes(absolute(path)),
  };
}

/** What differs between the versions. Paths begin at the root of all control groups. */
interface KernelVersion {
  readonly trees: readonly string[];
  ensure(path: string, limits: CgroupLimits): Promise<void>;
  memoryUsageBytes(path: string): Promise<number | undefined>;
}

function createVersion1(folders: ReadonlyMap<string, string>): KernelVersion {
  const write = async (path: string, { controller, file, value }: CgroupWrite): Promise<void> => {
    const tree = folders.get(controller);
    if (tree !== undefined) await writeFile(join(tree, path, file), value);
  };
  return {
    trees: [...new Set(folders.values())],
    async ensure(path, limits) {
      for (const controller of ["cpu", "memory", "pids"] as const) {
        const tree = folders.get(controller);
        if (tree !== undefined) await mkdir(join(tree, path), { recursive: true });
      }
      for (const step of planLimitsV1(limits)) await write(path, step);
    },
    async memoryUsageBytes(path) {
      const folder = join(folders.get("memory") ?? "", path);
      const usage = await readNumber(join(folder, "memory.usage_in_bytes"));
      const stat = await readText(join(folder, "memory.stat"));
      return usage === undefined || stat === undefined ? undefined : workingSet(usage, stat, "total_inactive_file");
    },
  };
}

function createVersion2(folder: string): KernelVersion {
  /** Controllers have to be handed down step by step. */
  const makeFolder = async (path: string): Promise<void> => {
    let parent = folder;
    for (const name of path.split("/").filter((part) => part !== "")) {
      await writeFile(join(parent, "cgroup.subtree_control"), delegatedControllers);
      parent = join(parent, name);
      await mkdir(parent, { recursive: true });
    }
  };
  return {
    trees: [folder],
    async ensure(path, limits) {
      await makeFolder(path);
      for (const { file, value } of planLimitsV2(limits)) await writeFile(join(folder, path, file), value);
    },
    async memoryUsageBytes(path) {
      const usage = await readNumber(join(folder, path, "memory.current"));
      const stat = await readText(join(folder, path, "memory.stat"));
      return usage === undefined || stat === undefined ? undefined : workingSet(usage, stat, "inactive_file");
    },
  };
}

/** Memory in use less the file cache that could be dropped at once. Source: the kubelet's working set. */
export function workingSet(usageBytes: number, memoryStat: string, inactiveName: string): number {
  const line = memoryStat.split("\n").find((item) => item.startsWith(`${inactiveName} `));
  const inactive = Number(line?.slice(inactiveName.length + 1) ?? 0);
  return Math.max(0, usageBytes - inactive);
}

async function removeTree(folder: string, clock: Clock): Promise<void> {
  const children = await subfolders(folder);
  for (const child of children) await removeTree(join(folder, child), clock);
  const removeOnce = async (): Promise<void> => {
    await killAll(folder);
    await rmdir(folder);
  };
  try {
    await retry(
      removeOnce,
      { clock, policy: removalPolicy, maxAttempts: maxRemovalAttempts, isRetriable: isBusy },
      neverAborted,
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

const neverAborted = new AbortController().signal;

function isBusy(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "EBUSY";
}

async function killAll(folder: string): Promise<void> {
  const processes = (await readText(join(folder, "cgroup.procs"))) ?? "";
  for (const line of processes.split("\n")) {
    const pid = Number(line);
    // Zero stands for processes of another pid namespace, which cannot be named from here.
    if (pid === 0 || pid === process.pid) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

async function subfolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

async function readNumber(path: string): Promise<number | undefined> {
  const text = await readText(path);
  return text === undefined ? undefined : Number(text);
}

/** The content of a file; undefined when its cgroup is gone, also when it goes while being read. */
async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENODEV") return undefined;
    throw error;
  }
}
