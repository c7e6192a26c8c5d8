import { describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import type { Container, Pod } from "../../api/types/core-v1.ts";
import { buildPod } from "../../testing/build-pod.ts";
import {
  burstableCpuShares,
  containerResources,
  oomScoreAdj,
  podCgroupLimits,
  podCgroupPath,
} from "./container-resources.ts";

type Resources = Input<Container["resources"]>;
const mebibyte = 1024 ** 2;
const nodeBytes = 8 * 1024 * mebibyte;

/** A pod with a container for each of these, called `c0`, `c1` and so on. */
const podWith = (resources: readonly Resources[], spec: Partial<Input<Pod["spec"]>> = {}) =>
  buildPod({
    spec: {
      containers: resources.map((entry, index) => ({ name: `c${index}`, image: "web:1", resources: entry })),
      ...spec,
    },
  });
const both = (cpu: string, memory: string): Resources => ({ requests: { cpu, memory }, limits: { cpu, memory } });

describe("containerResources", () => {
  it.each([
    { name: "nothing asked for", resources: {}, shares: 2, quota: 0, memory: 0 },
    { name: "a request", resources: { requests: { cpu: "250m" } }, shares: 256, quota: 0, memory: 0 },
    {
      name: "a limit alone counts as a request",
      resources: { limits: { cpu: "1500m" } },
      shares: 1536,
      quota: 150_000,
      memory: 0,
    },
    {
      name: "a request of nothing stays so",
      resources: { requests: { cpu: "0" }, limits: { cpu: "1" } },
      shares: 2,
      quota: 100_000,
      memory: 0,
    },
    {
      name: "less than the kernel can measure",
      resources: { limits: { cpu: "1m" } },
      shares: 2,
      quota: 1_000,
      memory: 0,
    },
    { name: "memory", resources: { limits: { memory: "64Mi" } }, shares: 2, quota: 0, memory: 64 * mebibyte },
  ])("$name", ({ resources, shares, quota, memory }) => {
    const pod = podWith([resources]);
    expect(containerResources(pod, pod.spec.containers[0] as Container, nodeBytes)).toMatchObject({
      cpuShares: shares,
      cpuQuotaMicros: quota,
      cpuPeriodMicros: 100_000,
      memoryLimitBytes: memory,
    });
  });

  it("takes the pod's limits where the container has none", () => {
    const pod = podWith([{}], { resources: { limits: { cpu: "2", memory: "1Gi" } } });
    expect(containerResources(pod, pod.spec.containers[0] as Container, nodeBytes)).toMatchObject({
      cpuQuotaMicros: 200_000,
      memoryLimitBytes: 1024 * mebibyte,
    });
  });
});

describe("oomScoreAdj", () => {
  it.each([
    { name: "guaranteed", pod: podWith([both("1", "1Gi")]), score: -997 },
    { name: "best effort", pod: podWith([{}]), score: 1000 },
    { name: "burstable with an eighth of the node", pod: podWith([{ requests: { memory: "1Gi" } }]), score: 875 },
    { name: "burstable with next to nothing", pod: podWith([{ requests: { memory: "1" } }]), score: 999 },
    { name: "burstable with the whole node", pod: podWith([{ requests: { memory: "8Gi" } }]), score: 3 },
    {
      name: "critical for the node",
      pod: podWith([{}], { priorityClassName: "system-node-critical", priority: 2_000_001_000 }),
      score: -997,
    },
  ])("$name", ({ pod, score }) => {
    expect(oomScoreAdj(pod, pod.spec.containers[0] as Container, nodeBytes)).toBe(score);
  });

  it("keeps a sidecar alive as long as the containers that it serves", () => {
    const sidecar = { name: "proxy", image: "p:1", restartPolicy: "Always" as const };
    const pod = podWith([{ requests: { memory: "2Gi" } }, { requests: { memory: "4Gi" } }], {
      initContainers: [sidecar],
    });
    expect(oomScoreAdj(pod, pod.spec.initContainers?.[0] as Container, nodeBytes)).toBe(750);
  });
});

describe("the cgroup of a pod", () => {
  it.each([
    {
      name: "guaranteed",
      pod: podWith([both("500m", "64Mi"), both("500m", "64Mi")]),
      path: "/kubepods/poduid-1",
      limits: { cpuShares: 1024, cpuQuotaMicros: 100_000, memoryLimitBytes: 128 * mebibyte },
    },
    {
      name: "burstable, every container with a memory limit",
      pod: podWith([{ limits: { memory: "1Gi" }, requests: { cpu: "1" } }, { limits: { memory: "1Gi", cpu: "1" } }]),
      path: "/kubepods/burstable/poduid-1",
      limits: { cpuShares: 2048, memoryLimitBytes: 2048 * mebibyte },
    },
    {
      name: "burstable, one container without a limit",
      pod: podWith([{ limits: { memory: "1Gi" } }, { requests: { cpu: "100m" } }]),
      path: "/kubepods/burstable/poduid-1",
      limits: { cpuShares: 102 },
    },
    { name: "best effort", pod: podWith([{}]), path: "/kubepods/besteffort/poduid-1", limits: { cpuShares: 2 } },
  ])("$name", ({ pod, path, limits }) => {
    expect(podCgroupPath(pod)).toBe(path);
    expect(podCgroupLimits(pod)).toEqual(limits);
  });

  it("of all burstable pods together weighs as much as they ask for", () => {
    const burstable = podWith([{ requests: { cpu: "500m" } }]);
    expect(burstableCpuShares([burstable, burstable, podWith([both("4", "1Gi")]), podWith([{}])])).toBe(1024);
    expect(burstableCpuShares([])).toBe(2);
  });
});
