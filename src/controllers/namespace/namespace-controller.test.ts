import { afterEach, describe, expect, it } from "vitest";
import { configMaps, deployments, namespaces, pods, secrets, serviceAccounts } from "../../api/resources.ts";
import { resourceControllers } from "../../resources/controllers.ts";
import {
  type ControllerHarness,
  type HollowBehaviour,
  startControllerHarness,
} from "../../testing/controller-harness.ts";
import { clusterControllers } from "../controllers.ts";

let harness: ControllerHarness;
afterEach(() => harness.stop());

const start = async (behaviour: HollowBehaviour = {}): Promise<void> => {
  harness = await startControllerHarness({
    controllers: [...clusterControllers({ rootCa: "-----BEGIN CERTIFICATE-----\n" }), ...resourceControllers],
    behaviour,
    server: { namespaces: ["default", "doomed"] },
  });
};
const space = async () => (await harness.list(namespaces)).find(({ metadata }) => metadata.name === "doomed");
const conditions = async (): Promise<string[]> =>
  ((await space())?.status.conditions ?? []).map(
    ({ type, status, reason, message }) => `${type}=${status} ${reason}: ${message}`,
  );

describe("namespace controller", () => {
  it("empties a deleted namespace, pods first, and then lets it go", async () => {
    await start();
    await harness.client.create(deployments, {
      metadata: { name: "web", namespace: "doomed" },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: "web" } },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "web:1" }] } },
      },
    });
    await harness.client.create(configMaps, { metadata: { name: "settings", namespace: "doomed" } });
    await harness.client.create(secrets, { metadata: { name: "kept", namespace: "default" } });
    await harness.until(
      "two pods",
      async () => (await harness.list(pods)).filter(({ status }) => status.phase === "Running").length === 2,
    );
    await harness.client.delete(namespaces, { name: "doomed" });
    const order: string[] = [];
    await harness.until("gone", async () => {
      const left = {
        pods: (await harness.list(pods, "doomed")).length,
        maps: (await harness.list(configMaps, "doomed")).length,
      };
      order.push(`${left.pods > 0 ? "pods" : "-"} ${left.maps > 0 ? "maps" : "-"}`);
      return (await space()) === undefined;
    });
    expect([...new Set(order)]).toEqual(["pods maps", "- -"]);
    await harness.run(60_000);
    expect((await harness.list(secrets)).map(({ metadata }) => metadata.name)).toEqual(["kept"]);
    expect(harness.log).toEqual([]);
  });

  it("tells what keeps a namespace from going", async () => {
    await start();
    await harness.client.create(configMaps, {
      metadata: { name: "held", namespace: "doomed", finalizers: ["example.com/hold"] },
    });
    await harness.client.delete(namespaces, { name: "doomed" });
    await harness.run(10_000);
    expect(await conditions()).toEqual([
      "NamespaceDeletionDiscoveryFailure=False ResourcesDiscovered: All resources successfully discovered",
      "NamespaceDeletionGroupVersionParsingFailure=False ParsedGroupVersions: All legacy kube types successfully parsed",
      "NamespaceDeletionContentFailure=False ContentDeleted: All content successfully deleted, may be waiting on finalization",
      "NamespaceContentRemaining=True SomeResourcesRemain: Some resources are remaining: configmaps. has 1 resource instances",
      "NamespaceFinalizersRemaining=True SomeFinalizersRemain: Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances",
    ]);
    await harness.client.patch(configMaps, { namespace: "doomed", name: "held" }, "merge", {
      metadata: { finalizers: null },
    });
    await harness.until("gone", async () => (await space()) === undefined);
  });

  it("waits for pods that take their time, but not longer than they take", async () => {
    await start({ stopAfterMs: () => 4_000 });
    await harness.client.create(pods, {
      metadata: { name: "slow", namespace: "doomed" },
      spec: { terminationGracePeriodSeconds: 30, containers: [{ name: "a", image: "a" }] },
    });
    await harness.run(5_000);
    await harness.client.delete(namespaces, { name: "doomed" });
    await harness.run(4_500);
    expect((await harness.list(pods, "doomed")).length).toBe(1);
    await harness.run(4_000);
    expect(await space()).toBeUndefined();
  });
});

describe("contents of every namespace", () => {
  it("are a default account and the cluster's certificate, also when someone takes them away or changes them", async () => {
    await start();
    await harness.client.create(namespaces, { metadata: { name: "fresh" } });
    await harness.run(1_000);
    const found = async () => ({
      accounts: (await harness.list(serviceAccounts, "fresh")).map(({ metadata }) => metadata.name),
      maps: (await harness.list(configMaps, "fresh")).map(({ metadata, data }) => [metadata.name, data]),
    });
    const expected = {
      accounts: ["default"],
      maps: [["kube-root-ca.crt", { "ca.crt": "-----BEGIN CERTIFICATE-----\n" }]],
    };
    expect(await found()).toEqual(expected);
    await harness.client.delete(serviceAccounts, { namespace: "fresh", name: "default" });
    await harness.client.patch(configMaps, { namespace: "fresh", name: "kube-root-ca.crt" }, "merge", {
      data: { "ca.crt": "x" },
    });
    await harness.run(1_000);
    expect(await found()).toEqual(expected);
    await harness.client.delete(configMaps, { namespace: "fresh", name: "kube-root-ca.crt" });
    await harness.run(1_000);
    expect(await found()).toEqual(expected);
    expect(harness.log).toEqual([]);
  });
});
