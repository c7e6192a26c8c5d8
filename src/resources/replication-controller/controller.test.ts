import { afterEach, describe, expect, it } from "vitest";
import { pods, replicationControllers } from "../../api/resources.ts";
import { clusterControllers } from "../../controllers/controllers.ts";
import { type ControllerHarness, startControllerHarness } from "../../testing/controller-harness.ts";
import { resourceControllers } from "../controllers.ts";

let harness: ControllerHarness;
afterEach(() => harness.stop());

const key = { namespace: "default", name: "web" };
const start = async (replicas: number): Promise<void> => {
  harness = await startControllerHarness({
    controllers: [...resourceControllers, ...clusterControllers({ rootCa: "pem" })],
  });
  await harness.client.create(replicationControllers, {
    metadata: key,
    spec: {
      replicas,
      selector: { app: "web" },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "web:1" }] } },
    },
  });
  await harness.run(10_000);
};
const podNames = async () => (await harness.list(pods, "default")).map(({ metadata }) => metadata.name);

describe("ReplicationController", () => {
  it("keeps its number of pods, counts them and tells of them", async () => {
    await start(3);
    const names = await podNames();
    expect(names.map((name) => name.replace(/-[a-z0-9]{5}$/, "-*"))).toEqual(["web-*", "web-*", "web-*"]);
    expect((await harness.client.get(replicationControllers, key)).status).toEqual({
      replicas: 3,
      fullyLabeledReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      observedGeneration: 1,
    });
    expect((await harness.eventsOf("web")).toSorted()).toEqual(
      names.map((name) => `Normal SuccessfulCreate: Created pod: ${name}`).toSorted(),
    );
    await harness.client.delete(pods, { namespace: "default", name: names[0] ?? "" });
    await harness.run(10_000);
    expect((await podNames()).length).toBe(3);
    expect(harness.log).toEqual([]);
  });

  it("follows its number up and down, and takes its pods with it", async () => {
    await start(1);
    await harness.client.patch(replicationControllers, key, "merge", { spec: { replicas: 4 } });
    await harness.run(10_000);
    expect((await podNames()).length).toBe(4);
    await harness.client.patch(replicationControllers, key, "merge", { spec: { replicas: 2 } });
    await harness.run(10_000);
    expect((await podNames()).length).toBe(2);
    await harness.client.delete(replicationControllers, key, { propagationPolicy: "Background" });
    await harness.run(10_000);
    expect(await podNames()).toEqual([]);
  });

  it("takes pods over that fit its selector, and lets go of one that fits no more", async () => {
    await start(2);
    const [first] = await podNames();
    await harness.client.patch(pods, { namespace: "default", name: first ?? "" }, "merge", {
      metadata: { labels: { app: "other" } },
    });
    await harness.run(10_000);
    const owned = (await harness.list(pods, "default")).map(({ metadata }) => metadata.ownerReferences?.length ?? 0);
    expect(owned.toSorted()).toEqual([0, 1, 1]);
    await harness.client.patch(pods, { namespace: "default", name: first ?? "" }, "merge", {
      metadata: { labels: { app: "web" } },
    });
    await harness.run(10_000);
    expect((await podNames()).length).toBe(2);
  });
});
