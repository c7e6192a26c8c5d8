import { describe, expect, it } from "vitest";
import type { PodCondition, PodStatus } from "../../api/types/core-v1.ts";
import { renderStatusPatch } from "./status-patch.ts";

const condition = (type: string, status: "True" | "False"): PodCondition => ({
  type,
  status,
  lastProbeTime: null,
  lastTransitionTime: "2026-01-01T00:00:00Z",
});
const patch = (from: PodStatus, to: PodStatus) => renderStatusPatch("uid-1", from, to);

describe("renderStatusPatch", () => {
  it("is nothing when nothing has changed", () => {
    const status: PodStatus = {
      phase: "Running",
      podIPs: [{ ip: "10.0.0.5" }],
      conditions: [condition("Ready", "True")],
    };
    expect(patch(status, structuredClone(status))).toBeUndefined();
  });

  it("leaves alone what others write", () => {
    expect(patch({ nominatedNodeName: "node-2" }, {})).toBeUndefined();
  });

  it("holds what has changed, with the pod's uid", () => {
    expect(patch({ phase: "Pending", reason: "Waiting" }, { phase: "Running" })).toEqual({
      metadata: { uid: "uid-1" },
      status: { phase: "Running", reason: null },
    });
  });

  it("replaces addresses, which would be merged otherwise", () => {
    const to: PodStatus = { podIP: "10.0.0.6", podIPs: [{ ip: "10.0.0.6" }] };
    expect(patch({ podIP: "10.0.0.5", podIPs: [{ ip: "10.0.0.5" }] }, to)).toEqual({
      metadata: { uid: "uid-1" },
      status: { podIP: "10.0.0.6", podIPs: [{ ip: "10.0.0.6" }, { $patch: "replace" }] },
    });
  });

  it("merges conditions by type, removes those that are gone and keeps their order", () => {
    const from = [condition("Ready", "False"), condition("Old", "True")];
    const to = [condition("Initialized", "True"), condition("Ready", "True")];
    expect(patch({ conditions: from }, { conditions: to })?.["status"]).toEqual({
      conditions: [to[0], { type: "Ready", status: "True" }, { $patch: "delete", type: "Old" }],
      "$setElementOrder/conditions": [{ type: "Initialized" }, { type: "Ready" }],
    });
  });
});
