import { describe, expect, it } from "vitest";
import type { Container, ContainerStatus, PodSpec } from "../api/types/core-v1.ts";
import { computeQosClass, podLimits, podRequests } from "./pod-resources.ts";

const container = (name: string, requests: Record<string, string>, limits: Record<string, string> = {}): Container => ({
  name,
  resources: { requests, limits },
});
const sidecar = (name: string, requests: Record<string, string>): Container => ({
  ...container(name, requests),
  restartPolicy: "Always",
});

describe("requests of a pod", () => {
  it.each<[string, PodSpec, Record<string, string>]>([
    [
      "containers add up",
      { containers: [container("a", { cpu: "100m" }), container("b", { cpu: "1", memory: "1Gi" })] },
      { cpu: "1100m", memory: "1Gi" },
    ],
    [
      "the largest init container counts when it is more",
      {
        initContainers: [container("i", { cpu: "2" }), container("j", { cpu: "1" })],
        containers: [container("a", { cpu: "500m" })],
      },
      { cpu: "2" },
    ],
    [
      "sidecars add to what runs beside and after them",
      {
        initContainers: [sidecar("s", { cpu: "1" }), container("i", { cpu: "3" })],
        containers: [container("a", { cpu: "2" })],
      },
      { cpu: "4" },
    ],
    [
      "overhead is added",
      { containers: [container("a", { cpu: "1" })], overhead: { cpu: "250m", memory: "10Mi" } },
      { cpu: "1250m", memory: "10Mi" },
    ],
    [
      "the pod's own rule",
      { containers: [container("a", { cpu: "1", "example.com/x": "2" })], resources: { requests: { cpu: "3" } } },
      { cpu: "3", "example.com/x": "2" },
    ],
  ])("%s", (_name, spec, expected) => {
    expect({ ...podRequests({ spec }) }).toEqual(expected);
  });

  it("hold what is granted and what runs while a resize is under way", () => {
    const status: ContainerStatus = {
      name: "a",
      state: {},
      lastState: {},
      ready: true,
      restartCount: 0,
      image: "",
      imageID: "",
      resources: { requests: { cpu: "3" } },
      allocatedResources: { cpu: "2" },
    };
    const spec: PodSpec = { containers: [container("a", { cpu: "1" })] };
    const infeasible = {
      type: "PodResizePending",
      status: "True",
      reason: "Infeasible",
      lastProbeTime: null,
      lastTransitionTime: null,
    };
    expect([
      podRequests({ spec, status: { containerStatuses: [status] } }, { useStatus: true })["cpu"],
      podRequests(
        { spec: { containers: [container("a", { cpu: "9" })] }, status: { containerStatuses: [status] } },
        { useStatus: true },
      )["cpu"],
      podRequests(
        {
          spec: { containers: [container("a", { cpu: "9" })] },
          status: { containerStatuses: [status], conditions: [infeasible] },
        },
        { useStatus: true },
      )["cpu"],
      podRequests({ spec, status: { containerStatuses: [status] } })["cpu"],
    ]).toEqual(["3", "9", "3", "1"]);
  });

  it("take the place of missing ones for scoring", () => {
    const spec: PodSpec = { containers: [container("a", { cpu: "1" }), container("b", {})] };
    expect({ ...podRequests({ spec }, { missingRequests: { cpu: "100m", memory: "200Mi" } }) }).toEqual({
      cpu: "1100m",
      memory: "400Mi",
    });
  });
});

describe("limits of a pod", () => {
  it("add overhead only to what is limited", () => {
    const spec: PodSpec = { containers: [container("a", {}, { cpu: "1" })], overhead: { cpu: "1", memory: "1Gi" } };
    expect({ ...podLimits({ spec }) }).toEqual({ cpu: "2" });
  });
});

describe("QoS class", () => {
  const both = { cpu: "1", memory: "1Gi" };
  it.each<[string, PodSpec, string]>([
    ["nothing asked", { containers: [container("a", {})] }, "BestEffort"],
    ["only something else asked", { containers: [container("a", { "example.com/x": "1" })] }, "BestEffort"],
    ["zero asked", { containers: [container("a", { cpu: "0" })] }, "BestEffort"],
    ["limits equal requests", { containers: [container("a", both, both)] }, "Guaranteed"],
    [
      "the same amount written otherwise",
      { containers: [container("a", { cpu: "1000m", memory: "1024Mi" }, both)] },
      "Guaranteed",
    ],
    ["one container without limits", { containers: [container("a", both, both), container("b", {})] }, "Burstable"],
    [
      "an init container without limits",
      { containers: [container("a", both, both)], initContainers: [container("i", {})] },
      "Burstable",
    ],
    ["requests below limits", { containers: [container("a", { cpu: "1" }, both)] }, "Burstable"],
    [
      "the pod itself limited",
      { containers: [container("a", {})], resources: { requests: both, limits: both } },
      "Guaranteed",
    ],
    ["the pod itself asking", { containers: [container("a", {})], resources: { requests: both } }, "Burstable"],
  ])("with %s", (_name, spec, expected) => {
    expect(computeQosClass(spec)).toBe(expected);
  });
});
