import { describe, expect, it } from "vitest";
import { nodes } from "../../api/resources.ts";
import type { NodeCondition, NodeStatus } from "../../api/types/core-v1.ts";
import { buildObject } from "../../testing/build-object.ts";
import { renderNodePatch } from "./node-reporter.ts";
import { conditionChanges, type NodeStatusInput, renderNodeStatus } from "./render-node.ts";

const ready = (status: string, lastHeartbeatTime: string): NodeCondition => ({
  type: "Ready",
  status,
  lastHeartbeatTime,
  lastTransitionTime: "2026-01-01T00:00:00Z",
});
const status = (changes: Partial<NodeStatus>): NodeStatus => ({
  ...buildObject(nodes, {}).status,
  capacity: { cpu: "4" },
  addresses: [{ type: "Hostname", address: "node-1" }],
  conditions: [ready("True", "2026-01-01T00:00:00Z")],
  ...changes,
});

describe("renderNodePatch", () => {
  const later = [ready("True", "2026-01-01T00:05:00Z")];
  it("counts a heartbeat as no change, but writes it", () => {
    expect(renderNodePatch(status({}), status({ conditions: later }))).toEqual({
      isChanged: false,
      status: { conditions: later },
    });
  });

  it("keeps resources and conditions that others have added", () => {
    const before = status({
      capacity: { cpu: "4", "example.com/gpu": "1" },
      conditions: [...later, { ...ready("True", "2026-01-01T00:00:00Z"), type: "NetworkUnavailable" }],
    });
    expect(renderNodePatch(before, status({}))).toMatchObject({ isChanged: false });
  });

  it("replaces addresses", () => {
    const addresses = [{ type: "InternalIP" as const, address: "192.0.2.2" }];
    expect(renderNodePatch(status({}), status({ addresses }))).toMatchObject({
      isChanged: true,
      status: { addresses: [...addresses, { $patch: "replace" }] },
    });
  });

  it("tells a condition that has changed", () => {
    expect(renderNodePatch(status({}), status({ conditions: [ready("False", "")] })).isChanged).toBe(true);
  });
});

describe("renderNodeStatus", () => {
  const input = {
    info: {},
    capacity: { cpuMillis: 1, memoryBytes: 1, ephemeralStorageBytes: 1 },
    runtime: { name: "containerd", version: "2", runtimeReady: true, networkReady: true, message: "" },
    images: [],
    pressure: { memory: true, disk: true, pid: true },
    evictionReserve: {},
  } as unknown as NodeStatusInput;
  const settings = { nodeName: "node-1", nodeIps: [], version: "v1.36.0" };
  const summary = (changes: Partial<NodeStatusInput>) =>
    renderNodeStatus(settings, { ...input, ...changes }, undefined, 0).conditions?.map(
      ({ status: value, reason, message }) => `${value} ${reason}: ${message}`,
    );

  it("tells what the node is short of", () => {
    expect(summary({})).toEqual([
      "True KubeletHasInsufficientMemory: kubelet has insufficient memory available",
      "True KubeletHasDiskPressure: kubelet has disk pressure",
      "True KubeletHasInsufficientPID: kubelet has insufficient PID available",
      "True KubeletReady: kubelet is posting ready status",
    ]);
  });

  it("tells that the runtime is down, and that nothing is known of the machine", () => {
    const capacity = { cpuMillis: 0, memoryBytes: 0, ephemeralStorageBytes: 0 };
    expect(summary({ runtime: undefined, capacity })?.at(-1)).toBe(
      "False KubeletNotReady: [container runtime is down, missing node capacity for resources: cpu, memory]",
    );
  });

  it("lists the largest images, a few names of each", () => {
    const images = Array.from({ length: 60 }, (_, index) => ({
      id: `${index}`,
      tags: ["a", "b", "c", "d"],
      digests: ["x", "y"],
      sizeBytes: index,
    }));
    const listed = renderNodeStatus(settings, { ...input, images }, undefined, 0).images;
    expect(listed).toHaveLength(50);
    expect(listed?.[0]).toEqual({ names: ["x", "y", "a", "b", "c"], sizeBytes: 59 });
  });
});

describe("conditionChanges", () => {
  const pressure = (value: string): NodeCondition => ({ ...ready(value, ""), type: "MemoryPressure" });
  it.each([
    {
      name: "a new node",
      before: undefined,
      after: [ready("True", ""), pressure("False")],
      events: ["NodeHasSufficientMemory"],
    },
    { name: "nothing changes", before: [ready("True", "")], after: [ready("True", "")], events: [] },
    { name: "it gets ready", before: [ready("False", "")], after: [ready("True", "")], events: ["NodeReady"] },
    { name: "it no longer is", before: [ready("True", "")], after: [ready("False", "")], events: ["NodeNotReady"] },
    {
      name: "memory runs short",
      before: [pressure("False")],
      after: [pressure("True")],
      events: ["NodeHasInsufficientMemory"],
    },
  ])("$name", ({ before, after, events }) => {
    expect(conditionChanges(before === undefined ? undefined : { conditions: before }, { conditions: after })).toEqual(
      events,
    );
  });
});
