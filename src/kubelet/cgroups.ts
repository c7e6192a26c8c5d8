/** What the node agent needs of the kernel's control groups. Paths begin at the agent's own cgroup root. */
export interface Cgroups {
  /** Makes a cgroup, or changes its limits; parents are made too. */
  ensure(path: string, limits: CgroupLimits): Promise<void>;
  /** Kills what is left in it and removes it with everything below. Does nothing when it is gone. */
  remove(path: string): Promise<void>;
  /** Names of the cgroups directly below `path`; empty when it does not exist. */
  children(path: string): Promise<readonly string[]>;
  /** Memory in use that cannot simply be dropped (the working set); undefined when the cgroup does not exist. */
  memoryUsageBytes(path: string): Promise<number | undefined>;
}

export interface CgroupLimits {
  readonly cpuShares?: number;
  /** CPU time per 100 ms; left out for no limit. */
  readonly cpuQuotaMicros?: number;
  readonly memoryLimitBytes?: number;
  readonly pidsLimit?: number;
}
