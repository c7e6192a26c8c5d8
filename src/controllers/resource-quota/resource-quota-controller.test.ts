import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configMaps, pods, resourceQuotas } from "../../api/resources.ts";
import { hasReason } from "../../api/status-error.ts";
import { type ControllerHarness, startControllerHarness } from "../../testing/controller-harness.ts";
import { clusterControllers } from "../controllers.ts";

const controllers = clusterControllers({ rootCa: "" }).filter(({ name }) => name === "resourcequota-controller");

let harness: ControllerHarness;
beforeEach(async () => {
  harness = await startControllerHarness({ controllers, nodes: ["a"] });
});
afterEach(() => harness.stop());

const quota = (hard: Record<string, string>) =>
  harness.client.create(resourceQuotas, { metadata: { name: "q" }, spec: { hard } }, { namespace: "default" });
const status = async () => (await harness.client.get(resourceQuotas, { namespace: "default", name: "q" })).status;
const usedOf = async (name: string) => (await status()).used?.[name];
const pod = (name: string, cpu: string) =>
  harness.client.create(
    pods,
    {
      metadata: { name },
      spec: { containers: [{ name: "c", image: "x", resources: { requests: { cpu } } }] },
    },
    { namespace: "default" },
  );
const refusal = async (write: Promise<unknown>): Promise<string> => {
  try {
    await write;
    return "";
  } catch (error) {
    if (hasReason(error, "Forbidden")) return error.message;
    throw error;
  }
};

describe("a quota", () => {
  it("counts what is there when it comes", async () => {
    await pod("first", "300m");
    await harness.client.create(configMaps, { metadata: { name: "c" } }, { namespace: "default" });
    await quota({ pods: "2", "requests.cpu": "1", configmaps: "5", "count/deployments.apps": "1", "limits.cpu": "1" });
    await harness.run(100);
    expect(await status()).toEqual({
      hard: { pods: "2", "requests.cpu": "1", configmaps: "5", "count/deployments.apps": "1", "limits.cpu": "1" },
      used: { pods: "1", "requests.cpu": "300m", configmaps: "1", "count/deployments.apps": "0", "limits.cpu": "0" },
    });
  });

  it("has room again once a pod is gone or has ended", async () => {
    await quota({ pods: "2", "requests.cpu": "1" });
    await harness.run(100);
    await pod("first", "600m");
    await pod("second", "400m");
    expect(await refusal(pod("third", "100m"))).toBe(
      'pods "third" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=100m, used: pods=2,requests.cpu=1, limited: pods=2,requests.cpu=1',
    );
    await harness.client.delete(pods, { namespace: "default", name: "first" });
    await harness.until("the first pod is not counted", async () => (await usedOf("pods")) === "1");
    expect(await usedOf("requests.cpu")).toBe("400m");
    expect(await refusal(pod("third", "100m"))).toBe("");
  });

  it("follows its limits and forgets what it no longer limits", async () => {
    const made = await quota({ pods: "2", configmaps: "1" });
    await harness.run(100);
    const { resourceVersion: _version, ...metadata } = made.metadata;
    await harness.client.update(resourceQuotas, { ...made, metadata, spec: { hard: { pods: "7" } } });
    await harness.run(100);
    expect(await status()).toEqual({ hard: { pods: "7" }, used: { pods: "0" } });
  });
});
