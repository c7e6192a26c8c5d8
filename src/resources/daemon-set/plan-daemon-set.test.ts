import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import { controllerRevisions, daemonSets, nodes } from "../../api/resources.ts";
import type { ControllerRevision, DaemonSet } from "../../api/types/apps-v1.ts";
import type { Node, Pod, Taint } from "../../api/types/core-v1.ts";
import { formatTime } from "../../base/clock.ts";
import { controllerReference } from "../../controllerkit/ownership.ts";
import { buildObject } from "../../testing/build-object.ts";
import { buildPod } from "../../testing/build-pod.ts";
import { type DaemonState, groupByNode } from "./daemon-pods.ts";
import { planDaemonPods } from "./plan-daemon-pods.ts";
import { renderDaemonStatus } from "./plan-daemon-status.ts";
import { planHistory, planHistoryCleanup, renderRevision, revisionData } from "./plan-history.ts";
import { daemonTolerations, planPlacement, targetNodeOf } from "./plan-placement.ts";
import { planRollout } from "./plan-rollout.ts";

const nowMs = Date.UTC(2026, 0, 2);
const current = "newhash";
const outdated = "oldhash";

interface Options {
  maxUnavailable?: number | string;
  maxSurge?: number | string;
  onDelete?: boolean;
  minReadySeconds?: number;
  spec?: Input<DaemonSet["spec"]["template"]["spec"]>;
  status?: Input<DaemonSet["status"]>;
  historyLimit?: number;
  image?: string;
}

function daemonSet(options: Options = {}): DaemonSet {
  const { maxUnavailable = 1, maxSurge = 0, minReadySeconds = 0 } = options;
  return buildObject(daemonSets, {
    metadata: { name: "agent", generation: 5, annotations: { team: "a" } },
    spec: {
      selector: { matchLabels: { app: "agent" } },
      template: {
        metadata: { labels: { app: "agent" } },
        spec: { containers: [{ name: "agent", image: options.image ?? "agent:2" }], ...options.spec },
      },
      minReadySeconds,
      revisionHistoryLimit: options.historyLimit ?? 10,
      updateStrategy:
        options.onDelete === true
          ? { type: "OnDelete" }
          : { type: "RollingUpdate", rollingUpdate: { maxUnavailable, maxSurge } },
    },
    ...(options.status === undefined ? {} : { status: options.status }),
  });
}

function node(name: string, more: { taints?: Taint[]; labels?: Record<string, string> } = {}): Node {
  return buildObject(nodes, {
    metadata: { name, labels: more.labels ?? {} },
    spec: { taints: more.taints ?? [] },
  });
}

const taint = (key: string, effect: Taint["effect"]): Taint => ({ key, effect });

interface PodOptions {
  hash?: string;
  phase?: NonNullable<Pod["status"]["phase"]>;
  readySecondsAgo?: number;
  leaving?: boolean;
  ageSeconds?: number;
  scheduled?: boolean;
}

function pod(name: string, nodeName: string, options: PodOptions = {}): Pod {
  const { hash = current, phase = "Running", readySecondsAgo, ageSeconds = 100, scheduled = true } = options;
  return buildPod({
    metadata: {
      name,
      uid: `uid-of-${name}`,
      labels: { app: "agent", "controller-revision-hash": hash },
      creationTimestamp: formatTime(nowMs - ageSeconds * 1000),
      ...(options.leaving === true ? { deletionTimestamp: formatTime(nowMs) } : {}),
    },
    spec: {
      nodeName: scheduled ? nodeName : null,
      containers: [{ name: "agent", image: "agent:2" }],
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: [nodeName] }] }],
          },
        },
      },
    },
    status: {
      phase,
      conditions:
        readySecondsAgo === undefined
          ? []
          : [{ type: "Ready", status: "True", lastTransitionTime: formatTime(nowMs - readySecondsAgo * 1000) }],
    },
  });
}

const serving = { readySecondsAgo: 50 };

function state(owner: DaemonSet, nodeList: Node[], pods: Pod[]): DaemonState {
  return { daemonSet: owner, nodes: nodeList, podsByNode: groupByNode(pods), hash: current };
}

