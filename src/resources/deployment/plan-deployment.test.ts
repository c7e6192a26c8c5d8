import { describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import { deployments, replicaSets } from "../../api/resources.ts";
import type { Deployment, ReplicaSet } from "../../api/types/apps-v1.ts";
import { formatTime } from "../../base/clock.ts";
import { controllerReference } from "../../controllerkit/ownership.ts";
import { buildObject } from "../../testing/build-object.ts";
import { type DeploymentPlan, planDeployment } from "./plan-deployment.ts";
import { rolloutLimits } from "./rollout-limits.ts";
import { renderChangedSet, renderNewSet } from "./rollout-sets.ts";

const startMs = Date.UTC(2026, 0, 1);
const generation = 3;

interface Options {
  replicas?: number;
  maxSurge?: number | string;
  maxUnavailable?: number | string;
  strategy?: "Recreate" | "RollingUpdate";
  image?: string;
  spec?: Input<Deployment["spec"]>;
  status?: Input<Deployment["status"]>;
  annotations?: Record<string, string>;
  metadata?: Input<Deployment["metadata"]>;
}

const template = (image: string, hash?: string) => ({
  metadata: { labels: { app: "web", ...(hash === undefined ? {} : { "pod-template-hash": hash }) } },
  spec: { containers: [{ name: "web", image }] },
});

function deployment(options: Options = {}): Deployment {
  const { strategy = "RollingUpdate", maxSurge = "25%", maxUnavailable = "25%", annotations } = options;
  return buildObject(deployments, {
    metadata: { generation, ...(annotations === undefined ? {} : { annotations }), ...options.metadata },
    spec: {
      replicas: options.replicas ?? 10,
      selector: { matchLabels: { app: "web" } },
      template: template(options.image ?? "web:2"),
      strategy: {
        type: strategy,
        ...(strategy === "Recreate" ? {} : { rollingUpdate: { maxSurge, maxUnavailable } }),
      },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...options.spec,
    },
    ...(options.status === undefined ? {} : { status: options.status }),
  });
}

interface SetOptions {
  name: string;
  image: string;
  replicas: number;
  status?: Input<ReplicaSet["status"]>;
  revision?: number;
  desired?: number;
  max?: number;
  ageSeconds?: number;
  annotations?: Record<string, string>;
}

/** A ReplicaSet whose pods are all there and available, unless `status` says otherwise. */
function replicaSet(options: SetOptions): ReplicaSet {
  const { name, replicas, revision, desired, max } = options;
  return buildObject(replicaSets, {
    metadata: {
      name,
      creationTimestamp: formatTime(startMs - (options.ageSeconds ?? 100) * 1000),
      labels: { app: "web", "pod-template-hash": name },
      annotations: {
        ...(revision === undefined ? {} : { "deployment.kubernetes.io/revision": String(revision) }),
        ...(desired === undefined ? {} : { "deployment.kubernetes.io/desired-replicas": String(desired) }),
        ...(max === undefined ? {} : { "deployment.kubernetes.io/max-replicas": String(max) }),
        ...options.annotations,
      },
    },
    spec: {
      replicas,
      selector: { matchLabels: { app: "web", "pod-template-hash": name } },
      template: template(options.image, name),
    },
    status: {
      replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
      terminatingReplicas: 0,
      observedGeneration: 1,
      ...options.status,
    },
  });
}

const plan = (owner: Deployment, sets: ReplicaSet[], nowMs = startMs, running = new Map<string, number>()) =>
  planDeployment({ deployment: owner, replicaSets: sets, runningPods: running }, nowMs);

/** Sizes after the pass, by name. */
function sizes({ create, sets }: DeploymentPlan): Record<string, number> {
  const all = create === undefined ? sets : [...sets, { ...create, name: "created" }];
  return Object.fromEntries(all.map((set) => [set.name, set.replicas]));
}

const conditions = ({ status }: DeploymentPlan): string[] =>
  (status.conditions ?? []).map(({ type, status, reason, message }) => `${type}=${status} ${reason}: ${message}`);

describe("rollout limits", () => {
  it.each([
    { name: "a quarter of 10", replicas: 10, maxSurge: "25%", maxUnavailable: "25%", expected: [3, 2] },
    { name: "a quarter of 1", replicas: 1, maxSurge: "25%", maxUnavailable: "25%", expected: [1, 0] },
    { name: "a quarter of 3", replicas: 3, maxSurge: "25%", maxUnavailable: "25%", expected: [1, 0] },
    { name: "numbers", replicas: 10, maxSurge: 5, maxUnavailable: 4, expected: [5, 4] },
    { name: "one percent of 2, no surge", replicas: 2, maxSurge: "0%", maxUnavailable: "1%", expected: [0, 1] },
    { name: "more unavailable than there are", replicas: 3, maxSurge: 0, maxUnavailable: 10, expected: [0, 3] },
    { name: "none wanted", replicas: 0, maxSurge: "25%", maxUnavailable: "25%", expected: [0, 0] },
  ])("round surge up and unavailable down: $name", ({ expected, ...options }) => {
    const limits = rolloutLimits(deployment(options));
    expect([limits.maxSurge, limits.maxUnavailable]).toEqual(expected);
  });
});

describe("new ReplicaSet", () => {
  it("carries template, hash, revision and counts, and as many pods as the surge allows", () => {
    const owner = deployment({ annotations: { team: "a", "deployment.kubernetes.io/revision": "4" } });
    const result = plan(owner, [replicaSet({ name: "old", image: "web:1", replicas: 10, revision: 4, desired: 10 })]);
    const created = renderNewSet(owner, result.create as never);
    const hash = (created.metadata as { name: string }).name.slice("web-".length);
    expect(hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
    expect(created).toEqual({
      metadata: {
        name: `web-${hash}`,
        namespace: "default",
        labels: { app: "web", "pod-template-hash": hash },
        annotations: {
          team: "a",
          "deployment.kubernetes.io/revision": "5",
          "deployment.kubernetes.io/desired-replicas": "10",
          "deployment.kubernetes.io/max-replicas": "13",
        },
        ownerReferences: [controllerReference(owner)],
      },
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: "web", "pod-template-hash": hash } },
        template: { ...owner.spec.template, metadata: { labels: { app: "web", "pod-template-hash": hash } } },
      },
    });
    expect(result.revision).toBe("5");
  });

  it("gets another name when the first one is taken", () => {
    const first = plan(deployment(), []).create?.name;
    const second = plan(deployment({ status: { collisionCount: 1 } }), []).create?.name;
    expect(second).not.toBe(first);
  });

  it("is cut to the longest name that there may be", () => {
    const owner = deployment({ metadata: { name: "x".repeat(250) } });
    expect(plan(owner, []).create?.name).toHaveLength(253);
  });

  it("says in the status what has begun", () => {
    const result = plan(deployment({ replicas: 2 }), []);
    expect({ status: result.status.observedGeneration, conditions: conditions(result) }).toEqual({
      status: generation,
      conditions: [
        `Progressing=True NewReplicaSetCreated: Created new replica set "${result.create?.name}"`,
        "Available=False MinimumReplicasUnavailable: Deployment does not have minimum availability.",
      ],
    });
  });
});

