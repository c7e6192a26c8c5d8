import type { CgroupLimits } from "../../kubelet/cgroups.ts";

/** One write into a cgroup's folder. */
export interface CgroupWrite {
  /** In version 1 the tree that the file is in. */
  readonly controller: "cpu" | "memory" | "pids";
  readonly file: string;
  readonly value: string;
}

/** The period that a CPU quota is a share of. Source: the kubelet's default. */
const quotaPeriodMicros = 100_000;

/** What to write for limits in version 1. No limit is written as such, so that an earlier one goes. */
export function planLimitsV1(limits: CgroupLimits): readonly CgroupWrite[] {
  return [
    ...when(limits.cpuShares, (shares) => ({
      controller: "cpu" as const,
      file: "cpu.shares",
      value: String(Math.max(2, shares)),
    })),
    { controller: "cpu", file: "cpu.cfs_period_us", value: String(quotaPeriodMicros) },
    { controller: "cpu", file: "cpu.cfs_quota_us", value: String(limits.cpuQuotaMicros ?? -1) },
    { controller: "memory", file: "memory.limit_in_bytes", value: String(limits.memoryLimitBytes ?? -1) },
    { controller: "pids", file: "pids.max", value: String(limits.pidsLimit ?? "max") },
  ];
}

/** What to write for limits in version 2. */
export function planLimitsV2(limits: CgroupLimits): readonly CgroupWrite[] {
  return [
    ...when(limits.cpuShares, (shares) => ({
      controller: "cpu" as const,
      file: "cpu.weight",
      value: String(weightOfShares(shares)),
    })),
    { controller: "cpu", file: "cpu.max", value: `${limits.cpuQuotaMicros ?? "max"} ${quotaPeriodMicros}` },
    { controller: "memory", file: "memory.max", value: String(limits.memoryLimitBytes ?? "max") },
    { controller: "pids", file: "pids.max", value: String(limits.pidsLimit ?? "max") },
  ];
}

/**
 * CPU shares (2 to 262,144, usually 1,024) as a weight (1 to 10,000, usually 100): a curve through both ends and the
 * usual values. Source: KEP-5304 and the runtimes that follow it.
 */
export function weightOfShares(shares: number): number {
  if (shares <= 2) return 1;
  if (shares >= 262_144) return 10_000;
  const log = Math.log2(shares);
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34));
}

function when<Value>(value: Value | undefined, render: (value: Value) => CgroupWrite): readonly CgroupWrite[] {
  return value === undefined ? [] : [render(value)];
}
