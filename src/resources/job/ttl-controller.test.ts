import { afterEach, describe, expect, it } from "vitest";
import { jobs, pods } from "../../api/resources.ts";
import { clusterControllers } from "../../controllers/controllers.ts";
import { type ControllerHarness, startControllerHarness } from "../../testing/controller-harness.ts";
import { resourceControllers } from "../controllers.ts";

let harness: ControllerHarness;
afterEach(() => harness.stop());

const key = { namespace: "default", name: "once" };
const start = async (ttlSecondsAfterFinished?: number): Promise<void> => {
  harness = await startControllerHarness({
    controllers: [...resourceControllers, ...clusterControllers({ rootCa: "pem" })],
    behaviour: { ends: () => ({ afterMs: 1_000, phase: "Succeeded" }) },
  });
  await harness.client.create(jobs, {
    metadata: key,
    spec: {
      ...(ttlSecondsAfterFinished === undefined ? {} : { ttlSecondsAfterFinished }),
      template: { spec: { restartPolicy: "Never", containers: [{ name: "once", image: "once" }] } },
    },
  });
  await harness.run(10_000);
};
const left = async () => [(await harness.list(jobs, "default")).length, (await harness.list(pods, "default")).length];

describe("an ended Job", () => {
  it("goes with its pods once its time is over", async () => {
    await start(60);
    await harness.run(45_000);
    expect(await left()).toEqual([1, 1]);
    await harness.run(15_000);
    expect(await left()).toEqual([0, 0]);
    expect(harness.log).toEqual([]);
  });

  it("stays when nobody asks that it goes, and longer when that is prolonged", async () => {
    await start();
    await harness.run(600_000);
    expect(await left()).toEqual([1, 1]);
    await harness.client.patch(jobs, key, "merge", { spec: { ttlSecondsAfterFinished: 1_000 } });
    await harness.run(300_000);
    await harness.client.patch(jobs, key, "merge", { spec: { ttlSecondsAfterFinished: 2_000 } });
    await harness.run(900_000);
    expect(await left()).toEqual([1, 1]);
    await harness.run(300_000);
    expect(await left()).toEqual([0, 0]);
  });
});
