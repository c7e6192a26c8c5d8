import type { ResourceList } from "../../resources/resource-list.ts";
import type { CgroupLimits } from "../cgroups.ts";
import { bytesOf, milliOf } from "../containers/amounts.ts";
import { cpuSharesOf } from "../containers/cpu-shares.ts";
import type { MachineCapacity } from "../node-facts.ts";

/** What all pods of a node may use together: all that the machine has but what is kept back for the system. */
export function nodeCgroupLimits(
  { cpuMillis, memoryBytes }: Pick<MachineCapacity, "cpuMillis" | "memoryBytes">,
  reserved: ResourceList = {},
): CgroupLimits {
  const memoryLimitBytes = memoryBytes - bytesOf(reserved["memory"]);
  return {
    cpuShares: cpuSharesOf(cpuMillis - milliOf(reserved["cpu"])),
    // A bound of nothing at all would kill what runs.
    ...(memoryLimitBytes > 0 ? { memoryLimitBytes } : {}),
  };
}
