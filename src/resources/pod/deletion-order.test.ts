import { describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import type { Pod } from "../../api/types/core-v1.ts";
import { formatTime } from "../../base/clock.ts";
import { buildPod } from "../../testing/build-pod.ts";
import { inDeletionOrder, type RankedPod } from "./deletion-order.ts";

const nowMs = Date.UTC(2026, 0, 2);

interface Traits {
  node?: string | undefined;
  phase?: NonNullable<Pod["status"]["phase"]>;
  ready?: boolean;
  readySecondsAgo?: number;
  ageSeconds?: number;
  cost?: string;
  restarts?: number;
  sidecarRestarts?: number;
  rank?: number;
  uid?: string;
}

function pod(name: string, traits: Traits = {}): RankedPod {
  const { phase = "Running", ready = true, ageSeconds = 1000 } = traits;
  const secondsAgo = (seconds: number): string => formatTime(nowMs - seconds * 1000);
  const input: Input<Pod> = {
    metadata: {
      name,
      uid: traits.uid ?? `uid-of-${name}`,
      creationTimestamp: secondsAgo(ageSeconds),
      ...(traits.cost === undefined
        ? {}
        : { annotations: { "controller.kubernetes.io/pod-deletion-cost": traits.cost } }),
    },
    spec: {
      nodeName: "node" in traits ? (traits.node ?? null) : "node-1",
      containers: [{ name: "web", image: "web:1" }],
      initContainers: [
        { name: "proxy", image: "proxy:1", restartPolicy: "Always" },
        { name: "setup", image: "setup:1" },
      ],
    },
    status: {
      phase,
      conditions: [
        {
          type: "Ready",
          status: ready ? "True" : "False",
          lastTransitionTime: secondsAgo(traits.readySecondsAgo ?? 500),
        },
      ],
      containerStatuses: [{ name: "web", restartCount: traits.restarts ?? 0, ready, image: "", imageID: "" }],
      initContainerStatuses: [
        { name: "proxy", restartCount: traits.sidecarRestarts ?? 0, ready, image: "", imageID: "" },
        { name: "setup", restartCount: 99, ready, image: "", imageID: "" },
      ],
    },
  };
  return { pod: buildPod(input), rank: traits.rank ?? 0 };
}

describe("order of deletion", () => {
  it.each([
    { rule: "not assigned before assigned", first: { node: undefined }, second: { phase: "Pending" } },
    { rule: "pending before running", first: { phase: "Pending" }, second: { ready: false } },
    { rule: "unknown before running", first: { phase: "Unknown" }, second: { ready: false } },
    { rule: "pending before unknown", first: { phase: "Pending" }, second: { phase: "Unknown" } },
    { rule: "not ready before ready", first: { ready: false, cost: "9" }, second: { cost: "-9" } },
    { rule: "lower cost before higher", first: { cost: "-1" }, second: { rank: 9 } },
    { rule: "more neighbours before fewer", first: { rank: 2, readySecondsAgo: 9000 }, second: { rank: 1 } },
    {
      rule: "ready for less time, by magnitude",
      first: { readySecondsAgo: 10 },
      second: { readySecondsAgo: 1000, restarts: 9 },
    },
    { rule: "more restarts", first: { restarts: 3, ageSeconds: 9000 }, second: { restarts: 2, sidecarRestarts: 9 } },
    { rule: "more restarts of sidecars", first: { sidecarRestarts: 3, ageSeconds: 9000 }, second: { ageSeconds: 1 } },
    { rule: "younger before older", first: { ageSeconds: 10 }, second: { ageSeconds: 1000 } },
    {
      rule: "the uid decides between ages of one magnitude",
      first: { ageSeconds: 1000, uid: "a" },
      second: { ageSeconds: 999, uid: "b" },
    },
  ] as readonly { rule: string; first: Traits; second: Traits }[])("$rule", ({ first, second }) => {
    const pods = [pod("first", first), pod("second", second)];
    const names = (ranked: readonly RankedPod[]): string[] =>
      inDeletionOrder(ranked, nowMs).map(({ metadata }) => metadata.name);
    expect([names(pods), names(pods.toReversed())]).toEqual([
      ["first", "second"],
      ["first", "second"],
    ]);
  });

  it.each(["+5", "05", "5.5", "", "9999999999", "five"])("takes a cost of %j for none", (cost) => {
    const pods = [pod("plain", { restarts: 1 }), pod("odd", { cost })];
    expect(inDeletionOrder(pods, nowMs)[0]?.metadata.name).toBe("plain");
  });
});
