import type { MountPoint } from "../mount-table.ts";

/** Where the kernel's control groups are. */
export type CgroupHierarchy =
  /** One tree for all controllers. */
  | { readonly version: 2; readonly folder: string }
  /** A tree for each controller; some may share one. Trees without controllers (`systemd`, `unified`) come along. */
  | { readonly version: 1; readonly folders: ReadonlyMap<string, string> };

const root = "/sys/fs/cgroup";

/**
 * Finds the control groups as runc does: version 2 where it is mounted at the root, else version 1, also when a
 * version 2 tree without controllers stands beside. Undefined when none are mounted.
 */
export function findCgroupHierarchy(mounts: readonly MountPoint[]): CgroupHierarchy | undefined {
  const atRoot = mounts.findLast((mount) => mount.path === root);
  if (atRoot?.type === "cgroup2") return { version: 2, folder: root };
  const folders = new Map<string, string>();
  for (const mount of mounts) {
    if (mount.type === "cgroup2") folders.set("unified", mount.path);
    if (mount.type !== "cgroup") continue;
    for (const option of mount.options) if (option === knownName(option)) folders.set(option, mount.path);
    const named = mount.options.find((option) => option.startsWith("name="));
    if (named !== undefined) folders.set(named.slice("name=".length), mount.path);
  }
  return folders.has("memory") || folders.has("cpu") ? { version: 1, folders } : undefined;
}

function knownName(option: string): string | undefined {
  return controllers.find((name) => name === option);
}

/** Controllers of version 1. Source: Linux, "Control Groups version 1". */
const controllers = [
  "blkio",
  "cpu",
  "cpuacct",
  "cpuset",
  "devices",
  "freezer",
  "hugetlb",
  "memory",
  "misc",
  "net_cls",
  "net_prio",
  "perf_event",
  "pids",
  "rdma",
];