const names = (pods: readonly Pod[]): string[] => pods.map(({ metadata }) => metadata.name);

describe("placement", () => {
  it.each([
    { name: "a plain node", expected: [true, true] },
    { name: "a node of another name", spec: { nodeName: "other" }, expected: [false, false] },
    { name: "a node without the label", spec: { nodeSelector: { disk: "ssd" } }, expected: [false, false] },
    {
      name: "a node with the label",
      spec: { nodeSelector: { disk: "ssd" } },
      labels: { disk: "ssd" },
      expected: [true, true],
    },
    { name: "NoSchedule keeps new ones off", taints: [taint("x", "NoSchedule")], expected: [false, true] },
    { name: "NoExecute sends them away", taints: [taint("x", "NoExecute")], expected: [false, false] },
    { name: "PreferNoSchedule does nothing", taints: [taint("x", "PreferNoSchedule")], expected: [true, true] },
    {
      name: "troubles of nodes are lived through",
      taints: [
        taint("node.kubernetes.io/not-ready", "NoExecute"),
        taint("node.kubernetes.io/unreachable", "NoExecute"),
        taint("node.kubernetes.io/unschedulable", "NoSchedule"),
        taint("node.kubernetes.io/memory-pressure", "NoSchedule"),
      ],
      expected: [true, true],
    },
    {
      name: "a missing network keeps pods off that need one",
      taints: [taint("node.kubernetes.io/network-unavailable", "NoSchedule")],
      expected: [false, true],
    },
    {
      name: "a missing network is nothing to pods of the host's",
      spec: { hostNetwork: true },
      taints: [taint("node.kubernetes.io/network-unavailable", "NoSchedule")],
      expected: [true, true],
    },
  ] as readonly {
    name: string;
    spec?: Input<DaemonSet["spec"]["template"]["spec"]>;
    labels?: Record<string, string>;
    taints?: Taint[];
    expected: boolean[];
  }[])("$name", ({ spec = {}, labels = {}, taints = [], expected }) => {
    const { shouldRun, mayStay } = planPlacement(node("node-1", { labels, taints }), daemonSet({ spec }));
    expect([shouldRun, mayStay]).toEqual(expected);
  });

  it("adds tolerations to those that the template has, and takes the time limit off", () => {
    const own = [
      { key: "own", operator: "Exists" as const },
      {
        key: "node.kubernetes.io/not-ready",
        operator: "Exists" as const,
        effect: "NoExecute" as const,
        tolerationSeconds: 30,
      },
    ];
    const tolerations = daemonTolerations(daemonSet({ spec: { tolerations: own } }).spec.template.spec);
    expect(tolerations.map(({ key, effect, tolerationSeconds }) => [key, effect, tolerationSeconds])).toEqual([
      ["own", undefined, undefined],
      ["node.kubernetes.io/not-ready", "NoExecute", undefined],
      ["node.kubernetes.io/unreachable", "NoExecute", undefined],
      ["node.kubernetes.io/disk-pressure", "NoSchedule", undefined],
      ["node.kubernetes.io/memory-pressure", "NoSchedule", undefined],
      ["node.kubernetes.io/pid-pressure", "NoSchedule", undefined],
      ["node.kubernetes.io/unschedulable", "NoSchedule", undefined],
    ]);
  });

  it("finds the node of a pod that is not scheduled yet", () => {
    expect(targetNodeOf(pod("a", "node-7", { scheduled: false }))).toBe("node-7");
    expect(
      targetNodeOf(buildPod({ spec: { nodeName: null, containers: [{ name: "a", image: "a" }] } })),
    ).toBeUndefined();
  });
});

