import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Draft } from "../../api/draft.ts";
import { deployments, replicaSets } from "../../api/resources.ts";
import type { Deployment, ReplicaSet } from "../../api/types/apps-v1.ts";
import { buildObject } from "../../testing/build-object.ts";
import { planDeployment } from "./plan-deployment.ts";
import { rolloutLimits } from "./rollout-limits.ts";
import { renderChangedSet, renderNewSet } from "./rollout-sets.ts";

/** A Deployment with its ReplicaSets and pods, moved on one event at a time, in any order. */
function createSimulation(options: { replicas: number; maxSurge: number | string; maxUnavailable: number | string }) {
  let nowMs = Date.UTC(2026, 0, 1);
  let created = 0;
  let deployment: Deployment = buildObject(deployments, {
    spec: {
      replicas: options.replicas,
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web" } },
        spec: { containers: [{ name: "web", image: "web:0" }] },
      },
      strategy: {
        type: "RollingUpdate",
        rollingUpdate: { maxSurge: options.maxSurge, maxUnavailable: options.maxUnavailable },
      },
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 2,
    },
  });
  const sets = new Map<string, ReplicaSet>();
  /** Pods of each set: whether they are available. */
  const pods = new Map<string, boolean[]>();

  const podsOf = (name: string): boolean[] => pods.get(name) ?? [];
  return {
    limits: () => rolloutLimits(deployment),
    availablePods: () => [...pods.values()].flat().filter(Boolean).length,
    totalWanted: () => [...sets.values()].reduce((sum, set) => sum + (set.spec.replicas ?? 0), 0),
    wantedBySet: () =>
      [...sets.values()].map((set) => [set.spec.template.spec.containers?.[0]?.image, set.spec.replicas]),
    deployment: () => deployment,
    setNames: () => [...sets.keys()],
    change(spec: Partial<Draft<Deployment["spec"]>>) {
      const generation = (deployment.metadata.generation ?? 0) + 1;
      deployment = buildObject(deployments, {
        ...deployment,
        metadata: { ...deployment.metadata, generation },
        spec: { ...deployment.spec, ...(spec as Partial<Deployment["spec"]>) },
      });
    },
    setImage(image: string) {
      const { template } = deployment.spec;
      this.change({
        template: { ...template, spec: { ...template.spec, containers: [{ name: "web", image }] } },
      } as never);
    },
    /** One pass of the Deployment controller. @returns whether it changed anything */
    pass(): boolean {
      nowMs += 1000;
      const plan = planDeployment({ deployment, replicaSets: [...sets.values()], runningPods: new Map() }, nowMs);
      let hasChanged = plan.create !== undefined || plan.remove.length > 0;
      if (plan.create !== undefined) {
        created += 1;
        const creationTimestamp = new Date(Date.UTC(2026, 0, 1) + created * 1000).toISOString();
        const input = renderNewSet(deployment, plan.create);
        const set = buildObject(replicaSets, { ...input, metadata: { ...input.metadata, creationTimestamp } });
        sets.set(set.metadata.name, set);
      }
      for (const planned of plan.sets) {
        const changed = renderChangedSet(planned);
        if (changed === undefined) continue;
        hasChanged = true;
        sets.set(changed.metadata.name, {
          ...changed,
          metadata: { ...changed.metadata, generation: (changed.metadata.generation ?? 0) + 1 },
        });
      }
      for (const { metadata } of plan.remove) {
        expect(podsOf(metadata.name)).toEqual([]);
        sets.delete(metadata.name);
      }
      if (JSON.stringify(plan.status) !== JSON.stringify(deployment.status)) hasChanged = true;
      deployment = { ...deployment, status: plan.status };
      return hasChanged;
    },
    /** One pass of the ReplicaSet controller, which takes pods that are not available first. */
    syncSet(name: string) {
      const set = sets.get(name);
      if (set === undefined) return;
      const own = podsOf(name).toSorted((a, b) => Number(b) - Number(a));
      while (own.length < (set.spec.replicas ?? 0)) own.push(false);
      own.length = set.spec.replicas ?? 0;
      pods.set(name, own);
      const available = own.filter(Boolean).length;
      sets.set(name, {
        ...set,
        status: {
          replicas: own.length,
          readyReplicas: available,
          availableReplicas: available,
          terminatingReplicas: 0,
          observedGeneration: set.metadata.generation ?? 0,
        },
      });
    },
    /** One pod of the set becomes available. */
    readyOne(name: string) {
      const own = podsOf(name);
      const waiting = own.indexOf(false);
      if (waiting >= 0) own[waiting] = true;
    },
  };
}

