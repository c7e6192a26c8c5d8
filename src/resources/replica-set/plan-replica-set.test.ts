import { describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import { replicaSets } from "../../api/resources.ts";
import type { ReplicaSet } from "../../api/types/apps-v1.ts";
import type { Pod } from "../../api/types/core-v1.ts";
import { formatTime } from "../../base/clock.ts";
import { buildObject } from "../../testing/build-object.ts";
import { buildPod } from "../../testing/build-pod.ts";
import { planReplicas, type ReplicaObservation, renderReplicaStatus } from "./plan-replica-set.ts";

const nowMs = Date.UTC(2026, 0, 2);

function replicaSet(replicas: number, more: Input<ReplicaSet> = {}): ReplicaSet {
  return buildObject(replicaSets, {
    ...more,
    metadata: { generation: 4, ...more.metadata },
    spec: {
      replicas,
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web", tier: "front" } },
        spec: { containers: [{ name: "web", image: "web:1" }] },
      },
      ...more.spec,
    },
  });
}

function pod(
  name: string,
  more: { readySecondsAgo?: number; labels?: Record<string, string>; node?: string } = {},
): Pod {
  const { readySecondsAgo } = more;
  return buildPod({
    metadata: { name, uid: `uid-of-${name}`, labels: more.labels ?? { app: "web", tier: "front" } },
    spec: { nodeName: more.node ?? "node-1", containers: [{ name: "web", image: "web:1" }] },
    status: {
      phase: "Running",
      conditions:
        readySecondsAgo === undefined
          ? []
          : [{ type: "Ready", status: "True", lastTransitionTime: formatTime(nowMs - readySecondsAgo * 1000) }],
    },
  });
}

const podsNamed = (...names: string[]): Pod[] => names.map((name) => pod(name));

describe("replicas", () => {
  it.each([
    { name: "creates what is missing", wanted: 3, have: 1, create: 2, remove: 0 },
    { name: "is content with as many as wanted", wanted: 2, have: 2, create: 0, remove: 0 },
    { name: "removes what is too much", wanted: 1, have: 3, create: 0, remove: 2 },
    { name: "removes all for none wanted", wanted: 0, have: 3, create: 0, remove: 3 },
    { name: "creates 500 at most in one pass", wanted: 2000, have: 0, create: 500, remove: 0 },
    { name: "removes 500 at most in one pass", wanted: 0, have: 700, create: 0, remove: 500 },
  ])("$name", ({ wanted, have, create, remove }) => {
    const pods = podsNamed(...Array.from({ length: have }, (_unused, index) => `p${index}`));
    const plan = planReplicas(replicaSet(wanted), pods, [], nowMs);
    expect({ create: plan.create, remove: plan.remove.length }).toEqual({ create, remove });
  });

  it("leaves everything alone while it is being deleted", () => {
    const leaving = replicaSet(3, { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["x/y"] } });
    expect(planReplicas(leaving, [], [], nowMs)).toEqual({ create: 0, remove: [] });
  });

  it("rather removes a pod that shares its node with pods of sibling sets", () => {
    const own = [pod("alone", { node: "node-1" }), pod("crowded", { node: "node-2" })];
    const siblings = [pod("sibling-a", { node: "node-2" }), pod("sibling-b", { node: "node-2" })];
    const plan = planReplicas(replicaSet(1), own, [...own, ...siblings], nowMs);
    expect(plan.remove.map(({ metadata }) => metadata.name)).toEqual(["crowded"]);
  });
});

describe("status of a ReplicaSet", () => {
  const observe = (more: Partial<ReplicaObservation> & Pick<ReplicaObservation, "owner" | "activePods">) =>
    renderReplicaStatus({ terminatingPods: [], nowMs, ...more });

  it("counts labelled, ready and available pods", () => {
    const owner = replicaSet(4, { spec: { minReadySeconds: 30 } });
    const activePods = [
      pod("new"),
      pod("ready", { readySecondsAgo: 10 }),
      pod("available", { readySecondsAgo: 30 }),
      pod("unlabelled", { readySecondsAgo: 99, labels: { app: "web" } }),
    ];
    expect(observe({ owner, activePods, terminatingPods: podsNamed("stopping") })).toEqual({
      replicas: 4,
      fullyLabeledReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 2,
      terminatingReplicas: 1,
      observedGeneration: 4,
    });
  });

  it("leaves out what is zero, but for the pods that are stopping", () => {
    expect(observe({ owner: replicaSet(0), activePods: [] })).toEqual({
      replicas: 0,
      terminatingReplicas: 0,
      observedGeneration: 4,
    });
  });

  it("tells of a failure with its first words until it is over", () => {
    const failed = observe({ owner: replicaSet(2), activePods: [], failure: "exceeded quota" });
    expect(failed.conditions).toEqual([
      {
        type: "ReplicaFailure",
        status: "True",
        lastTransitionTime: "2026-01-02T00:00:00Z",
        reason: "FailedCreate",
        message: "exceeded quota",
      },
    ]);
    const owner = replicaSet(2, { status: failed });
    expect(observe({ owner, activePods: [], failure: "other words", nowMs: nowMs + 9_000 }).conditions).toEqual(
      failed.conditions,
    );
    expect(observe({ owner, activePods: podsNamed("a", "b") }).conditions).toBeUndefined();
  });

  it("names deleting as what failed when there were too many", () => {
    const failed = observe({ owner: replicaSet(0), activePods: podsNamed("a"), failure: "no" });
    expect(failed.conditions?.[0]?.reason).toBe("FailedDelete");
  });
});