describe("pods of a DaemonSet", () => {
  const one = node("one");
  const barred = node("one", { taints: [taint("x", "NoExecute")] });

  it.each([
    { name: "an empty node gets one", pods: [], create: ["one"], remove: [] },
    { name: "a pod on its way is waited for", pods: [pod("a", "one", { scheduled: false })], create: [], remove: [] },
    { name: "a pod that is leaving is waited for", pods: [pod("a", "one", { leaving: true })], create: [], remove: [] },
    {
      name: "of several the oldest stays, scheduled ones first",
      pods: [
        pod("waiting", "one", { ageSeconds: 900, scheduled: false }),
        pod("younger", "one", { ageSeconds: 10 }),
        pod("older", "one", { ageSeconds: 90 }),
      ],
      create: [],
      remove: ["younger", "waiting"],
    },
    { name: "an ended pod goes", pods: [pod("a", "one", { phase: "Succeeded" })], create: [], remove: ["a"] },
    {
      name: "a node that may not have any loses all",
      node: barred,
      pods: [pod("a", "one")],
      create: [],
      remove: ["a"],
    },
    {
      name: "a pod waiting for a node that is gone goes, one that ran there is left to others",
      pods: [pod("here", "one"), pod("lost", "gone", { scheduled: false }), pod("ran", "gone")],
      create: [],
      remove: ["lost"],
    },
  ] as readonly { name: string; node?: Node; pods: Pod[]; create: string[]; remove: string[] }[])(
    "$name",
    ({ node: given = one, pods, create, remove }) => {
      const plan = planDaemonPods(state(daemonSet(), [given], pods), () => 0, nowMs);
      expect({ create: plan.create, remove: names(plan.remove) }).toEqual({ create, remove });
    },
  );

  it("lets a failed pod stay as long as its node is in back-off", () => {
    const failed = state(daemonSet(), [one], [pod("a", "one", { phase: "Failed" })]);
    const waiting = planDaemonPods(failed, () => 4_000, nowMs);
    const over = planDaemonPods(failed, () => 0, nowMs);
    expect([names(waiting.remove), waiting.retryAfterMs, names(over.remove), names(over.ended)]).toEqual([
      [],
      4_000,
      ["a"],
      ["a"],
    ]);
  });

  it.each([
    { name: "the new one is not ready yet", pods: { old: serving, fresh: {} }, remove: [] },
    { name: "the new one serves", pods: { old: serving, fresh: serving }, remove: ["old"] },
    { name: "the old one does not serve any more", pods: { old: {}, fresh: {} }, remove: ["old"] },
  ] as readonly { name: string; pods: { old: PodOptions; fresh: PodOptions }; remove: string[] }[])(
    "while surging two pods may share a node: $name",
    ({ pods, remove }) => {
      const owner = daemonSet({ maxSurge: 1, maxUnavailable: 0 });
      const list = [
        pod("old", "one", { hash: outdated, ageSeconds: 500, ...pods.old }),
        pod("fresh", "one", pods.fresh),
      ];
      expect(names(planDaemonPods(state(owner, [one], list), () => 0, nowMs).remove)).toEqual(remove);
    },
  );
});