type Simulation = ReturnType<typeof createSimulation>;

/** Most rounds until nothing changes any more: each moves a rollout of at most 12 pods on by one. */
const maxRounds = 200;

function settle(simulation: Simulation): void {
  for (let round = 0; round < maxRounds; round += 1) {
    for (const name of simulation.setNames()) {
      simulation.syncSet(name);
      for (let pod = 0; pod < 20; pod += 1) simulation.readyOne(name);
      simulation.syncSet(name);
    }
    if (!simulation.pass()) return;
  }
  throw new Error("the rollout does not come to an end");
}

const amount = fc.oneof(
  fc.integer({ min: 0, max: 6 }),
  fc.integer({ min: 0, max: 100 }).map((share) => `${share}%`),
);
const settings = fc
  .record({ replicas: fc.integer({ min: 1, max: 12 }), maxSurge: amount, maxUnavailable: amount })
  .filter(({ maxSurge, maxUnavailable }) => ![0, "0%"].includes(maxSurge) || ![0, "0%"].includes(maxUnavailable));
const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ kind: "pass" as const }) },
  { weight: 4, arbitrary: fc.nat(3).map((set) => ({ kind: "sync" as const, set })) },
  { weight: 6, arbitrary: fc.nat(3).map((set) => ({ kind: "ready" as const, set })) },
  { weight: 1, arbitrary: fc.nat(3).map((version) => ({ kind: "image" as const, version })) },
);

describe("a rolling update, whatever order things happen in", () => {
  it("never has fewer pods available than promised nor asks for more than allowed, and comes to its end", () => {
    fc.assert(
      fc.property(settings, fc.array(step, { maxLength: 120 }), (options, steps) => {
        const simulation = createSimulation(options);
        settle(simulation);
        const { desired, maxSurge, maxUnavailable } = simulation.limits();
        simulation.setImage("web:1");
        for (const event of steps) {
          const names = simulation.setNames();
          if (event.kind === "pass") simulation.pass();
          else if (event.kind === "image") simulation.setImage(`web:${event.version}`);
          else if (event.kind === "sync") simulation.syncSet(names[event.set % names.length] as string);
          else simulation.readyOne(names[event.set % names.length] as string);
          expect(simulation.totalWanted()).toBeLessThanOrEqual(desired + maxSurge);
          expect(simulation.availablePods()).toBeGreaterThanOrEqual(desired - maxUnavailable);
        }
        settle(simulation);
        const image = simulation.deployment().spec.template.spec.containers?.[0]?.image;
        expect(simulation.wantedBySet().filter(([, replicas]) => replicas !== 0)).toEqual([[image, options.replicas]]);
        expect(simulation.deployment().status).toMatchObject({
          replicas: options.replicas,
          updatedReplicas: options.replicas,
          availableReplicas: options.replicas,
        });
      }),
      { numRuns: 300 },
    );
  });

  it("keeps no more than the total allowed when it is scaled in between, and ends at the last size", () => {
    fc.assert(
      fc.property(
        settings,
        fc.array(
          fc.oneof(
            step,
            fc.integer({ min: 0, max: 12 }).map((replicas) => ({ kind: "scale" as const, replicas })),
          ),
          {
            maxLength: 80,
          },
        ),
        (options, steps) => {
          const simulation = createSimulation(options);
          settle(simulation);
          for (const event of steps) {
            const names = simulation.setNames();
            if (event.kind === "pass") simulation.pass();
            else if (event.kind === "image") simulation.setImage(`web:${event.version}`);
            else if (event.kind === "scale") simulation.change({ replicas: event.replicas });
            else if (names.length > 0 && event.kind === "sync")
              simulation.syncSet(names[event.set % names.length] as string);
            else if (names.length > 0 && event.kind === "ready")
              simulation.readyOne(names[event.set % names.length] as string);
          }
          settle(simulation);
          const wanted = simulation.deployment().spec.replicas;
          expect(simulation.totalWanted()).toBe(wanted);
          expect(simulation.availablePods()).toBe(wanted);
        },
      ),
      { numRuns: 200 },
    );
  });
});
