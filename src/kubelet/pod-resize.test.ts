import { afterEach, describe, expect, it } from "vitest";
import type { Input } from "../api/draft.ts";
import { pods } from "../api/resources.ts";
import type { Container } from "../api/types/core-v1.ts";
import { type KubeletHarness, type KubeletHarnessOptions, startKubeletHarness } from "../testing/kubelet-harness.ts";

let harness: KubeletHarness;
afterEach(() => harness.stop());

async function start(options?: KubeletHarnessOptions): Promise<KubeletHarness> {
  harness = await startKubeletHarness(options);
  return harness;
}

const mebibyte = 1024 ** 2;
const sized = (cpu: string, memory: string) => ({ requests: { cpu, memory }, limits: { cpu, memory } });

async function startPod(node: KubeletHarness, cpu: string, container: Partial<Input<Container>> = {}, name = "web") {
  await node.createPod({
    metadata: { name },
    spec: { containers: [{ name: "web", image: "web:1", resources: sized(cpu, "64Mi"), ...container }] },
  });
  await node.run(1_500);
}

async function resize(node: KubeletHarness, cpu: string, memory = "64Mi", name = "web"): Promise<void> {
  const patch = { spec: { containers: [{ name: "web", resources: sized(cpu, memory) }] } };
  await node.client.patch(pods, { namespace: "default", name }, "strategic", patch, { subresource: "resize" });
  await node.run(100);
}

const resizeConditions = async (node: KubeletHarness, name = "web") =>
  ((await node.pod(name)).status.conditions ?? []).filter(({ type }) => type.startsWith("PodResize"));
const updates = (node: KubeletHarness) => node.runtime.calls.filter((call) => call.startsWith("update"));

