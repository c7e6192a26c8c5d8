import { afterEach, describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import { endpoints, pods, services } from "../../api/resources.ts";
import type { Pod, Service } from "../../api/types/core-v1.ts";
import type { Client } from "../../client/client.ts";
import { type ControllerHarness, startControllerHarness } from "../../testing/controller-harness.ts";
import { resourceControllers } from "../controllers.ts";

let harness: ControllerHarness;
afterEach(() => harness.stop());

const start = async (given?: (client: Client) => Promise<unknown>): Promise<void> => {
  harness = await startControllerHarness({
    controllers: resourceControllers,
    behaviour: { stopAfterMs: () => 5_000 },
    ...(given === undefined ? {} : { given }),
  });
};
const key = { namespace: "default", name: "web" };
const service = (spec: Input<Service["spec"]> = {}): Input<Service> => ({
  metadata: { ...key, labels: { tier: "front" } },
  spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
});
const pod = (name: string): Input<Pod> => ({
  metadata: { namespace: "default", name, labels: { app: "web" } },
  spec: { containers: [{ name: "web", image: "web" }] },
});
const counts = async () => {
  const { subsets = [] } = await harness.client.get(endpoints, key);
  return subsets.map(({ addresses, notReadyAddresses }) => [addresses?.length ?? 0, notReadyAddresses?.length ?? 0]);
};

describe("Endpoints", () => {
  it("show the pods of a service as they become ready and stop, and go with the service", async () => {
    await start();
    await harness.client.create(services, service());
    await harness.run(100);
    expect(await counts()).toEqual([]);
    await harness.client.create(pods, pod("a"));
    await harness.client.create(pods, pod("b"));
    await harness.run(5_000);
    expect(await counts()).toEqual([[2, 0]]);
    const { metadata } = await harness.client.get(endpoints, key);
    expect(metadata.labels).toEqual({ tier: "front", "endpoints.kubernetes.io/managed-by": "endpoint-controller" });
    await harness.client.delete(pods, { namespace: "default", name: "a" });
    await harness.run(1_000);
    expect(await counts()).toEqual([[1, 0]]);
    await harness.client.delete(services, key);
    await harness.run(1_000);
    expect(await harness.list(endpoints, "default")).toEqual([]);
    expect(harness.log).toEqual([]);
  });

  it("are made anew when someone deletes them, and left alone when made by hand", async () => {
    await start();
    await harness.client.create(services, service());
    await harness.client.create(endpoints, { metadata: { namespace: "default", name: "stray" } });
    await harness.run(1_000);
    await harness.client.delete(endpoints, key);
    await harness.run(1_000);
    expect((await harness.list(endpoints, "default")).map(({ metadata }) => metadata.name)).toEqual(["stray", "web"]);
  });

  it("go when their service went while nobody looked, unless leaders are elected with them", async () => {
    const leader = { "control-plane.alpha.kubernetes.io/leader": "{}" };
    await start(async (client) => {
      await client.create(endpoints, { metadata: key });
      await client.create(endpoints, { metadata: { ...key, name: "leader", annotations: leader } });
    });
    await harness.run(1_000);
    expect((await harness.list(endpoints, "default")).map(({ metadata }) => metadata.name)).toEqual(["leader"]);
  });
});
