import { afterEach, describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import type { ApiObject } from "../../api/metadata.ts";
import { configMaps, deployments, namespaces, pods, replicaSets, secrets } from "../../api/resources.ts";
import type { ConfigMap } from "../../api/types/core-v1.ts";
import type { OwnerReference } from "../../api/types/meta-v1.ts";
import { resourceControllers } from "../../resources/controllers.ts";
import { type ControllerHarness, startControllerHarness } from "../../testing/controller-harness.ts";
import { clusterControllers } from "../controllers.ts";

let harness: ControllerHarness;
afterEach(() => harness.stop());

const collector = clusterControllers({ rootCa: "" }).filter(({ name }) => name === "garbage-collector-controller");
const start = async (withWorkloads = false): Promise<void> => {
  harness = await startControllerHarness({
    controllers: withWorkloads ? [...collector, ...resourceControllers] : collector,
    server: { namespaces: ["default", "other"] },
  });
};

const refer = (owner: ApiObject, more: Partial<OwnerReference> = {}): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid,
  ...more,
});
const make = (name: string, owners: readonly OwnerReference[] = [], more: Input<ConfigMap["metadata"]> = {}) =>
  harness.client.create(configMaps, { metadata: { name, namespace: "default", ownerReferences: owners, ...more } });
const key = (name: string, namespace = "default") => ({ namespace, name });
const present = async (): Promise<string[]> =>
  (await harness.list(configMaps)).map(({ metadata }) => metadata.name).toSorted();
const remove = (name: string, propagationPolicy?: string) =>
  harness.client.delete(configMaps, key(name), propagationPolicy === undefined ? {} : { propagationPolicy });

