import { describe, expect, it } from "vitest";
import { leases, nodes } from "../../api/resources.ts";
import type { Lease } from "../../api/types/coordination-v1.ts";
import type { Node, Taint } from "../../api/types/core-v1.ts";
import { buildObject } from "../../testing/build-object.ts";
import { defaultPatience, hearNode, type NodeHealth, planNodeHealth } from "./plan-node-health.ts";
import { planNodeLabels } from "./plan-node-labels.ts";
import { type EvictionTaint, planTaints, wantedEviction } from "./plan-node-taints.ts";

type Conditions = Readonly<Record<string, string>>;

const created = "2026-01-01T00:00:00Z";
const beat = "2026-01-01T00:01:00Z";
const now = "2026-01-01T00:05:00Z";

const node = (conditions: Conditions, spec: { taints?: readonly Taint[]; unschedulable?: boolean } = {}): Node =>
  buildObject(nodes, {
    metadata: { name: "n", creationTimestamp: created },
    spec,
    status: {
      conditions: Object.entries(conditions).map(([type, status]) => ({
        type,
        status,
        lastHeartbeatTime: beat,
        lastTransitionTime: beat,
      })),
    },
  });
const lease = (renewTime: string): Lease =>
  buildObject(leases, { metadata: { name: "n", namespace: "kube-node-lease" }, spec: { renewTime } });

const earlier = "2026-01-01T00:00:50.000000Z";
const later = "2026-01-01T00:01:00.000000Z";

describe("hearNode", () => {
  const known: NodeHealth = { heardMs: 1_000, heartbeat: beat, renewed: earlier };
  it.each<[string, NodeHealth | undefined, Node, Lease | undefined, number]>([
    ["a new node that says how it is", undefined, node({ Ready: "True" }), undefined, 9_000],
    ["a new node that has said nothing, since it was made", undefined, node({}), undefined, 7_000],
    ["a new node that has only a lease", undefined, node({}), lease(earlier), 9_000],
    ["nothing new", known, node({ Ready: "True" }), lease(earlier), 1_000],
    ["nothing new, with the lease gone", known, node({ Ready: "True" }), undefined, 1_000],
    ["a renewed lease", known, node({ Ready: "True" }), lease(later), 9_000],
    ["another heartbeat", { ...known, heartbeat: created }, node({ Ready: "True" }), lease(earlier), 9_000],
    ["the first word", { ...known, heartbeat: undefined }, node({ Ready: "False" }), lease(earlier), 9_000],
  ])("hears %s", (_name, before, subject, itsLease, heardMs) => {
    expect(hearNode(before, { node: subject, lease: itsLease, ageMs: 2_000 }, 9_000).heardMs).toBe(heardMs);
  });
});