describe("rolling update", () => {
  const old = (replicas: number, available = replicas) =>
    replicaSet({
      name: "old",
      image: "web:1",
      replicas,
      desired: 10,
      status: { availableReplicas: available, readyReplicas: available },
      ageSeconds: 500,
    });
  const current = (replicas: number, available = replicas) =>
    replicaSet({
      name: "new",
      image: "web:2",
      replicas,
      desired: 10,
      revision: 2,
      status: { availableReplicas: available, readyReplicas: available },
    });

  it.each([
    { name: "grows the new one into the surge first", from: [10, 10, 0, 0], to: { old: 10, new: 3 } },
    { name: "takes old ones away as far as availability allows", from: [10, 10, 3, 0], to: { old: 8, new: 3 } },
    { name: "grows into the room made", from: [8, 8, 3, 3], to: { old: 8, new: 5 } },
    { name: "waits while new pods are not available", from: [8, 8, 5, 0], to: { old: 8, new: 5 } },
    { name: "takes as many as have become available", from: [8, 8, 5, 5], to: { old: 3, new: 5 } },
    { name: "ends with none of the old", from: [3, 3, 10, 10], to: { old: 0, new: 10 } },
    { name: "takes unhealthy old pods away first, surge or not", from: [8, 5, 3, 0], to: { old: 8, new: 5 } },
    { name: "removes unhealthy old pods, then what availability allows", from: [10, 6, 3, 3], to: { old: 5, new: 3 } },
    { name: "holds when an old set reports more than it is to have", from: [7, 9, 6, 6], to: { old: 7, new: 6 } },
    { name: "shrinks a current set that is too large", from: [0, 0, 12, 12], to: { old: 0, new: 10 } },
  ])("$name", ({ from: [oldReplicas, oldAvailable, newReplicas, newAvailable], to }) => {
    const sets = [old(oldReplicas as number, oldAvailable), current(newReplicas as number, newAvailable)];
    expect(sizes(plan(deployment(), sets))).toEqual(to);
  });

  it("shrinks the oldest of several old sets first", () => {
    const sets = [
      replicaSet({ name: "oldest", image: "web:0", replicas: 4, desired: 10, ageSeconds: 900 }),
      replicaSet({ name: "older", image: "web:1", replicas: 4, desired: 10, ageSeconds: 600 }),
      current(5),
    ];
    expect(sizes(plan(deployment(), sets))).toEqual({ oldest: 0, older: 3, new: 5 });
  });

  it("tells each change of size, also two of one set in one pass", () => {
    // 13 - 8 available - 0 = 5 may go: four unhealthy ones, then nothing healthy beyond what must stay.
    const sets = [old(8, 7), current(5, 5)];
    const result = plan(deployment(), sets);
    expect(result.sets.map(({ name, scalings }) => [name, scalings])).toEqual([
      [
        "old",
        [
          { from: 8, to: 7 },
          { from: 7, to: 3 },
        ],
      ],
      ["new", []],
    ]);
    expect(renderChangedSet(result.sets[0] as never)?.metadata.annotations).toEqual({
      "deployment.kubernetes.io/desired-replicas": "10",
      "deployment.kubernetes.io/max-replicas": "13",
    });
  });

  it("rolls back to an old template by making its set current with a new revision and remembering the old one", () => {
    const sets = [
      replicaSet({
        name: "first",
        image: "web:2",
        replicas: 0,
        revision: 1,
        annotations: { "deployment.kubernetes.io/revision-history": "" },
      }),
      replicaSet({ name: "second", image: "web:1", replicas: 10, revision: 2, desired: 10 }),
    ];
    const result = plan(deployment(), sets);
    expect({ sizes: sizes(result), revision: result.revision }).toEqual({
      sizes: { first: 3, second: 10 },
      revision: "3",
    });
    expect(result.sets.find((set) => set.name === "first")?.annotations).toMatchObject({
      "deployment.kubernetes.io/revision": "3",
      "deployment.kubernetes.io/revision-history": "1",
    });
  });

  it("passes minReadySeconds and annotations on to the current set", () => {
    const owner = deployment({ annotations: { team: "a" }, spec: { minReadySeconds: 7 } });
    const set = plan(owner, [current(10)]).sets[0];
    expect([set?.minReadySeconds, set?.annotations["team"]]).toEqual([7, "a"]);
  });
});

