import { afterEach, describe, expect, it } from "vitest";
import { daemonSets, deployments, endpointSlices, jobs, pods, replicaSets, services } from "../api/resources.ts";
import { resourceControllers } from "../resources/controllers.ts";
import { isPodReady } from "../resources/pod-status.ts";
import { type ControllerHarness, type HollowBehaviour, startControllerHarness } from "../testing/controller-harness.ts";
import { clusterControllers } from "./controllers.ts";

let harness: ControllerHarness;
afterEach(() => harness.stop());

/** Longer than any reconcile's own delay, so that every decision is made again before the caches show the first. */
const cacheLagMs = 3_000;

const start = async (behaviour: HollowBehaviour = {}): Promise<void> => {
  harness = await startControllerHarness({
    controllers: [...resourceControllers, ...clusterControllers({ rootCa: "pem" })],
    nodes: ["node-1", "node-2", "node-3"],
    behaviour,
    heartbeats: true,
    cacheLagMs,
  });
};
const key = { namespace: "default", name: "web" };
const spec = {
  selector: { matchLabels: { app: "web" } },
  template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "web:1" }] } },
};
/** The most pods that there were at once while time passed. */
const mostPods = async (forMs: number): Promise<number> => {
  let most = 0;
  for (let passedMs = 0; passedMs < forMs; passedMs += 500) {
    await harness.run(500);
    most = Math.max(most, (await harness.list(pods, "default")).length);
  }
  return most;
};

describe("controllers whose caches lag", () => {
  it("make each pod of a Deployment once, and delete no more than they should", async () => {
    await start();
    await harness.client.create(deployments, { metadata: key, spec: { ...spec, replicas: 5 } });
    expect(await mostPods(60_000)).toBe(5);
    await harness.client.patch(deployments, key, "merge", { spec: { replicas: 2 } });
    await harness.run(60_000);
    expect((await harness.list(pods, "default")).filter(isPodReady).length).toBe(2);
    await harness.client.patch(deployments, key, "strategic", {
      spec: { template: { spec: { containers: [{ name: "web", image: "web:2" }] } } },
    });
    // Two, one above them, and those that are stopping.
    expect(await mostPods(120_000)).toBeLessThanOrEqual(4);
    const sets = await harness.list(replicaSets, "default");
    expect(sets.map(({ spec: { replicas } }) => replicas).toSorted()).toEqual([0, 2]);
    const events = (await Promise.all(sets.map(({ metadata }) => harness.eventsOf(metadata.name)))).flat();
    const once = (reason: string) => events.filter((event) => event.includes(reason) && !event.includes("(x")).length;
    expect([once("SuccessfulCreate"), once("SuccessfulDelete"), events.length]).toEqual([7, 5, 12]);
    expect(harness.log).toEqual([]);
  });

  it("make one pod for each completion of a Job", async () => {
    await start({ ends: () => ({ afterMs: 1_000, phase: "Succeeded" }) });
    const template = { ...spec.template, spec: { ...spec.template.spec, restartPolicy: "Never" as const } };
    await harness.client.create(jobs, { metadata: key, spec: { completions: 12, parallelism: 4, template } });
    await harness.until("complete", async () => (await harness.client.get(jobs, key)).status.succeeded === 12, 600_000);
    await harness.run(60_000);
    expect((await harness.list(pods, "default")).length).toBe(12);
    expect((await harness.client.get(jobs, key)).status.conditions?.map(({ type }) => type)).toEqual([
      "SuccessCriteriaMet",
      "Complete",
    ]);
  });

  it("make one pod of a DaemonSet for each node, and one slice of a Service", async () => {
    await start();
    await harness.client.create(services, { metadata: key, spec: { selector: { app: "web" }, ports: [{ port: 80 }] } });
    await harness.client.create(daemonSets, { metadata: key, spec });
    expect(await mostPods(60_000)).toBe(3);
    expect((await harness.list(endpointSlices, "default")).map(({ endpoints }) => endpoints?.length)).toEqual([3]);
    expect(harness.log).toEqual([]);
  });
});
