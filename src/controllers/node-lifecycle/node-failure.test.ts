import { afterEach, describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import { deployments, nodes, pods } from "../../api/resources.ts";
import type { Pod } from "../../api/types/core-v1.ts";
import type { Client } from "../../client/client.ts";
import { resourceControllers } from "../../resources/controllers.ts";
import { isPodReady } from "../../resources/pod-status.ts";
import {
  type ControllerHarness,
  type HollowBehaviour,
  startControllerHarness,
} from "../../testing/controller-harness.ts";
import { clusterControllers } from "../controllers.ts";

let harness: ControllerHarness;
afterEach(() => harness.stop());

const start = async (
  nodeNames: readonly string[],
  behaviour: HollowBehaviour = {},
  given: (client: Client) => Promise<unknown> = async () => undefined,
): Promise<void> => {
  harness = await startControllerHarness({
    given,
    controllers: [...resourceControllers, ...clusterControllers({ rootCa: "pem" })],
    nodes: nodeNames,
    heartbeats: true,
    behaviour,
  });
};
const key = { namespace: "default", name: "web" };
const deploy = async (replicas: number): Promise<void> => {
  await harness.client.create(deployments, {
    metadata: key,
    spec: {
      replicas,
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "web:1" }] } },
    },
  });
  await harness.until("running", async () => (await placed(isPodReady)).length === replicas);
};
const bare = (name: string, node: string, spec: Input<Pod["spec"]> = {}): Input<Pod> => ({
  metadata: { namespace: "default", name },
  spec: { nodeName: node, containers: [{ name: "web", image: "web:1" }], ...spec },
});
const placed = async (which: (pod: Pod) => boolean = () => true): Promise<readonly string[]> =>
  (await harness.list(pods, "default"))
    .filter(which)
    .map(({ spec }) => spec.nodeName ?? "")
    .toSorted();
const isLeaving = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined;
const taintsOf = async (name: string): Promise<readonly string[]> =>
  ((await harness.client.get(nodes, { name })).spec.taints ?? []).map(({ key: name_, effect }) => `${name_}:${effect}`);
const readiness = async (name: string) =>
  (await harness.client.get(nodes, { name })).status.conditions?.find(({ type }) => type === "Ready");

describe("a node", () => {
  it("is registered, and loses its first taint once it is ready", async () => {
    await start(["node-1"]);
    await harness.run(1_000);
    expect(await taintsOf("node-1")).toEqual([]);
    expect(await harness.eventsOf("node-1")).toEqual([
      "Normal RegisteredNode: Node node-1 event: Registered Node node-1 in Controller",
    ]);
    expect(harness.log).toEqual([]);
  });

  it("is tainted while it is cordoned", async () => {
    await start(["node-1"]);
    await harness.client.patch(nodes, { name: "node-1" }, "merge", { spec: { unschedulable: true } });
    await harness.run(1_000);
    expect(await taintsOf("node-1")).toEqual(["node.kubernetes.io/unschedulable:NoSchedule"]);
  });

  it("that does nothing costs nothing", async () => {
    await start(["node-1", "node-2"]);
    await deploy(2);
    await harness.run(60_000);
    const versions = async () =>
      [...(await harness.list(nodes)), ...(await harness.list(pods))].map(({ metadata }) => metadata.resourceVersion);
    const before = await versions();
    await harness.run(1_800_000);
    expect(await versions()).toEqual(before);
    expect(harness.log).toEqual([]);
  });
});

