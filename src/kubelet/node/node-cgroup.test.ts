import { describe, expect, it } from "vitest";
import { nodeCgroupLimits } from "./node-cgroup.ts";

describe("nodeCgroupLimits", () => {
  const capacity = { cpuMillis: 4000, memoryBytes: 4096 };
  it.each([
    { name: "nothing is kept back", reserved: undefined, limits: { cpuShares: 4096, memoryLimitBytes: 4096 } },
    { name: "some is", reserved: { cpu: "500m", memory: "1Ki" }, limits: { cpuShares: 3584, memoryLimitBytes: 3072 } },
    {
      name: "more than there is",
      reserved: { cpu: "8", memory: "8Ki" },
      limits: { cpuShares: 2 },
    },
  ])("$name", ({ reserved, limits }) => {
    expect(nodeCgroupLimits(capacity, reserved)).toEqual(limits);
  });
});
