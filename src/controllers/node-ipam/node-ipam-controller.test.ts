import { afterEach, describe, expect, it } from "vitest";
import { nodes } from "../../api/resources.ts";
import { type ControllerHarness, startControllerHarness } from "../../testing/controller-harness.ts";
import { clusterControllers } from "../controllers.ts";

let harness: ControllerHarness;
afterEach(() => harness.stop());

const start = async (ranges: readonly string[], serviceRanges: readonly string[] = []): Promise<void> => {
  harness = await startControllerHarness({
    controllers: clusterControllers({ rootCa: "pem", podAddresses: { ranges, serviceRanges } }),
    nodes: [],
    heartbeats: true,
    given: async (client) => {
      await client.create(nodes, { metadata: { name: "new" } });
      const spec = { podCIDR: "10.244.0.0/24", podCIDRs: ["10.244.0.0/24"] };
      await client.create(nodes, { metadata: { name: "old" }, spec });
    },
  });
};
const parts = async () =>
  Object.fromEntries((await harness.list(nodes)).map(({ metadata, spec }) => [metadata.name, spec.podCIDRs?.join()]));
const addNode = async (name: string): Promise<void> => {
  await harness.client.create(nodes, { metadata: { name } });
  await harness.run(100);
};

describe("a node", () => {
  it("gets addresses for its pods that no other node has", async () => {
    await start(["10.244.0.0/22"], ["10.244.2.0/24"]);
    await addNode("a");
    expect(await parts()).toEqual({ old: "10.244.0.0/24", new: "10.244.1.0/24", a: "10.244.3.0/24" });
    expect((await harness.client.get(nodes, { name: "a" })).spec.podCIDR).toBe("10.244.3.0/24");
    expect(harness.log).toEqual([]);
  });

  it("gets addresses of both families", async () => {
    await start(["10.244.0.0/16", "fd00:10:244::/56"]);
    await harness.run(100);
    expect((await parts())["new"]).toBe("10.244.1.0/24,fd00:10:244::/64");
  });

  it("waits when all are in use, until another node goes", async () => {
    await start(["10.244.0.0/23"]);
    await addNode("a");
    expect((await parts())["a"]).toBeUndefined();
    expect(await harness.eventsOf("a")).toContainEqual(
      expect.stringMatching(/^Normal CIDRNotAvailable: Node a status is now: CIDRNotAvailable/),
    );
    await harness.client.delete(nodes, { name: "new" });
    await harness.run(60_000);
    expect((await parts())["a"]).toBe("10.244.1.0/24");
  });
});