describe("a resize", () => {
  it("that fits is done while the container runs", async () => {
    const node = await start();
    await startPod(node, "500m");
    const { uid } = (await node.pod()).metadata;
    const writes = node.statusWrites.length;
    await resize(node, "1", "128Mi");
    const { status } = await node.pod();
    const resources = sized("1", "128Mi");
    expect(status.containerStatuses?.[0]).toMatchObject({
      restartCount: 0,
      allocatedResources: resources.requests,
      resources,
    });
    expect(status).toMatchObject({ allocatedResources: resources.requests, resources, observedGeneration: 2 });
    expect(updates(node)).toEqual(["updateContainerResources web"]);
    expect(node.runtime.container("web").resources).toMatchObject({
      cpuShares: 1024,
      cpuQuotaMicros: 100_000,
      memoryLimitBytes: 128 * mebibyte,
    });
    expect(node.cgroups.groups.get(`/kubepods/pod${uid}`)).toEqual({
      cpuShares: 1024,
      cpuQuotaMicros: 100_000,
      memoryLimitBytes: 128 * mebibyte,
    });
    expect(await resizeConditions(node)).toEqual([]);
    const words =
      '{"containers":[{"name":"web","resources":{"limits":{"cpu":"1","memory":"128Mi"},"requests":{"cpu":"1","memory":"128Mi"}}}],"generation":2}';
    expect((await node.eventsOf()).slice(-2)).toEqual([
      `Normal ResizeStarted: Pod resize started: ${words}`,
      `Normal ResizeCompleted: Pod resize completed: ${words}`,
    ]);
    expect(node.statusWrites.length - writes).toBeLessThanOrEqual(2);
    expect(node.log).toEqual([]);
  });

  it("that needs a restart restarts the container alone", async () => {
    const node = await start();
    await startPod(node, "500m", { resizePolicy: [{ resourceName: "cpu", restartPolicy: "RestartContainer" }] });
    await resize(node, "1");
    const { status } = await node.pod();
    expect(status.containerStatuses?.[0]).toMatchObject({ restartCount: 1, resources: sized("1", "64Mi") });
    expect(updates(node)).toEqual([]);
    expect(await node.eventsOf()).toContain("Normal Killing: Container web resize requires restart");
    expect(node.runtime.calls.filter((call) => call.startsWith("runSandbox"))).toHaveLength(1);
    expect(await resizeConditions(node)).toEqual([]);
  });

  it("that does not fit waits until another pod makes room", async () => {
    const node = await start();
    await startPod(node, "2");
    await startPod(node, "1500m", {}, "other");
    await resize(node, "3");
    const message = "Node didn't have enough resource: cpu, requested: 3000, used: 1500, capacity: 4000";
    expect(await resizeConditions(node)).toEqual([
      {
        type: "PodResizePending",
        observedGeneration: 2,
        status: "True",
        lastProbeTime: "2026-01-01T00:00:03Z",
        lastTransitionTime: "2026-01-01T00:00:03Z",
        reason: "Deferred",
        message,
      },
    ]);
    expect((await node.pod()).status.containerStatuses?.[0]?.allocatedResources?.["cpu"]).toBe("2");
    expect(await node.eventsOf()).toContainEqual(
      expect.stringContaining('Warning ResizeDeferred: Pod resize OutOfcpu: {"containers":[{"name":"web"'),
    );
    expect(updates(node)).toEqual([]);
    await node.client.delete(pods, { namespace: "default", name: "other" });
    await node.run(1_000);
    expect(await resizeConditions(node)).toEqual([]);
    expect((await node.pod()).status.containerStatuses?.[0]?.resources).toEqual(sized("3", "64Mi"));
    expect(updates(node)).toEqual(["updateContainerResources web"]);
    expect(node.log).toEqual([]);
  });

  it("that waits is granted when another pod shrinks", async () => {
    const node = await start();
    await startPod(node, "2");
    await startPod(node, "1500m", {}, "other");
    await resize(node, "3");
    await resize(node, "500m", "64Mi", "other");
    await node.run(1_500);
    expect((await node.pod()).status.containerStatuses?.[0]?.resources).toEqual(sized("3", "64Mi"));
  });

  it("that is taken back is forgotten", async () => {
    const node = await start();
    await startPod(node, "2");
    await resize(node, "8");
    expect(await resizeConditions(node)).toHaveLength(1);
    await resize(node, "2");
    await node.run(1_500);
    expect(await resizeConditions(node)).toEqual([]);
    expect(updates(node)).toEqual([]);
  });

  it("still waits after the agent was started again", async () => {
    const node = await start();
    await startPod(node, "2");
    await resize(node, "8");
    const before = await node.pod();
    await node.restartAgent();
    await node.run(5_000);
    expect((await node.pod()).status).toEqual(before.status);
    expect(updates(node)).toEqual([]);
  });

  it("that was done is not done again after the agent was started again", async () => {
    const node = await start();
    await startPod(node, "500m");
    await resize(node, "1");
    const events = await node.eventsOf();
    await node.restartAgent();
    await node.run(5_000);
    expect(updates(node)).toHaveLength(1);
    expect(await node.eventsOf()).toEqual(events);
  });

  it("to less memory than is in use is an error, and tried again", async () => {
    const node = await start();
    await startPod(node, "500m");
    const path = `/kubepods/pod${(await node.pod()).metadata.uid}`;
    node.cgroups.setMemoryUsage(path, 40 * mebibyte);
    await resize(node, "500m", "32Mi");
    await node.run(1_500);
    const message = `cannot decrease memory limits: attempting to set pod memory limit (${32 * mebibyte}) below current usage (${40 * mebibyte})`;
    expect(await resizeConditions(node)).toMatchObject([{ type: "PodResizeInProgress", reason: "Error", message }]);
    expect(await node.eventsOf()).toContainEqual(expect.stringContaining("Warning ResizeError: Pod resize error: "));
    expect((await node.pod()).status.containerStatuses?.[0]).toMatchObject({
      allocatedResources: { memory: "32Mi" },
      resources: { limits: { memory: "64Mi" } },
    });
    node.cgroups.setMemoryUsage(path, 20 * mebibyte);
    await node.run(10_000);
    expect(await resizeConditions(node)).toEqual([]);
    expect((await node.pod()).status.containerStatuses?.[0]?.resources).toEqual(sized("500m", "32Mi"));
    expect(node.cgroups.groups.get(path)?.memoryLimitBytes).toBe(32 * mebibyte);
  });

  it("of the pod as a whole changes its cgroup, and the limits of containers that have none", async () => {
    const node = await start();
    await node.createPod({
      spec: { containers: [{ name: "web", image: "web:1" }], resources: sized("1", "64Mi") },
    });
    await node.run(1_500);
    const { uid } = (await node.pod()).metadata;
    const patch = { spec: { resources: sized("2", "64Mi") } };
    await node.client.patch(pods, { namespace: "default", name: "web" }, "strategic", patch, { subresource: "resize" });
    await node.run(100);
    expect((await node.pod()).status).toMatchObject({
      allocatedResources: { cpu: "2" },
      resources: sized("2", "64Mi"),
    });
    expect(node.cgroups.groups.get(`/kubepods/pod${uid}`)).toMatchObject({ cpuShares: 2048, cpuQuotaMicros: 200_000 });
    expect(node.runtime.container("web").resources?.cpuQuotaMicros).toBe(200_000);
    expect(await resizeConditions(node)).toEqual([]);
    await node.restartAgent();
    await node.run(2_000);
    expect(await resizeConditions(node)).toEqual([]);
    expect(updates(node)).toHaveLength(1);
  });

  it("of an init container that is still to run is what it runs with", async () => {
    const node = await start({ script: ({ name }) => (name === "web" ? {} : { runsForMs: 5_000 }) });
    const initContainers = [
      { name: "one", image: "web:1", resources: sized("1", "64Mi") },
      { name: "two", image: "web:1", resources: sized("1", "64Mi") },
    ];
    const containers = [{ name: "web", image: "web:1", resources: sized("1", "64Mi") }];
    await node.createPod({ spec: { initContainers, containers } });
    await node.run(2_000);
    const patch = { spec: { initContainers: [{ name: "two", resources: sized("2", "64Mi") }] } };
    await node.client.patch(pods, { namespace: "default", name: "web" }, "strategic", patch, { subresource: "resize" });
    await node.run(20_000);
    const { id } = node.runtime.container("two");
    expect(node.runtime.configOf(id).resources.cpuQuotaMicros).toBe(200_000);
    expect(updates(node)).toEqual([]);
    expect((await node.pod()).status.phase).toBe("Running");
    expect(await resizeConditions(node)).toEqual([]);
  });
});