describe("a silent node", () => {
  it("is called unknown, its pods not ready, and after their toleration they move", async () => {
    await start(["node-1", "node-2", "node-3"]);
    await deploy(3);
    harness.failNode("node-1");
    await harness.run(39_000);
    expect((await readiness("node-1"))?.status).toBe("True");
    await harness.run(15_000);
    expect(await readiness("node-1")).toMatchObject({
      status: "Unknown",
      reason: "NodeStatusUnknown",
      message: "Kubelet stopped posting node status.",
    });
    expect(await taintsOf("node-1")).toEqual([
      "node.kubernetes.io/unreachable:NoSchedule",
      "node.kubernetes.io/unreachable:NoExecute",
    ]);
    expect(await placed(isPodReady)).toEqual(["node-2", "node-3"]);
    const lost = (await harness.list(pods, "default")).find((pod) => !isPodReady(pod));
    expect(await harness.eventsOf(lost?.metadata.name ?? "")).toContain("Warning NodeNotReady: Node is not ready");
    expect(await harness.eventsOf("node-1")).toContain("Normal NodeNotReady: Node node-1 status is now: NodeNotReady");
    await harness.run(280_000);
    expect(await placed(isLeaving)).toEqual([]);
    await harness.run(25_000);
    expect(await placed(isLeaving)).toEqual(["node-1"]);
    expect((await placed(isPodReady)).length).toBe(3);
    expect(await harness.eventsOf(lost?.metadata.name ?? "")).toContain(
      `Normal TaintManagerEviction: Marking for deletion Pod default/${lost?.metadata.name}`,
    );
    const { status } = await harness.client.get(pods, { namespace: "default", name: lost?.metadata.name ?? "" });
    expect(status.conditions?.find(({ type }) => type === "DisruptionTarget")).toMatchObject({
      status: "True",
      reason: "DeletionByTaintManager",
      message: "Taint manager: deleting due to NoExecute taint",
      observedGeneration: 1,
    });
    await harness.recoverNode("node-1");
    await harness.run(10_000);
    expect([await taintsOf("node-1"), (await placed()).length]).toEqual([[], 3]);
    expect(harness.log).toEqual([]);
  });

  it("has its pods called not ready once, and not again when someone else calls them ready", async () => {
    await start(["node-1", "node-2"]);
    await deploy(2);
    harness.failNode("node-1");
    const markReady = async (): Promise<void> => {
      const lost = (await harness.list(pods, "default")).find(({ spec }) => spec.nodeName === "node-1");
      const podKey = { namespace: "default", name: lost?.metadata.name ?? "" };
      const conditions = [{ type: "Ready", status: "True" }];
      await harness.client.patch(pods, podKey, "strategic", { status: { conditions } }, { subresource: "status" });
    };
    await harness.run(70_000);
    expect(await placed(isPodReady)).toEqual(["node-2"]);
    await markReady();
    await harness.client.patch(nodes, { name: "node-1" }, "merge", { metadata: { labels: { any: "thing" } } });
    await harness.run(1_000);
    expect(await placed(isPodReady)).toEqual(["node-1", "node-2"]);
  });

  it("has its pods called not ready when a former controller has not come to that", async () => {
    await start([], {}, async (client) => {
      const set = (status: string) => ({ status: { conditions: [{ type: "Ready", status }] } });
      await client.create(nodes, { metadata: { name: "node-1" } });
      await client.patch(nodes, { name: "node-1" }, "merge", set("Unknown"), { subresource: "status" });
      await client.create(pods, bare("left", "node-1"));
      await client.patch(pods, { namespace: "default", name: "left" }, "merge", set("True"), { subresource: "status" });
    });
    await harness.run(100);
    expect(await placed(isPodReady)).toEqual([]);
  });

  it("keeps its pods when it comes back in time", async () => {
    await start(["node-1", "node-2"]);
    await deploy(2);
    const before = (await harness.list(pods, "default")).map(({ metadata }) => metadata.name);
    harness.failNode("node-1");
    await harness.run(120_000);
    expect(await taintsOf("node-1")).toContain("node.kubernetes.io/unreachable:NoExecute");
    await harness.recoverNode("node-1");
    await harness.run(600_000);
    expect((await harness.list(pods, "default")).map(({ metadata }) => metadata.name)).toEqual(before);
    const events = (await Promise.all(before.map((name) => harness.eventsOf(name)))).flat();
    expect(events.filter((event) => event.includes("TaintManagerEviction"))).toEqual([
      expect.stringMatching(/^Normal TaintManagerEviction: Cancelling deletion of Pod default\/web-/),
    ]);
  });

  it("is given up only some time after another one, and not at all when all are silent", async () => {
    await start(["node-1", "node-2", "node-3", "node-4"]);
    await harness.run(5_000);
    harness.failNode("node-1");
    harness.failNode("node-2");
    const evicting = async () =>
      (await Promise.all(["node-1", "node-2", "node-3", "node-4"].map(taintsOf))).map((taints) =>
        taints.some((taint) => taint.endsWith("NoExecute")),
      );
    await harness.until("first", async () => (await evicting()).includes(true));
    expect(await evicting()).toEqual([true, false, false, false]);
    await harness.run(10_500);
    expect(await evicting()).toEqual([true, true, false, false]);
    harness.failNode("node-3");
    harness.failNode("node-4");
    await harness.run(120_000);
    expect(await evicting()).toEqual([false, false, false, false]);
    await harness.recoverNode("node-4");
    await harness.run(1_000);
    // Three failures of four are a broken zone.
    expect(await evicting()).toEqual([false, false, false, false]);
    await harness.recoverNode("node-3");
    await harness.run(60_000);
    expect(await evicting()).toEqual([true, true, false, false]);
    expect(harness.log).toEqual([]);
  });
});

