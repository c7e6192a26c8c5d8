import { describe, expect, it } from "vitest";
import { buildPod } from "../../testing/build-pod.ts";
import { admitUnderPressure, planEviction } from "./plan-eviction.ts";
import { defaultThresholds, findShortages, type Shortage } from "./thresholds.ts";

const mebibyte = 1024 ** 2;
const memory: Shortage = { signal: "memory.available", resource: "memory", available: "90Mi", threshold: "100Mi" };

const ranked = (name: string, usedMebibytes: number | undefined, request = "100Mi", priority = 0) => ({
  pod: buildPod({
    metadata: { name },
    spec: { priority, containers: [{ name: "web", image: "web:1", resources: { requests: { memory: request } } }] },
  }),
  memoryBytes: usedMebibytes === undefined ? undefined : usedMebibytes * mebibyte,
});

describe("planEviction", () => {
  it.each([
    {
      name: "beyond its request before a larger one within",
      pods: [ranked("within", 500, "1Gi"), ranked("beyond", 150)],
      first: "beyond",
    },
    {
      name: "less important before one that uses more",
      pods: [ranked("more", 900, "1Mi", 10), ranked("less", 150, "1Mi", 1)],
      first: "less",
    },
    { name: "among equals the larger", pods: [ranked("small", 150), ranked("large", 300)], first: "large" },
    {
      name: "one that cannot be measured counts as beyond",
      pods: [ranked("within", 50), ranked("unknown", undefined)],
      first: "unknown",
    },
    {
      name: "critical ones are spared",
      pods: [ranked("critical", 900, "1Mi", 2_000_000_000), ranked("plain", 1)],
      first: "plain",
    },
    { name: "nobody is left", pods: [ranked("critical", 900, "1Mi", 2_000_000_000)], first: undefined },
  ])("$name", ({ pods, first }) => {
    expect(planEviction(memory, pods)?.pod.metadata.name).toBe(first);
  });
});

describe("findShortages", () => {
  const plenty = {
    memoryAvailableBytes: 1024 * mebibyte,
    diskAvailableBytes: 50,
    diskCapacityBytes: 100,
    inodesFree: 50,
    inodesTotal: 100,
    pidsAvailable: 1000,
  };
  it.each([
    { name: "plenty of everything", left: {}, shortages: [] },
    {
      name: "just enough",
      left: { memoryAvailableBytes: 100 * mebibyte, diskAvailableBytes: 10, inodesFree: 5 },
      shortages: [],
    },
    { name: "memory", left: { memoryAvailableBytes: 90 * mebibyte }, shortages: [memory] },
    {
      name: "disk and inodes",
      left: { diskAvailableBytes: 9, inodesFree: 4 },
      shortages: [
        { signal: "nodefs.available", resource: "ephemeral-storage", available: "9", threshold: "10" },
        { signal: "nodefs.inodesFree", resource: "inodes", available: "4", threshold: "5" },
      ],
    },
  ])("$name", ({ left, shortages }) => {
    expect(findShortages({ ...plenty, ...left }, defaultThresholds)).toEqual(shortages);
  });
});

describe("admitUnderPressure", () => {
  const pressed = { memory: true, disk: false, pid: false };
  const bestEffort = buildPod();
  const tolerant = buildPod({
    spec: {
      containers: [{ name: "web", image: "web:1" }],
      tolerations: [{ key: "node.kubernetes.io/memory-pressure", operator: "Exists", effect: "NoSchedule" }],
    },
  });
  const burstable = ranked("web", 1).pod;
  const critical = ranked("web", 1, "1Mi", 2_000_000_000).pod;
  const refusal = (conditions: string) => ({
    reason: "Evicted",
    message: `The node had condition: [${conditions}]. `,
  });
  it.each([
    { name: "nothing is short", pod: bestEffort, pressure: { ...pressed, memory: false }, result: undefined },
    { name: "memory, for the least kind", pod: bestEffort, pressure: pressed, result: refusal("MemoryPressure") },
    { name: "memory, for one that tolerates it", pod: tolerant, pressure: pressed, result: undefined },
    { name: "memory, for one that has asked for some", pod: burstable, pressure: pressed, result: undefined },
    {
      name: "disk",
      pod: burstable,
      pressure: { ...pressed, disk: true },
      result: refusal("MemoryPressure DiskPressure"),
    },
    { name: "disk, for a critical one", pod: critical, pressure: { ...pressed, disk: true }, result: undefined },
  ])("$name", ({ pod, pressure, result }) => {
    expect(admitUnderPressure(pod, pressure)).toEqual(result);
  });
});