describe("rolling update of a DaemonSet", () => {
  const three = [node("n1"), node("n2"), node("n3")];
  const oldPods = three.map(({ metadata }) =>
    pod(`old-${metadata.name}`, metadata.name, { hash: outdated, ...serving }),
  );
  const [old1, old2, old3] = oldPods as [Pod, Pod, Pod];

  it.each([
    { name: "takes one where one may be missing", options: {}, pods: oldPods, remove: ["old-n1"] },
    {
      name: "takes two of three for half of them",
      options: { maxUnavailable: "50%" },
      pods: oldPods,
      remove: ["old-n1", "old-n2"],
    },
    { name: "waits for the new one to serve", options: {}, pods: [pod("new-n1", "n1"), old2, old3], remove: [] },
    { name: "goes on when it does", options: {}, pods: [pod("new-n1", "n1", serving), old2, old3], remove: ["old-n2"] },
    {
      name: "waits minReadySeconds",
      options: { minReadySeconds: 60 },
      pods: [pod("new-n1", "n1", serving), pod("old-n2", "n2", { hash: outdated, readySecondsAgo: 90 }), old3],
      // old-n3 has been ready for 50 seconds only, so it does not serve and may go at once.
      remove: ["old-n3"],
    },
    {
      name: "takes old ones that do not serve at once, whatever the limit",
      options: {},
      pods: [pod("old-n1", "n1", { hash: outdated }), pod("old-n2", "n2", { hash: outdated }), old3],
      remove: ["old-n1", "old-n2"],
    },
    { name: "counts a node without a pod as missing one", options: {}, pods: [old1, old2], remove: [] },
    {
      name: "takes one even if both limits come to nothing",
      options: { maxUnavailable: 0, maxSurge: 0 },
      pods: oldPods,
      remove: ["old-n1"],
    },
  ] as readonly { name: string; options: Options; pods: Pod[]; remove: string[] }[])(
    "$name",
    ({ options, pods, remove }) => {
      expect(names(planRollout(state(daemonSet(options), three, pods), nowMs).remove)).toEqual(remove);
    },
  );

  const surging = { maxSurge: 1, maxUnavailable: 0 };
  it.each([
    { name: "gives one node a second pod", pods: oldPods, create: ["n1"], remove: [] },
    { name: "waits for it", pods: [...oldPods, pod("new-n1", "n1")], create: [], remove: [] },
    {
      name: "takes the old one when it serves, and goes on",
      pods: [...oldPods, pod("new-n1", "n1", serving)],
      create: ["n2"],
      remove: ["old-n1"],
    },
    {
      name: "replaces those that do not serve beyond the limit",
      pods: [pod("old-n1", "n1", { hash: outdated }), pod("old-n2", "n2", { hash: outdated }), old3],
      create: ["n1", "n2", "n3"],
      remove: [],
    },
  ] as readonly { name: string; pods: Pod[]; create: string[]; remove: string[] }[])(
    "with surge $name",
    ({ pods, create, remove }) => {
      const plan = planRollout(state(daemonSet(surging), three, pods), nowMs);
      expect({ create: plan.create, remove: names(plan.remove) }).toEqual({ create, remove });
    },
  );

  it("with surge keeps a pod where it is no longer wanted until enough others serve", () => {
    const owner = daemonSet({ ...surging, spec: { nodeSelector: { new: "yes" } } });
    const list = [node("n1"), node("n2", { labels: { new: "yes" } })];
    const waiting = planRollout(state(owner, list, [old1, pod("new-n2", "n2")]), nowMs);
    const ready = planRollout(state(owner, list, [old1, pod("new-n2", "n2", serving)]), nowMs);
    expect([names(waiting.remove), names(ready.remove)]).toEqual([[], ["old-n1"]]);
  });

  it("never leaves more nodes without a serving pod than allowed, and ends with all pods new", () => {
    const limits = fc.oneof(
      fc.record({ maxUnavailable: fc.integer({ min: 1, max: 3 }), maxSurge: fc.constant(0) }),
      fc.record({ maxUnavailable: fc.constant(0), maxSurge: fc.integer({ min: 1, max: 3 }) }),
    );
    const steps = fc.array(fc.record({ kind: fc.constantFrom("pass", "ready"), pick: fc.nat(20) }), { maxLength: 60 });
    fc.assert(
      fc.property(limits, fc.integer({ min: 1, max: 6 }), steps, (options, nodeCount, events) => {
        const owner = daemonSet(options);
        const list = Array.from({ length: nodeCount }, (_unused, index) => node(`n${index}`));
        let pods = list.map(({ metadata }) =>
          pod(`old-${metadata.name}`, metadata.name, { hash: outdated, ...serving }),
        );
        let made = 0;
        const change = (create: readonly string[], remove: readonly Pod[]): boolean => {
          pods = pods.filter((present) => !remove.includes(present));
          for (const name of create) {
            made += 1;
            pods.push(pod(`new-${made}`, name, { ageSeconds: 50 }));
          }
          return create.length + remove.length > 0;
        };
        const pass = (): boolean => {
          const here = state(owner, list, pods);
          const plan = planDaemonPods(here, () => 0, nowMs);
          if (change(plan.create, plan.remove)) return true;
          const rollout = planRollout(here, nowMs);
          return change(rollout.create, rollout.remove);
        };
        const makeReady = (pick: number): void => {
          const waiting = pods.filter(({ status }) => (status.conditions ?? []).length === 0);
          const chosen = waiting[pick % Math.max(1, waiting.length)];
          if (chosen === undefined) return;
          const ready = pod(chosen.metadata.name, chosen.spec.nodeName as string, { ageSeconds: 50, ...serving });
          pods = pods.map((present) => (present === chosen ? ready : present));
        };
        const check = (): void => {
          const withoutPod = list.filter(
            ({ metadata }) =>
              !pods.some((p) => p.spec.nodeName === metadata.name && (p.status.conditions ?? []).length > 0),
          ).length;
          expect(withoutPod).toBeLessThanOrEqual(options.maxUnavailable);
          expect(pods.length).toBeLessThanOrEqual(nodeCount + options.maxSurge);
        };
        for (const event of events) {
          if (event.kind === "pass") pass();
          else makeReady(event.pick);
          check();
        }
        for (let round = 0; round < 200; round += 1) {
          makeReady(0);
          const hasMoved = pass();
          check();
          if (!hasMoved && pods.every(({ status }) => (status.conditions ?? []).length > 0)) break;
        }
        expect(pods.map(({ metadata }) => metadata.labels?.["controller-revision-hash"])).toEqual(
          list.map(() => current),
        );
      }),
      { numRuns: 200 },
    );
  });
});