describe("garbage collector", () => {
  it("deletes what is left without owners, generation after generation", async () => {
    await start();
    const grandparent = await make("grandparent");
    const parent = await make("parent", [refer(grandparent)]);
    await make("child", [refer(parent)]);
    await make("stranger");
    await harness.run(1_000);
    expect(await present()).toEqual(["child", "grandparent", "parent", "stranger"]);
    await remove("grandparent");
    await harness.run(1_000);
    expect(await present()).toEqual(["stranger"]);
    expect(harness.log).toEqual([]);
  });

  it("keeps what has another owner, and takes the reference to the lost one off", async () => {
    await start();
    const first = await make("first");
    const second = await make("second");
    await make("child", [refer(first), refer(second)]);
    await remove("first");
    await harness.run(1_000);
    const child = await harness.client.get(configMaps, key("child"));
    expect(child.metadata.ownerReferences).toEqual([refer(second)]);
  });

  it("deletes an object made for an owner that never was, or is another of that name", async () => {
    await start();
    const owner = await make("owner");
    await make("orphan", [
      { apiVersion: "v1", kind: "ConfigMap", name: "nobody", uid: "00000000-0000-4000-8000-000000000000" },
    ]);
    await make("mistaken", [refer(owner, { uid: "00000000-0000-4000-8000-000000000001" })]);
    await harness.run(1_000);
    expect(await present()).toEqual(["owner"]);
  });

  it("leaves dependants behind when asked to", async () => {
    await start();
    const owner = await make("owner");
    await make("child", [refer(owner)]);
    await harness.run(1_000);
    await remove("owner", "Orphan");
    await harness.run(1_000);
    const child = await harness.client.get(configMaps, key("child"));
    expect([await present(), child.metadata.ownerReferences]).toEqual([["child"], undefined]);
  });

  it("in the foreground lets the owner wait for dependants that block it, and for no others", async () => {
    await start();
    const owner = await make("owner");
    await make("blocking", [refer(owner, { blockOwnerDeletion: true })], { finalizers: ["example.com/wait"] });
    await make("plain", [refer(owner)], { finalizers: ["example.com/wait"] });
    await harness.run(1_000);
    await remove("owner", "Foreground");
    await harness.run(1_000);
    const waiting = await harness.client.get(configMaps, key("owner"));
    expect([waiting.metadata.finalizers, await present()]).toEqual([
      ["foregroundDeletion"],
      ["blocking", "owner", "plain"],
    ]);
    await harness.client.patch(configMaps, key("blocking"), "merge", { metadata: { finalizers: null } });
    await harness.run(1_000);
    expect(await present()).toEqual(["plain"]);
  });

  it("in the foreground deletes depth first", async () => {
    await start();
    const top = await make("top");
    const middle = await make("middle", [refer(top, { blockOwnerDeletion: true })]);
    await make("bottom", [refer(middle, { blockOwnerDeletion: true })], { finalizers: ["example.com/wait"] });
    await harness.run(1_000);
    await remove("top", "Foreground");
    await harness.run(1_000);
    expect(await present()).toEqual(["bottom", "middle", "top"]);
    await harness.client.patch(configMaps, key("bottom"), "merge", { metadata: { finalizers: null } });
    await harness.run(1_000);
    expect(await present()).toEqual([]);
  });

  it("does not wait for ever where owners go in a circle", async () => {
    await start();
    const a = await make("a");
    const b = await make("b", [refer(a, { blockOwnerDeletion: true })]);
    await harness.client.patch(configMaps, key("a"), "merge", {
      metadata: { ownerReferences: [refer(b, { blockOwnerDeletion: true })] },
    });
    await harness.run(1_000);
    await remove("a", "Foreground");
    await harness.run(10_000);
    expect(await present()).toEqual([]);
  });

  it("tells of an owner in another namespace, and deletes what has no other", async () => {
    await start();
    const owner = await make("owner");
    const reference = refer(owner);
    await harness.run(1_000);
    await harness.client.create(secrets, {
      metadata: { name: "far", namespace: "other", ownerReferences: [reference] },
    });
    await harness.run(1_000);
    expect((await harness.list(secrets)).length).toBe(0);
    expect(await harness.eventsOf("far")).toEqual([
      `Warning OwnerRefInvalidNamespace: ownerRef [v1/ConfigMap, namespace: other, name: owner, uid: ${reference.uid}] does not exist in namespace "other"`,
    ]);
    expect(await present()).toEqual(["owner"]);
  });

  it("lets anything be owned by a cluster-wide object, but nothing cluster-wide by one in a namespace", async () => {
    await start();
    const space = await harness.client.get(namespaces, { name: "other" });
    await make("owned", [refer(space)]);
    const owner = await make("owner");
    await harness.client.patch(namespaces, { name: "other" }, "merge", {
      metadata: { ownerReferences: [refer(owner)] },
    });
    await harness.run(1_000);
    await remove("owner");
    await harness.run(60_000);
    expect(await present()).toEqual(["owned"]);
    expect((await harness.client.get(namespaces, { name: "other" })).metadata.deletionTimestamp).toBeUndefined();
  });

  it.each([
    { policy: "Background", waiting: 0, left: { sets: 0, pods: 0 } },
    { policy: "Foreground", waiting: 1, left: { sets: 0, pods: 0 } },
    { policy: "Orphan", waiting: 0, left: { sets: 1, pods: 3 } },
  ])("carries a deleted Deployment's ReplicaSets and pods along: $policy", async ({ policy, waiting, left }) => {
    await start(true);
    await harness.client.create(deployments, {
      metadata: key("web"),
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: "web" } },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "web:1" }] } },
      },
    });
    await harness.until(
      "three pods",
      async () => (await harness.list(pods)).filter(({ status }) => status.phase === "Running").length === 3,
    );
    await harness.client.delete(deployments, key("web"), { propagationPolicy: policy });
    await harness.run(500);
    expect((await harness.list(deployments)).length).toBe(waiting);
    await harness.run(20_000);
    const found = { sets: (await harness.list(replicaSets)).length, pods: (await harness.list(pods)).length };
    expect([(await harness.list(deployments)).length, found]).toEqual([0, left]);
    expect(harness.log).toEqual([]);
  });

  it("costs nothing when nothing changes", async () => {
    await start();
    const owner = await make("owner");
    await make("child", [refer(owner)]);
    await harness.run(60_000);
    expect(harness.clock.pendingTimers).toBe(0);
  });
});
