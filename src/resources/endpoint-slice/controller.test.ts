import { afterEach, describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import { deployments, endpointSlices, nodes, pods, services } from "../../api/resources.ts";
import type { Deployment } from "../../api/types/apps-v1.ts";
import type { Service } from "../../api/types/core-v1.ts";
import {
  type ControllerHarness,
  type HollowBehaviour,
  startControllerHarness,
} from "../../testing/controller-harness.ts";
import { resourceControllers } from "../controllers.ts";

let harness: ControllerHarness;
afterEach(() => harness.stop());

const start = async (behaviour: HollowBehaviour = {}): Promise<void> => {
  harness = await startControllerHarness({ controllers: resourceControllers, behaviour, nodes: ["node-1", "node-2"] });
};
const key = { namespace: "default", name: "web" };
const deployment = (replicas: number): Input<Deployment> => ({
  metadata: key,
  spec: {
    replicas,
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "web:1" }] } },
  },
});
const service = (spec: Input<Service["spec"]> = {}): Input<Service> => ({
  metadata: key,
  spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
});
const shown = async (): Promise<readonly string[]> =>
  (await harness.list(endpointSlices))
    .flatMap(({ endpoints }) => endpoints ?? [])
    .map(({ conditions }) => JSON.stringify(Object.values(conditions)))
    .toSorted();

describe("EndpointSlice", () => {
  it("shows the pods of a service as they become ready, stop and are replaced", async () => {
    await start({ stopAfterMs: () => 10_000 });
    await harness.client.create(services, service());
    await harness.run(1_000);
    expect((await harness.list(endpointSlices)).map(({ endpoints, ports }) => [endpoints, ports])).toEqual([[null, null]]);
    await harness.client.create(deployments, deployment(3));
    await harness.run(5_000);
    expect(await shown()).toEqual(["[true,true,false]", "[true,true,false]", "[true,true,false]"]);
    const [slice] = await harness.list(endpointSlices);
    expect(slice?.metadata.name).toMatch(/^web-[a-z0-9]{5}$/);
    expect(slice?.ports).toEqual([{ name: "", protocol: "TCP", port: 8080 }]);
    expect(slice?.metadata.annotations).toEqual({
      "endpoints.kubernetes.io/last-change-trigger-time": "2026-01-01T00:00:02Z",
    });
    await harness.client.patch(deployments, key, "merge", { spec: { replicas: 2 } });
    await harness.run(2_000);
    expect(await shown()).toEqual(["[false,true,true]", "[true,true,false]", "[true,true,false]"]);
    await harness.run(20_000);
    expect(await shown()).toEqual(["[true,true,false]", "[true,true,false]"]);
    expect(harness.log).toEqual([]);
  });

  it("writes nothing while nothing changes", async () => {
    await start();
    await harness.client.create(services, service());
    await harness.client.create(deployments, deployment(2));
    await harness.run(10_000);
    const versions = async () => (await harness.list(endpointSlices)).map(({ metadata }) => metadata.resourceVersion);
    const before = await versions();
    await harness.run(3_600_000);
    expect(await versions()).toEqual(before);
  });

  it("follows a service's selector and leaves a service without one alone", async () => {
    await start();
    await harness.client.create(deployments, deployment(2));
    await harness.client.create(services, service());
    await harness.client.create(services, {
      ...service(),
      metadata: { ...key, name: "manual" },
      spec: { ports: [{ port: 80 }] },
    });
    await harness.run(5_000);
    await harness.client.patch(services, key, "merge", { spec: { selector: { app: "other" } } });
    await harness.run(5_000);
    expect(await shown()).toEqual([]);
    expect((await harness.list(endpointSlices)).map(({ metadata }) => metadata.ownerReferences?.[0]?.name)).toEqual([
      "web",
    ]);
  });

  it("puts a slice right that others change or delete", async () => {
    await start();
    await harness.client.create(deployments, deployment(2));
    await harness.client.create(services, service());
    await harness.run(5_000);
    const [slice] = await harness.list(endpointSlices);
    const sliceKey = { namespace: "default", name: slice?.metadata.name ?? "" };
    await harness.client.patch(endpointSlices, sliceKey, "merge", { endpoints: [] });
    await harness.run(2_000);
    expect((await shown()).length).toBe(2);
    await harness.client.delete(endpointSlices, sliceKey);
    await harness.run(2_000);
    expect((await shown()).length).toBe(2);
    expect(harness.log).toEqual([]);
  });

  it("says that a pod's node is missing, and shows the pod once it is there", async () => {
    await start();
    await harness.client.create(pods, {
      metadata: { ...key, labels: { app: "web" } },
      spec: { nodeName: "node-9", containers: [{ name: "web", image: "web" }] },
    });
    await harness.client.create(services, service());
    await harness.run(3_000);
    expect(await shown()).toEqual([]);
    expect(await harness.eventsOf("web")).toContainEqual(
      expect.stringMatching(
        /^Warning FailedToUpdateEndpointSlices: Error updating Endpoint Slices for Service default\/web: skipping Pod web for Service default\/web: Node node-9 Not Found/,
      ),
    );
    await harness.client.create(nodes, { metadata: { name: "node-9" } });
    await harness.run(10_000);
    expect(await shown()).toEqual(["[true,true,false]"]);
  });
});
