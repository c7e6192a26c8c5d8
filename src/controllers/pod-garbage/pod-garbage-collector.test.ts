import { afterEach, describe, expect, it } from "vitest";
import { pods } from "../../api/resources.ts";
import { type ControllerHarness, startControllerHarness } from "../../testing/controller-harness.ts";
import { clusterControllers } from "../controllers.ts";

let harness: ControllerHarness;
afterEach(() => harness.stop());

const start = async (endedPodThreshold: number): Promise<void> => {
  harness = await startControllerHarness({
    controllers: clusterControllers({ rootCa: "pem", endedPodThreshold }),
    heartbeats: true,
    behaviour: { ends: () => ({ afterMs: 1_000, phase: "Succeeded" }) },
  });
  for (const name of ["a", "b", "c"]) {
    const spec = { restartPolicy: "Never" as const, containers: [{ name: "web", image: "web" }] };
    await harness.client.create(pods, { metadata: { namespace: "default", name }, spec });
    await harness.run(1_000);
  }
  await harness.run(60_000);
};
const names = async () => (await harness.list(pods, "default")).map(({ metadata }) => metadata.name);

describe("ended pods", () => {
  it("stay up to a number, and then the oldest go", async () => {
    await start(2);
    expect(await names()).toEqual(["b", "c"]);
    expect(harness.log).toEqual([]);
  });

  it("all stay when there is no such number", async () => {
    await start(0);
    expect(await names()).toEqual(["a", "b", "c"]);
  });
});

describe("a pod without a node", () => {
  it("that waits to be deleted by others is called failed", async () => {
    await start(0);
    await harness.client.create(pods, {
      metadata: { namespace: "default", name: "held", finalizers: ["example.com/hold"] },
      spec: { schedulerName: "nobody", nodeSelector: { no: "where" }, containers: [{ name: "web", image: "web" }] },
    });
    await harness.client.delete(pods, { namespace: "default", name: "held" });
    await harness.run(100);
    const { status } = await harness.client.get(pods, { namespace: "default", name: "held" });
    expect([status.phase, status.conditions ?? []]).toEqual(["Failed", []]);
    await harness.client.patch(pods, { namespace: "default", name: "held" }, "merge", {
      metadata: { finalizers: null },
    });
    expect(await names()).not.toContain("held");
  });
});
