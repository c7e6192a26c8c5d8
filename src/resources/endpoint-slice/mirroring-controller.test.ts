import { afterEach, describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import { endpointSlices, endpoints, services } from "../../api/resources.ts";
import type { Endpoints } from "../../api/types/core-v1.ts";
import { type ControllerHarness, startControllerHarness } from "../../testing/controller-harness.ts";
import { resourceControllers } from "../controllers.ts";

let harness: ControllerHarness;
afterEach(() => harness.stop());

const key = { namespace: "default", name: "db" };
const written: Input<Endpoints> = {
  metadata: key,
  subsets: [{ addresses: [{ ip: "192.0.2.1" }], ports: [{ port: 5432 }] }],
};
const start = async (): Promise<void> => {
  harness = await startControllerHarness({ controllers: resourceControllers });
  await harness.client.create(services, { metadata: key, spec: { ports: [{ port: 5432 }] } });
  await harness.client.create(endpoints, written);
  await harness.run(1_000);
};
const shown = async (): Promise<readonly unknown[]> =>
  (await harness.list(endpointSlices)).map((slice) => (slice.endpoints ?? []).map(({ addresses }) => addresses?.[0]));

describe("mirrored EndpointSlice", () => {
  it("shows hand-written Endpoints of a service without a selector and follows them", async () => {
    await start();
    expect(await shown()).toEqual([["192.0.2.1"]]);
    await harness.client.patch(endpoints, key, "merge", {
      subsets: [{ addresses: [{ ip: "192.0.2.1" }, { ip: "192.0.2.2" }], ports: [{ port: 5432 }] }],
    });
    await harness.run(2_000);
    expect(await shown()).toEqual([["192.0.2.1", "192.0.2.2"]]);
    await harness.client.delete(endpoints, key);
    await harness.run(2_000);
    expect(await shown()).toEqual([]);
    expect(harness.log).toEqual([]);
  });

  it("goes when the Endpoints ask for that", async () => {
    await start();
    await harness.client.patch(endpoints, key, "merge", {
      metadata: { labels: { "endpointslice.kubernetes.io/skip-mirror": "true" } },
    });
    await harness.run(2_000);
    expect(await shown()).toEqual([]);
  });

  it("gives way to the slices of a service's selector", async () => {
    await start();
    await harness.client.patch(services, key, "merge", { spec: { selector: { app: "db" } } });
    await harness.run(3_000);
    const managers = (await harness.list(endpointSlices)).map(
      ({ metadata }) => metadata.labels?.["endpointslice.kubernetes.io/managed-by"],
    );
    expect(managers).toEqual(["endpointslice-controller.k8s.io"]);
  });

  it("comes back when someone deletes it", async () => {
    await start();
    const [slice] = await harness.list(endpointSlices);
    await harness.client.delete(endpointSlices, { namespace: "default", name: slice?.metadata.name ?? "" });
    await harness.run(2_000);
    expect(await shown()).toEqual([["192.0.2.1"]]);
  });
});