describe("a NoExecute taint", () => {
  const taint = { key: "maintenance", value: "yes", effect: "NoExecute" as const };
  const setTaint = () => harness.client.patch(nodes, { name: "node-1" }, "merge", { spec: { taints: [taint] } });

  it("drives pods away by their tolerations", async () => {
    await start(["node-1"]);
    await harness.client.create(pods, bare("none", "node-1"));
    await harness.client.create(pods, bare("some", "node-1", { tolerations: [{ ...taint, tolerationSeconds: 60 }] }));
    await harness.client.create(pods, bare("all", "node-1", { tolerations: [{ operator: "Exists" }] }));
    await harness.run(5_000);
    const names = async () => (await harness.list(pods, "default")).map(({ metadata }) => metadata.name);
    await setTaint();
    await harness.run(5_000);
    expect(await names()).toEqual(["all", "some"]);
    await harness.run(60_000);
    expect(await names()).toEqual(["all"]);
  });

  it("drives away a pod that is put there later, and one that tolerates it no more", async () => {
    await start(["node-1"]);
    await harness.run(1_000);
    await setTaint();
    await harness.client.create(pods, bare("late", "node-1"));
    await harness.client.create(pods, bare("staying", "node-1", { tolerations: [{ operator: "Exists" }] }));
    await harness.run(5_000);
    expect((await harness.list(pods, "default")).map(({ metadata }) => metadata.name)).toEqual(["staying"]);
    expect(harness.log).toEqual([]);
  });

  it("that goes in time leaves pods where they are", async () => {
    await start(["node-1"]);
    await harness.client.create(pods, bare("some", "node-1", { tolerations: [{ ...taint, tolerationSeconds: 60 }] }));
    await setTaint();
    await harness.run(30_000);
    await harness.client.patch(nodes, { name: "node-1" }, "merge", { spec: { taints: null } });
    await harness.run(120_000);
    expect((await placed(isPodReady)).length).toBe(1);
    expect(await harness.eventsOf("some")).toContain(
      "Normal TaintManagerEviction: Cancelling deletion of Pod default/some",
    );
  });
});

describe("pods without a node", () => {
  it("fail and go some time after their node was deleted, and are replaced", async () => {
    await start(["node-1", "node-2"]);
    await deploy(2);
    await harness.client.create(pods, bare("bare", "node-1", { tolerations: [{ operator: "Exists" }] }));
    await harness.run(5_000);
    harness.failNode("node-1");
    await harness.client.delete(nodes, { name: "node-1" });
    await harness.run(30_000);
    expect(await placed()).toEqual(["node-1", "node-1", "node-2"]);
    await harness.run(30_000);
    expect(await placed()).toEqual(["node-2", "node-2"]);
    expect(await harness.eventsOf("node-1")).toContain(
      "Normal RemovingNode: Node node-1 event: Removing Node node-1 from Controller",
    );
    expect(harness.log).toEqual([]);
  });

  it("stay when their node is made again in time", async () => {
    await start(["node-1"]);
    await deploy(1);
    await harness.client.delete(nodes, { name: "node-1" });
    await harness.run(20_000);
    await harness.addNode("node-1");
    await harness.run(120_000);
    expect(await placed(isPodReady)).toEqual(["node-1"]);
  });

  it("go at once from a node that is out of service", async () => {
    await start(["node-1", "node-2"]);
    await deploy(2);
    harness.failNode("node-1");
    await harness.run(70_000);
    await addTaint("NoExecute");
    await harness.run(10_000);
    expect(await placed()).toEqual(["node-2", "node-2"]);
    expect(harness.log).toEqual([]);
  });

  it("go at once when a node that does not finish their deletion is called out of service", async () => {
    await start(["node-1", "node-2"]);
    await harness.client.create(pods, bare("bare", "node-1"));
    await harness.run(5_000);
    harness.failNode("node-1");
    await harness.run(70_000);
    await harness.client.delete(pods, { namespace: "default", name: "bare" });
    await harness.run(10_000);
    expect(await placed(isLeaving)).toEqual(["node-1"]);
    await addTaint("NoSchedule");
    await harness.run(1_000);
    expect(await placed()).toEqual([]);
  });
});

const addTaint = (effect: "NoExecute" | "NoSchedule") =>
  harness.client.patch(nodes, { name: "node-1" }, "json", [
    { op: "add", path: "/spec/taints/-", value: { key: "node.kubernetes.io/out-of-service", effect } },
  ]);