describe("status of a DaemonSet", () => {
  it("counts nodes and the pod on each that counts", () => {
    const list = [node("n1"), node("n2"), node("n3"), node("n4", { taints: [taint("x", "NoSchedule")] })];
    const pods = [
      pod("a", "n1", serving),
      pod("b", "n2", { hash: outdated, readySecondsAgo: 5 }),
      pod("c", "n4", serving),
    ];
    expect(renderDaemonStatus(state(daemonSet({ minReadySeconds: 10 }), list, pods), nowMs)).toEqual({
      desiredNumberScheduled: 3,
      currentNumberScheduled: 2,
      numberMisscheduled: 1,
      numberReady: 2,
      updatedNumberScheduled: 1,
      numberAvailable: 1,
      numberUnavailable: 2,
      observedGeneration: 5,
    });
  });
});

describe("history of a DaemonSet", () => {
  const revision = (name: string, number: number, owner: DaemonSet): ControllerRevision =>
    buildObject(controllerRevisions, {
      metadata: { name, labels: { "controller-revision-hash": name } },
      data: revisionData(owner),
      revision: number,
    });
  const first = daemonSet({ image: "agent:1" });
  const owner = daemonSet();

  it("makes a revision for a new template, numbered after the others", () => {
    const plan = planHistory(owner, [revision("a", 1, first), revision("b", 4, daemonSet({ image: "agent:0" }))]);
    expect([plan.current, plan.revision, plan.old.length]).toEqual([undefined, 5, 2]);
    const made = renderRevision(owner, plan.revision);
    const hash = made.metadata?.labels?.["controller-revision-hash"];
    expect(made).toEqual({
      metadata: {
        name: `agent-${hash}`,
        namespace: "default",
        labels: { app: "agent", "controller-revision-hash": hash },
        annotations: { team: "a" },
        ownerReferences: [controllerReference(owner)],
      },
      data: revisionData(owner),
      revision: 5,
    });
  });

  it("writes the patch with sorted keys, as clients compare it byte by byte", () => {
    const text = JSON.stringify(revisionData(owner));
    expect(
      text.startsWith('{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"app":"agent"}},"spec":{'),
    ).toBe(true);
  });

  it("keeps the highest of several revisions of one template, and numbers it anew after a rollback", () => {
    const plan = planHistory(owner, [revision("a", 1, owner), revision("b", 3, first), revision("c", 2, owner)]);
    expect({
      current: plan.current?.metadata.name,
      duplicates: plan.duplicates.map(({ metadata }) => metadata.name),
      revision: plan.revision,
    }).toEqual({ current: "c", duplicates: ["a"], revision: 4 });
  });

  it("forgets the lowest revisions over the limit that no pod carries", () => {
    const old = [revision("r3", 3, first), revision("r1", 1, first), revision("r2", 2, first)];
    const removed = planHistoryCleanup(daemonSet({ historyLimit: 1 }), old, [pod("a", "n1", { hash: "r1" })]);
    expect(removed.map(({ metadata }) => metadata.name)).toEqual(["r2", "r3"]);
  });
});
