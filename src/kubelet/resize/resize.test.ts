import { describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import type { Container, Pod } from "../../api/types/core-v1.ts";
import { buildPod } from "../../testing/build-pod.ts";
import { resourcesInForce } from "../status/resources-in-force.ts";
import { type EffectiveResources, effectiveResources, planContainerResize } from "./effective-resources.ts";
import { grantFromStatus, grantOf, withGrant } from "./grants.ts";
import { comparePending } from "./pending-order.ts";
import { resizeMessage } from "./resize-words.ts";

type Resources = Input<Container["resources"]>;
const small: Resources = { requests: { cpu: "500m", memory: "64Mi" }, limits: { memory: "128Mi" } };
const large: Resources = { requests: { cpu: "1", memory: "64Mi" }, limits: { memory: "128Mi" } };
const podWith = (resources: Resources, spec: Partial<Input<Pod["spec"]>> = {}, status: Input<Pod["status"]> = {}) =>
  buildPod({ spec: { containers: [{ name: "web", image: "web:1", resources }], ...spec }, status });

describe("effectiveResources", () => {
  it("are the container's own, and the pod's limits where it has none", () => {
    const own = { requests: { cpu: "1", memory: "1Ki" }, limits: { cpu: "2" } };
    expect(effectiveResources({ resources: { limits: { cpu: "4", memory: "2Ki" } } }, own)).toEqual({
      cpuRequestMillis: 1000,
      cpuLimitMillis: 2000,
      memoryRequestBytes: 1024,
      memoryLimitBytes: 2048,
    });
  });
});

describe("planContainerResize", () => {
  const current: EffectiveResources = {
    cpuRequestMillis: 100,
    cpuLimitMillis: 0,
    memoryRequestBytes: 10,
    memoryLimitBytes: 20,
  };
  const policy = (resourceName: string): Pick<Container, "resizePolicy"> => ({
    resizePolicy: [{ resourceName, restartPolicy: "RestartContainer" }],
  });
  it.each([
    { name: "nothing changes", container: policy("cpu"), change: {}, action: "none" },
    { name: "without a policy", container: {}, change: { cpuRequestMillis: 200 }, action: "update" },
    {
      name: "the policy is for the other",
      container: policy("memory"),
      change: { cpuLimitMillis: 200 },
      action: "update",
    },
    { name: "cpu with a restart", container: policy("cpu"), change: { cpuLimitMillis: 200 }, action: "restart" },
    {
      name: "memory with a restart",
      container: policy("memory"),
      change: { memoryRequestBytes: 5 },
      action: "restart",
    },
    {
      name: "one of both with a restart",
      container: policy("memory"),
      change: { cpuRequestMillis: 1, memoryLimitBytes: 5 },
      action: "restart",
    },
  ])("$name: $action", ({ container, change, action }) => {
    expect(planContainerResize(container, current, { ...current, ...change })).toBe(action);
  });
});

describe("grants", () => {
  it("stand in for what a pod asks for", () => {
    const [before, after] = [podWith(small), podWith(large)];
    expect(withGrant(after, grantOf(before)).spec).toEqual(before.spec);
    expect(withGrant(after, grantOf(after))).toBe(after);
  });

  it("are the same however amounts are written", () => {
    const pod = podWith({ limits: { memory: "1Gi" } });
    expect(withGrant(pod, grantOf(podWith({ limits: { memory: "1024Mi" } })))).toBe(pod);
  });

  it("of the pod as a whole count too", () => {
    const [before, after] = [
      podWith({}, { resources: { limits: { cpu: "1" } } }),
      podWith({}, { resources: { limits: { cpu: "2" } } }),
    ];
    expect(withGrant(after, grantOf(before)).spec.resources).toEqual(before.spec.resources);
  });

  it("are read from status, where an agent has noted them", () => {
    const status = {
      containerStatuses: [
        { name: "web", containerID: "containerd://1", allocatedResources: small?.requests, resources: small },
      ],
    } as Input<Pod["status"]>;
    const pod = podWith(large, {}, status);
    expect(withGrant(pod, grantFromStatus(pod)).spec.containers[0]?.resources).toEqual(small);
    const fresh = podWith(large);
    expect(withGrant(fresh, grantFromStatus(fresh))).toBe(fresh);
    const asked = { requests: { cpu: "2" }, limits: { cpu: "4", memory: "1Gi" } };
    const whole = podWith({}, { resources: asked }, {
      allocatedResources: { cpu: "1", memory: "5" },
      resources: { limits: { cpu: "3" } },
    } as Input<Pod["status"]>);
    expect(withGrant(whole, grantFromStatus(whole)).spec.resources).toEqual({
      requests: { cpu: "1", memory: "5" },
      limits: { cpu: "3", memory: "1Gi" },
    });
  });
});

describe("comparePending", () => {
  const resize = (name: string, wanted: Resources, spec: Partial<Input<Pod["spec"]>> = {}, sinceMs = 0) => ({
    name,
    wanted: podWith(wanted, spec),
    granted: podWith(small, spec),
    sinceMs,
  });
  const guaranteed: Resources = { requests: { cpu: "2", memory: "1Gi" }, limits: { cpu: "2", memory: "1Gi" } };
  it("puts those first that ask for no more, then the more important, the guaranteed and the longest waiting", () => {
    const resizes = [
      resize("late", large, {}, 20),
      resize("early", large, {}, 10),
      resize("guaranteed", guaranteed, {}, 30),
      resize("important", large, { priority: 5 }, 40),
      resize("less", { requests: { cpu: "100m" } }, {}, 50),
    ];
    expect(resizes.sort(comparePending).map(({ name }) => name)).toEqual([
      "less",
      "important",
      "guaranteed",
      "early",
      "late",
    ]);
  });
});

describe("resizeMessage", () => {
  it("lists resources in the order of upstream's", () => {
    const pod = podWith(
      { requests: { memory: "64Mi", cpu: "1" }, limits: { memory: "128Mi" } },
      { initContainers: [{ name: "init", image: "i:1" }] },
    );
    expect(resizeMessage("Pod resize error", pod, 3, "busy")).toBe(
      'Pod resize error: {"initContainers":[{"name":"init","resources":{}}],"containers":[{"name":"web","resources":{"limits":{"memory":"128Mi"},"requests":{"cpu":"1","memory":"64Mi"}}}],"generation":3,"error":"busy"}',
    );
  });
});

describe("resourcesInForce", () => {
  const inForce = {
    cpuShares: 1024,
    cpuQuotaMicros: 200_000,
    cpuPeriodMicros: 100_000,
    memoryLimitBytes: 1024,
    oomScoreAdj: 0,
  };
  it.each([
    { name: "nothing is known", granted: large, inForce: undefined, shown: large },
    {
      name: "something else is in force",
      granted: { requests: { cpu: "500m", memory: "1" }, limits: { cpu: "1", memory: "2Ki" } },
      inForce,
      shown: { requests: { cpu: "1", memory: "1" }, limits: { cpu: "2", memory: "1Ki" } },
    },
    {
      name: "the same, as it was written",
      granted: { requests: { cpu: "1" }, limits: { cpu: "2", memory: "1024" } },
      inForce,
      shown: { requests: { cpu: "1" }, limits: { cpu: "2", memory: "1024" } },
    },
    {
      name: "too little to be told apart",
      granted: { requests: { cpu: "1m" }, limits: { cpu: "5m" } },
      inForce: { ...inForce, cpuShares: 2, cpuQuotaMicros: 1_000, memoryLimitBytes: 0 },
      shown: { requests: { cpu: "1m" }, limits: { cpu: "5m" } },
    },
    { name: "neither asked for nor limited", granted: {}, inForce, shown: {} },
  ])("$name", ({ granted, inForce: reported, shown }) => {
    expect(resourcesInForce(granted as Container["resources"], reported)).toEqual(shown);
  });
});
