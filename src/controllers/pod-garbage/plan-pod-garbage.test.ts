import { describe, expect, it } from "vitest";
import { nodes, pods } from "../../api/resources.ts";
import type { Node, Pod } from "../../api/types/core-v1.ts";
import { buildObject } from "../../testing/build-object.ts";
import { isStuck, planEndedPods } from "./plan-pod-garbage.ts";

const ended = (name: string, phase: "Running" | "Succeeded" | "Failed", minute: number, reason?: string): Pod =>
  buildObject(pods, {
    metadata: { name, creationTimestamp: `2026-01-01T00:0${minute}:00Z` },
    status: { phase, ...(reason === undefined ? {} : { reason }) },
  });

describe("planEndedPods", () => {
  const all = [
    ended("young", "Succeeded", 9),
    ended("running", "Running", 0),
    ended("old-b", "Failed", 1),
    ended("old-a", "Succeeded", 1),
    ended("evicted", "Failed", 8, "Evicted"),
  ];
  it.each([
    [4, []],
    [3, ["evicted"]],
    [1, ["evicted", "old-a", "old-b"]],
  ])("takes what is more than %i: evicted pods, then the oldest", (threshold, expected) => {
    expect(planEndedPods(all, threshold).map(({ metadata }) => metadata.name)).toEqual(expected);
  });
});

describe("isStuck", () => {
  const pod = (isDeleted: boolean, nodeName?: string): Pod =>
    buildObject(pods, {
      metadata: isDeleted ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {},
      spec: { containers: [], ...(nodeName === undefined ? {} : { nodeName }) },
    });
  const node = (ready: string, taint: string): Node =>
    buildObject(nodes, {
      spec: { taints: [{ key: taint, effect: "NoExecute" }] },
      status: { conditions: [{ type: "Ready", status: ready }] },
    });
  const outOfService = "node.kubernetes.io/out-of-service";
  it.each<[string, Pod, Node | undefined, boolean]>([
    ["a pod that nobody deletes", pod(false), undefined, false],
    ["a deleted pod without a node", pod(true), undefined, true],
    ["a deleted pod of a missing node, which has its own rule", pod(true, "n"), undefined, false],
    ["a deleted pod of a node out of service", pod(true, "n"), node("Unknown", outOfService), true],
    ["a deleted pod of a node that is ready all the same", pod(true, "n"), node("True", outOfService), false],
    ["a deleted pod of a node with other taints", pod(true, "n"), node("Unknown", "other"), false],
    ["a pod that nobody deletes, of a node out of service", pod(false, "n"), node("Unknown", outOfService), false],
  ])("judges %s", (_name, subject, itsNode, expected) => {
    expect(isStuck(subject, itsNode)).toBe(expected);
  });
});
