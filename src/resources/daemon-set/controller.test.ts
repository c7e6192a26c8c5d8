import { afterEach, describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import { controllerRevisions, daemonSets, nodes, pods } from "../../api/resources.ts";
import type { DaemonSet } from "../../api/types/apps-v1.ts";
import {
  type ControllerHarness,
  type HollowBehaviour,
  startControllerHarness,
} from "../../testing/controller-harness.ts";
import { resourceControllers } from "../controllers.ts";

let harness: ControllerHarness;
afterEach(() => harness.stop());

const start = async (behaviour: HollowBehaviour = {}): Promise<void> => {
  harness = await startControllerHarness({
    controllers: resourceControllers,
    behaviour,
    nodes: ["node-1", "node-2", "node-3"],
  });
};

const key = { namespace: "default", name: "agent" };
const agent = (spec: Input<DaemonSet["spec"]> = {}): Input<DaemonSet> => ({
  metadata: key,
  spec: {
    selector: { matchLabels: { app: "agent" } },
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    revisionHistoryLimit: 2,
    template: { metadata: { labels: { app: "agent" } }, spec: { containers: [{ name: "agent", image: "agent:1" }] } },
    ...spec,
  },
});
const status = async () => (await harness.client.get(daemonSets, key)).status;
const placed = async (): Promise<string[]> =>
  (await harness.list(pods)).map(({ spec }) => `${spec.nodeName} ${spec.containers?.[0]?.image}`).toSorted();
const setImage = (image: string) =>
  harness.client.patch(daemonSets, key, "strategic", {
    spec: { template: { spec: { containers: [{ name: "agent", image }] } } },
  });
const isRolledOut = async (image: string): Promise<boolean> => {
  const { updatedNumberScheduled, numberAvailable, desiredNumberScheduled } = await status();
  const images = new Set((await harness.list(pods)).map(({ spec }) => spec.containers?.[0]?.image));
  return (
    images.size === 1 &&
    images.has(image) &&
    updatedNumberScheduled === desiredNumberScheduled &&
    numberAvailable === desiredNumberScheduled
  );
};

describe("DaemonSet", () => {
  it("puts one pod on every node, also on one that comes later, and counts them", async () => {
    await start();
    await harness.client.create(daemonSets, agent());
    await harness.run(10_000);
    await harness.addNode("node-4");
    await harness.run(10_000);
    expect(await placed()).toEqual(["node-1", "node-2", "node-3", "node-4"].map((node) => `${node} agent:1`));
    expect(await status()).toEqual({
      currentNumberScheduled: 4,
      desiredNumberScheduled: 4,
      numberMisscheduled: 0,
      numberReady: 4,
      updatedNumberScheduled: 4,
      numberAvailable: 4,
      observedGeneration: 1,
    });
    expect((await harness.eventsOf("agent")).length).toBe(4);
    expect(harness.log).toEqual([]);
  });

  it("leaves a node that is tainted or loses its label", async () => {
    await start();
    for (const name of ["node-1", "node-2"])
      await harness.client.patch(nodes, { name }, "merge", { metadata: { labels: { disk: "ssd" } } });
    const { template } = agent().spec as NonNullable<DaemonSet["spec"]>;
    await harness.client.create(
      daemonSets,
      agent({ template: { ...template, spec: { ...template.spec, nodeSelector: { disk: "ssd" } } } }),
    );
    await harness.run(10_000);
    expect(await placed()).toEqual(["node-1 agent:1", "node-2 agent:1"]);
    await harness.client.patch(nodes, { name: "node-1" }, "merge", { metadata: { labels: { disk: null } } });
    await harness.client.patch(nodes, { name: "node-2" }, "merge", {
      spec: { taints: [{ key: "out", effect: "NoExecute" }] },
    });
    await harness.run(10_000);
    expect([await placed(), (await status()).desiredNumberScheduled]).toEqual([[], 0]);
  });

  it("replaces pods one node at a time, and can be rolled back to an earlier revision", async () => {
    await start();
    await harness.client.create(daemonSets, agent());
    await harness.until("running", () => isRolledOut("agent:1"));
    await setImage("agent:2");
    let missing = 0;
    await harness.until("rolled out", async () => {
      missing = Math.max(
        missing,
        3 -
          (await harness.list(pods)).filter(
            (pod) => pod.metadata.deletionTimestamp === undefined && pod.status.phase === "Running",
          ).length,
      );
      return isRolledOut("agent:2");
    });
    expect(missing).toBe(1);
    const [first] = (await harness.list(controllerRevisions)).toSorted((a, b) => a.revision - b.revision);
    await harness.client.patch(daemonSets, key, "strategic", first?.data);
    await harness.until("rolled back", () => isRolledOut("agent:1"));
    await harness.run(5_000);
    const revisions = (await harness.list(controllerRevisions)).map(({ metadata, revision }) => [
      metadata.name,
      revision,
    ]);
    expect(revisions.toSorted((a, b) => Number(a[1]) - Number(b[1])).map(([, revision]) => revision)).toEqual([2, 3]);
    expect(revisions).toContainEqual([first?.metadata.name, 3]);
    expect(harness.log).toEqual([]);
  });

  it("with surge never leaves a node without a pod", async () => {
    await start();
    await harness.client.create(
      daemonSets,
      agent({ updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } }),
    );
    await harness.until("running", () => isRolledOut("agent:1"));
    await setImage("agent:2");
    let fewest = 9;
    await harness.until("rolled out", async () => {
      const serving = (await harness.list(pods)).filter(
        (pod) => pod.metadata.deletionTimestamp === undefined && pod.status.phase === "Running",
      );
      fewest = Math.min(fewest, new Set(serving.map(({ spec }) => spec.nodeName)).size);
      return isRolledOut("agent:2");
    });
    expect(fewest).toBe(3);
  });

  it("on deletion only replaces what is deleted, and remembers a limited number of revisions", async () => {
    await start();
    await harness.client.create(daemonSets, agent({ updateStrategy: { type: "OnDelete" } }));
    await harness.until("running", async () => (await status()).numberAvailable === 3);
    await setImage("agent:2");
    await harness.run(30_000);
    expect((await placed()).every((line) => line.endsWith("agent:1"))).toBe(true);
    const [victim] = await harness.list(pods);
    await harness.client.delete(pods, { namespace: "default", name: victim?.metadata.name ?? "" });
    await harness.run(10_000);
    expect((await placed()).filter((line) => line.endsWith("agent:2")).length).toBe(1);
    for (const image of ["agent:3", "agent:4", "agent:5"]) {
      await setImage(image);
      await harness.run(5_000);
    }
    // Two old ones are in use by pods, one is current; those beyond the limit that nobody uses are gone.
    const revisions = (await harness.list(controllerRevisions)).map(({ revision }) => revision).toSorted();
    expect(revisions).toEqual([1, 2, 5]);
  });

  it("does not fight with a node that fails its pods", async () => {
    await start({ ends: () => ({ afterMs: 100, phase: "Failed" }) });
    await harness.client.create(daemonSets, agent());
    await harness.run(60_000);
    const created = (await harness.eventsOf("agent")).filter((event) => event.includes("SuccessfulCreate")).length;
    expect(created).toBeLessThan(3 * 8);
    expect(
      (await harness.eventsOf("agent")).some((event) =>
        /Found failed daemon pod default\/agent-\w+ on node node-\d, will try to kill it/.test(event),
      ),
    ).toBe(true);
  });
});