describe("scaling", () => {
  it.each([
    {
      name: "a single set takes the whole change",
      replicas: 20,
      sets: [{ name: "new", image: "web:2", replicas: 10, desired: 10, max: 13 }],
      expected: { new: 20 },
    },
    {
      name: "growth in the middle of a rollout is shared in proportion",
      replicas: 15,
      maxSurge: 3,
      maxUnavailable: 2,
      sets: [
        { name: "old", image: "web:1", replicas: 8, desired: 10, max: 13, ageSeconds: 500 },
        { name: "new", image: "web:2", replicas: 5, desired: 10, max: 13, status: { availableReplicas: 0 } },
      ],
      // Source: Kubernetes documentation, "Deployments", proportional scaling: 3 to the old and 2 to the new one.
      expected: { old: 11, new: 7 },
    },
    {
      name: "shrinking is shared too, leftovers from the largest",
      replicas: 5,
      maxSurge: 3,
      maxUnavailable: 2,
      sets: [
        { name: "old", image: "web:1", replicas: 8, desired: 10, max: 13, ageSeconds: 500 },
        { name: "new", image: "web:2", replicas: 5, desired: 10, max: 13, status: { availableReplicas: 0 } },
      ],
      expected: { old: 5, new: 3 },
    },
    {
      name: "to zero empties all",
      replicas: 0,
      sets: [
        { name: "old", image: "web:1", replicas: 8, desired: 10, max: 13, ageSeconds: 500 },
        { name: "new", image: "web:2", replicas: 5, desired: 10, max: 13 },
      ],
      expected: { old: 0, new: 0 },
    },
  ])("$name", ({ sets, expected, ...options }) => {
    expect(sizes(plan(deployment(options), sets.map(replicaSet)))).toEqual(expected);
  });

  it("while paused sizes sets but makes none, and stops the clock of the deadline", () => {
    const owner = deployment({ replicas: 4, spec: { paused: true } });
    const result = plan(owner, [replicaSet({ name: "old", image: "web:1", replicas: 2, desired: 2 })]);
    expect({ create: result.create, sizes: sizes(result), condition: conditions(result)[0] }).toEqual({
      create: undefined,
      sizes: { old: 4 },
      condition: "Progressing=Unknown DeploymentPaused: Deployment is paused",
    });
  });

  it("notes that it goes on after a pause", () => {
    const paused = {
      type: "Progressing",
      status: "Unknown",
      reason: "DeploymentPaused",
      message: "Deployment is paused",
      lastUpdateTime: "2026-01-01T00:00:00Z",
      lastTransitionTime: "2026-01-01T00:00:00Z",
    };
    const counts = { replicas: 10, updatedReplicas: 10, readyReplicas: 10, availableReplicas: 5 };
    const owner = deployment({ status: { ...counts, conditions: [paused] } });
    const sets = [
      replicaSet({ name: "new", image: "web:2", replicas: 10, desired: 10, status: { availableReplicas: 5 } }),
    ];
    expect(conditions(plan(owner, sets))).toContain("Progressing=Unknown DeploymentResumed: Deployment is resumed");
  });
});