describe("planNodeHealth", () => {
  const plan = (subject: Node, silentMs: number) =>
    planNodeHealth(subject, { heardMs: 0, heartbeat: beat, renewed: undefined }, defaultPatience, {
      monotonicMs: silentMs,
      time: now,
    });

  it.each<[string, Node, number, number | undefined]>([
    ["a node heard of", node({ Ready: "True" }), 10_000, 40_001],
    ["a node at the end of its time", node({ Ready: "True" }), 50_000, 1],
    ["a node that never spoke", node({}), 50_001, 10_000],
    ["a silent node that is known to be so", node({ Ready: "Unknown" }), 90_000, undefined],
  ])("leaves alone %s", (_name, subject, silentMs, dueInMs) => {
    expect(plan(subject, silentMs)).toEqual({ dueInMs });
  });

  const stopped = { reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status." };
  const never = { reason: "NodeStatusNeverUpdated", message: "Kubelet never posted node status." };
  it("calls a silent node's conditions unknown, but not that of its network", () => {
    const subject = node({
      Ready: "True",
      MemoryPressure: "False",
      NetworkUnavailable: "False",
      DiskPressure: "Unknown",
    });
    const heard = { lastHeartbeatTime: beat, lastTransitionTime: beat };
    expect(plan(subject, 50_001)).toEqual({
      conditions: [
        { type: "Ready", status: "Unknown", ...stopped, lastHeartbeatTime: beat, lastTransitionTime: now },
        { type: "MemoryPressure", status: "Unknown", ...stopped, lastHeartbeatTime: beat, lastTransitionTime: now },
        { type: "NetworkUnavailable", status: "False", ...heard },
        { type: "DiskPressure", status: "Unknown", ...heard },
        { type: "PIDPressure", status: "Unknown", ...never, lastHeartbeatTime: created, lastTransitionTime: now },
      ],
    });
  });

  it("says that a node never spoke", () => {
    const result = plan(node({}), 60_001) as { conditions: readonly { type: string; reason: string }[] };
    expect(result.conditions.map(({ type, reason }) => [type, reason])).toEqual(
      ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"].map((type) => [type, never.reason]),
    );
  });
});

const taint = (name: string, effect: "NoSchedule" | "NoExecute" | "PreferNoSchedule" = "NoSchedule"): Taint => ({
  key: `node.kubernetes.io/${name}`,
  effect,
  timeAdded: created,
});
const names = (taints: readonly Taint[] | undefined) =>
  taints?.map(({ key, effect, timeAdded }) => `${key.slice("node.kubernetes.io/".length)} ${effect} ${timeAdded}`);

describe("planTaints", () => {
  it.each<[string, Node, EvictionTaint, readonly string[] | undefined]>([
    ["nothing when all is well", node({ Ready: "True" }), "none", undefined],
    ["a taint for a node that is not ready", node({ Ready: "False" }), "unchanged", [`not-ready NoSchedule ${now}`]],
    [
      "both taints for a silent node whose turn has come",
      node({ Ready: "Unknown" }),
      "unreachable",
      [`unreachable NoSchedule ${now}`, `unreachable NoExecute ${now}`],
    ],
    [
      "taints for pressure and for a cordon",
      node(
        { Ready: "True", MemoryPressure: "True", PIDPressure: "False", NetworkUnavailable: "True" },
        { unschedulable: true },
      ),
      "none",
      [`memory-pressure NoSchedule ${now}`, `network-unavailable NoSchedule ${now}`, `unschedulable NoSchedule ${now}`],
    ],
    [
      "the other taint when a node's trouble changes",
      node(
        { Ready: "Unknown" },
        { taints: [taint("not-ready"), taint("not-ready", "NoExecute"), taint("out-of-service")] },
      ),
      "unreachable",
      [`out-of-service NoSchedule ${created}`, `unreachable NoSchedule ${now}`, `unreachable NoExecute ${now}`],
    ],
    [
      "no taints once a node is well",
      node({ Ready: "True" }, { taints: [taint("not-ready"), taint("unreachable", "NoExecute")] }),
      "none",
      [],
    ],
    [
      "nothing new when taints are right, with their times",
      node({ Ready: "False" }, { taints: [taint("not-ready"), taint("not-ready", "NoExecute")] }),
      "notReady",
      undefined,
    ],
    [
      "taints of others as they are",
      node({ Ready: "True" }, { taints: [taint("unreachable", "PreferNoSchedule")] }),
      "none",
      undefined,
    ],
    [
      "the evicting taint while it is not decided about",
      node({ Ready: "True" }, { taints: [taint("not-ready"), taint("not-ready", "NoExecute")] }),
      "unchanged",
      [`not-ready NoExecute ${created}`],
    ],
  ])("gives %s", (_name, subject, eviction, expected) => {
    expect(names(planTaints(subject, eviction, now))).toEqual(expected);
  });

  it.each([
    ["True", "none"],
    ["False", "notReady"],
    ["Unknown", "unreachable"],
  ])("wants of a node whose readiness is %s: %s", (status, expected) => {
    expect(wantedEviction(node({ Ready: status }))).toBe(expected);
    expect(wantedEviction(node({}))).toBeUndefined();
  });
});

describe("planNodeLabels", () => {
  const labelled = (labels: Readonly<Record<string, string>>): Node => buildObject(nodes, { metadata: { labels } });
  it.each([
    ["repeats labels under their old names", { "kubernetes.io/os": "linux" }, { "beta.kubernetes.io/os": "linux" }],
    [
      "puts wrong ones right",
      { "kubernetes.io/arch": "arm64", "beta.kubernetes.io/arch": "amd64" },
      { "beta.kubernetes.io/arch": "arm64" },
    ],
    ["invents nothing", { "beta.kubernetes.io/os": "linux" }, undefined],
    ["leaves right ones alone", { "kubernetes.io/os": "linux", "beta.kubernetes.io/os": "linux" }, undefined],
  ])("%s", (_name, labels, expected) => {
    expect(planNodeLabels(labelled(labels))).toEqual(expected);
  });
});
