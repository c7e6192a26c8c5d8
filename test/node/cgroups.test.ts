import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRealClock } from "../../src/base/real-clock.ts";
import type { Cgroups } from "../../src/kubelet/cgroups.ts";
import { type CgroupHierarchy, findCgroupHierarchy } from "../../src/machine/cgroups/hierarchy.ts";
import { createKernelCgroups } from "../../src/machine/kernel-cgroups.ts";
import { readMounts } from "../../src/machine/mount-table.ts";
import { assertUnchanged, type MachineSnapshot, takeSnapshot } from "./support/machine-snapshot.ts";

const root = `/k8ts-test-cgroups-${process.pid}`;
let before: MachineSnapshot;
let hierarchy: CgroupHierarchy;
let cgroups: Cgroups;

beforeAll(async () => {
  before = await takeSnapshot();
  const found = findCgroupHierarchy(await readMounts());
  if (found === undefined) throw new Error("no control groups are mounted");
  hierarchy = found;
  cgroups = createKernelCgroups({ root, hierarchy, clock: createRealClock() });
});
afterAll(async () => {
  await cgroups.remove("/");
  await assertUnchanged(before);
});

const folderOf = (controller: string, path: string): string =>
  join(hierarchy.version === 2 ? hierarchy.folder : (hierarchy.folders.get(controller) ?? ""), root, path);
const valueOf = async (controller: string, path: string, file: string): Promise<string> =>
  (await readFile(join(folderOf(controller, path), file), "utf8")).trim();

/** The limit on memory and processes, whatever the version calls it. */
const limitsOf = async (path: string): Promise<readonly string[]> => [
  await valueOf("memory", path, hierarchy.version === 2 ? "memory.max" : "memory.limit_in_bytes"),
  await valueOf("pids", path, "pids.max"),
];

describe("control groups", () => {
  it("are made with their parents and limits, and limits can change", async () => {
    await cgroups.ensure("/kubepods/burstable/pod1", { cpuShares: 512, memoryLimitBytes: 64 << 20, pidsLimit: 50 });
    const first = await limitsOf("/kubepods/burstable/pod1");
    await cgroups.ensure("/kubepods/burstable/pod1", { memoryLimitBytes: 128 << 20 });
    expect([first, await limitsOf("/kubepods/burstable/pod1"), await cgroups.children("/kubepods/burstable")]).toEqual([
      [String(64 << 20), "50"],
      [String(128 << 20), "max"],
      ["pod1"],
    ]);
  });

  it("tell what memory is in use", async () => {
    expect(await cgroups.memoryUsageBytes("/kubepods/burstable/pod1")).toBe(0);
    expect(await cgroups.memoryUsageBytes("/kubepods/none")).toBeUndefined();
  });

  it("are removed with everything below, and with what still runs in them", async () => {
    await cgroups.ensure("/kubepods/pod2/inner", {});
    const child = spawn("sleep", ["1000"]);
    const ended = once(child, "exit");
    await writeFile(join(folderOf("memory", "/kubepods/pod2/inner"), "cgroup.procs"), String(child.pid));
    await cgroups.remove("/kubepods/pod2");
    await cgroups.remove("/kubepods/pod2");
    expect([(await ended)[1], await cgroups.children("/kubepods")]).toEqual(["SIGKILL", ["burstable"]]);
  });
});
