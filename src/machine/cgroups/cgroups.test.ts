import { describe, expect, it } from "vitest";
import { workingSet } from "../kernel-cgroups.ts";
import { parseMountInfo } from "../mount-table.ts";
import { findCgroupHierarchy } from "./hierarchy.ts";
import { planLimitsV1, planLimitsV2, weightOfShares } from "./plan-limits.ts";

const mount = (path: string, type: string, options = "rw"): string =>
  `30 20 0:1 / ${path} rw - ${type} ${type} ${options}\n`;

describe("control groups", () => {
  it("are of version 2 where that is mounted at the root", () => {
    const mounts = parseMountInfo(mount("/sys/fs/cgroup", "cgroup2"));
    expect(findCgroupHierarchy(mounts)).toEqual({ version: 2, folder: "/sys/fs/cgroup" });
  });

  it("are of version 1 where controllers have trees, also with version 2 beside", () => {
    const mounts = parseMountInfo(
      mount("/sys/fs/cgroup", "tmpfs") +
        mount("/sys/fs/cgroup/cpu,cpuacct", "cgroup", "rw,cpu,cpuacct") +
        mount("/sys/fs/cgroup/memory", "cgroup", "rw,memory") +
        mount("/sys/fs/cgroup/systemd", "cgroup", "rw,xattr,name=systemd") +
        mount("/sys/fs/cgroup/unified", "cgroup2"),
    );
    expect(findCgroupHierarchy(mounts)).toEqual({
      version: 1,
      folders: new Map([
        ["cpu", "/sys/fs/cgroup/cpu,cpuacct"],
        ["cpuacct", "/sys/fs/cgroup/cpu,cpuacct"],
        ["memory", "/sys/fs/cgroup/memory"],
        ["systemd", "/sys/fs/cgroup/systemd"],
        ["unified", "/sys/fs/cgroup/unified"],
      ]),
    });
  });

  it("may be missing", () => {
    expect(findCgroupHierarchy(parseMountInfo(mount("/", "ext4")))).toBeUndefined();
  });
});

describe("limits", () => {
  it("are written for version 1, and what is unlimited is said", () => {
    expect(planLimitsV1({ cpuShares: 1, cpuQuotaMicros: 50_000 }).map(({ file, value }) => `${file} ${value}`)).toEqual(
      [
        "cpu.shares 2",
        "cpu.cfs_period_us 100000",
        "cpu.cfs_quota_us 50000",
        "memory.limit_in_bytes -1",
        "pids.max max",
      ],
    );
  });

  it("are written for version 2", () => {
    const limits = { cpuShares: 1024, memoryLimitBytes: 4096, pidsLimit: 10 };
    expect(planLimitsV2(limits).map(({ file, value }) => `${file} ${value}`)).toEqual([
      "cpu.weight 100",
      "cpu.max max 100000",
      "memory.max 4096",
      "pids.max 10",
    ]);
  });

  // Source: what runc 1.3.2 and the kubelet of v1.36 compute.
  it.each([
    [2, 1],
    [10, 4],
    [102, 17],
    [1_024, 100],
    [2_048, 174],
    [262_144, 10_000],
  ])("turn %d shares into a weight of %d", (shares, weight) => {
    expect(weightOfShares(shares)).toBe(weight);
  });
});

describe("the working set", () => {
  it("leaves out file cache that could be dropped at once", () => {
    expect(workingSet(1_000, "cache 5\ninactive_file 1\ntotal_inactive_file 300\n", "total_inactive_file")).toBe(700);
    expect(workingSet(100, "inactive_file 300\n", "inactive_file")).toBe(0);
  });
});