describe("recreate", () => {
  const recreated = deployment({ strategy: "Recreate", replicas: 3 });
  const oldSet = (replicas: number, reported: number) =>
    replicaSet({ name: "old", image: "web:1", replicas, desired: 3, status: { replicas: reported } });

  it("empties old sets before it makes the new one", () => {
    const result = plan(recreated, [oldSet(3, 3)]);
    expect({ create: result.create, sizes: sizes(result) }).toEqual({ create: undefined, sizes: { old: 0 } });
  });

  it.each([
    { name: "its set still reports pods", reported: 1, running: 0, created: false },
    { name: "a pod is still stopping", reported: 0, running: 1, created: false },
    { name: "all have ended", reported: 0, running: 0, created: true },
  ])("makes the new set only when no old pod runs: $name", ({ reported, running, created }) => {
    const set = oldSet(0, reported);
    const result = plan(recreated, [set], startMs, new Map([[set.metadata.uid, running]]));
    expect(result.create?.replicas).toBe(created ? 3 : undefined);
  });
});

describe("status", () => {
  const progressing = (reason: string, secondsAgo: number) => ({
    type: "Progressing",
    status: reason === "ProgressDeadlineExceeded" ? "False" : "True",
    reason,
    message: "before",
    lastUpdateTime: formatTime(startMs - secondsAgo * 1000),
    lastTransitionTime: formatTime(startMs - 3_600_000),
  });
  const available = {
    type: "Available",
    status: "True",
    reason: "MinimumReplicasAvailable",
    message: "Deployment has minimum availability.",
    lastUpdateTime: "2025-12-31T00:00:00Z",
    lastTransitionTime: "2025-12-31T00:00:00Z",
  };
  const newSet = (status: Input<ReplicaSet["status"]>, replicas = 10) =>
    replicaSet({ name: "web-new", image: "web:2", replicas, desired: 10, revision: 1, status });

  it("counts pods over all sets and leaves zeros out", () => {
    const sets = [
      replicaSet({ name: "old", image: "web:1", replicas: 4, desired: 10, status: { terminatingReplicas: 2 } }),
      newSet({ replicas: 6, readyReplicas: 5, availableReplicas: 4, terminatingReplicas: 1 }, 6),
    ];
    const { conditions: _conditions, ...counts } = plan(deployment(), sets).status;
    expect(counts).toEqual({
      observedGeneration: generation,
      replicas: 10,
      updatedReplicas: 6,
      readyReplicas: 9,
      availableReplicas: 8,
      unavailableReplicas: 5,
      terminatingReplicas: 3,
    });
  });

  it("is complete once all pods are new and available, and says so once", () => {
    const owner = deployment({ status: { conditions: [progressing("ReplicaSetUpdated", 30), available] } });
    const done = plan(owner, [newSet({})]);
    expect(conditions(done)).toEqual([
      "Available=True MinimumReplicasAvailable: Deployment has minimum availability.",
      'Progressing=True NewReplicaSetAvailable: ReplicaSet "web-new" has successfully progressed.',
    ]);
    const again = plan(
      deployment({ status: done.status, annotations: { "deployment.kubernetes.io/revision": "1" } }),
      [newSet({})],
      startMs + 60_000,
    );
    expect({ status: again.status, requeue: again.requeueAfterMs }).toEqual({
      status: done.status,
      requeue: undefined,
    });
  });

  it("notes progress anew each time, keeping the time of transition", () => {
    const owner = deployment({
      status: {
        replicas: 10,
        updatedReplicas: 10,
        readyReplicas: 3,
        conditions: [progressing("ReplicaSetUpdated", 30)],
      },
    });
    const result = plan(owner, [newSet({ readyReplicas: 4, availableReplicas: 3 })]);
    expect(result.status.conditions?.find(({ type }) => type === "Progressing")).toEqual({
      type: "Progressing",
      status: "True",
      reason: "ReplicaSetUpdated",
      message: 'ReplicaSet "web-new" is progressing.',
      lastUpdateTime: formatTime(startMs),
      lastTransitionTime: formatTime(startMs - 3_600_000),
    });
  });

  it("waits for the deadline, then reports that it has passed, once", () => {
    const counts = {
      observedGeneration: generation,
      replicas: 10,
      updatedReplicas: 10,
      readyReplicas: 9,
      availableReplicas: 9,
      unavailableReplicas: 1,
      terminatingReplicas: 0,
    };
    const set = newSet({ readyReplicas: 9, availableReplicas: 9 });
    const waiting = deployment({
      status: { ...counts, conditions: [progressing("ReplicaSetUpdated", 180), available] },
    });
    expect(plan(waiting, [set]).requeueAfterMs).toBe(421_000);
    const late = plan(waiting, [set], startMs + 420_001);
    expect(conditions(late)).toContain(
      'Progressing=False ProgressDeadlineExceeded: ReplicaSet "web-new" has timed out progressing.',
    );
    const afterwards = plan(deployment({ status: late.status }), [set], startMs + 9_000_000);
    expect({ status: afterwards.status, requeue: afterwards.requeueAfterMs }).toEqual({
      status: late.status,
      requeue: undefined,
    });
  });

  it("judges no progress without a deadline", () => {
    const owner = deployment({
      spec: { progressDeadlineSeconds: 2_147_483_647 },
      status: { conditions: [progressing("ReplicaSetUpdated", 99_999)] },
    });
    expect(conditions(plan(owner, [newSet({ availableReplicas: 5 })])).map((line) => line.split("=")[0])).toEqual([
      "Available",
    ]);
  });

  it("passes on that pods cannot be made, until they can", () => {
    const failure = {
      type: "ReplicaFailure",
      status: "True",
      reason: "FailedCreate",
      message: "exceeded quota",
      lastTransitionTime: "2026-01-01T00:00:00Z",
    };
    const failing = plan(deployment(), [newSet({ conditions: [failure] })]);
    expect(conditions(failing)).toContain("ReplicaFailure=True FailedCreate: exceeded quota");
    const well = plan(deployment({ status: failing.status }), [newSet({})]);
    expect(conditions(well).join()).not.toContain("ReplicaFailure");
  });
});

describe("history", () => {
  it("removes the oldest empty sets over the limit once the rollout is complete", () => {
    const empty = (name: string, revision: number, more: Partial<SetOptions> = {}) =>
      replicaSet({ name, image: name, replicas: 0, revision, ageSeconds: 10_000 - revision, ...more });
    const sets = [
      empty("r1", 1),
      empty("r2", 2, { status: { replicas: 1 } }),
      empty("r3", 3),
      empty("r4", 4),
      replicaSet({ name: "new", image: "web:2", replicas: 10, revision: 5, desired: 10 }),
    ];
    const complete = {
      observedGeneration: generation,
      replicas: 10,
      updatedReplicas: 10,
      readyReplicas: 10,
      availableReplicas: 10,
    };
    const removed = (owner: Deployment) => plan(owner, sets).remove.map(({ metadata }) => metadata.name);
    expect(removed(deployment({ spec: { revisionHistoryLimit: 1 }, status: complete }))).toEqual(["r1", "r3"]);
    expect(removed(deployment({ spec: { revisionHistoryLimit: 1 } }))).toEqual([]);
    expect(removed(deployment({ spec: { revisionHistoryLimit: 2_147_483_647 }, status: complete }))).toEqual([]);
  });
});
