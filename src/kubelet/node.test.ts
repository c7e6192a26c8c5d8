import { afterEach, describe, expect, it } from "vitest";
import type { Input } from "../api/draft.ts";
import { leases, nodes, pods } from "../api/resources.ts";
import type { Pod } from "../api/types/core-v1.ts";
import { type KubeletHarness, type KubeletHarnessOptions, startKubeletHarness } from "../testing/kubelet-harness.ts";

let harness: KubeletHarness;
afterEach(() => harness.stop());

async function start(options?: KubeletHarnessOptions): Promise<KubeletHarness> {
  harness = await startKubeletHarness(options);
  return harness;
}

const mebibyte = 1024 ** 2;
const gibibyte = 1024 ** 3;
const key = { name: "node-1" };
const readNode = (agent: KubeletHarness) => agent.client.get(nodes, key);
const conditionOf = async (agent: KubeletHarness, type: string) =>
  (await readNode(agent)).status.conditions?.find((condition) => condition.type === type);

describe("the node", () => {
  const condition = (type: string, status: string, reason: string, message: string) => ({
    type,
    status,
    lastHeartbeatTime: "2026-01-01T00:00:00Z",
    lastTransitionTime: "2026-01-01T00:00:00Z",
    reason,
    message,
  });

  it("registers with what the machine has to give", async () => {
    const agent = await start({
      settings: {
        labels: { zone: "a" },
        taints: [{ key: "new", effect: "NoSchedule" }],
        reserved: { cpu: "500m", memory: "1Gi" },
      },
    });
    const { metadata, spec, status } = await readNode(agent);
    expect(metadata.labels).toEqual({
      "beta.kubernetes.io/arch": "amd64",
      "beta.kubernetes.io/os": "linux",
      "kubernetes.io/arch": "amd64",
      "kubernetes.io/hostname": "node-1",
      "kubernetes.io/os": "linux",
      zone: "a",
    });
    expect(metadata.annotations).toEqual({ "volumes.kubernetes.io/controller-managed-attach-detach": "true" });
    expect(spec.taints?.map(({ key: name, effect }) => [name, effect])).toEqual([["new", "NoSchedule"]]);
    expect(status).toEqual({
      capacity: { cpu: "4", "ephemeral-storage": "100Gi", memory: "8Gi", pods: "110" },
      allocatable: { cpu: "3500m", "ephemeral-storage": "90Gi", memory: "7068Mi", pods: "110" },
      conditions: [
        condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
      ],
      addresses: [
        { type: "InternalIP", address: "192.0.2.1" },
        { type: "Hostname", address: "node-1" },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: {
        machineID: "machine-1",
        systemUUID: "system-1",
        bootID: "boot-1",
        kernelVersion: "6.18.0",
        osImage: "Debian GNU/Linux 12 (bookworm)",
        containerRuntimeVersion: "containerd://2.0.0",
        kubeletVersion: "v1.36.0+k8ts.test",
        kubeProxyVersion: "",
        operatingSystem: "linux",
        architecture: "amd64",
      },
      images: [
        { names: ["web@sha256:web:1", "web:1"], sizeBytes: 1_000_000 },
        { names: ["web@sha256:web:2", "web:2"], sizeBytes: 1_000_000 },
      ],
      runtimeHandlers: [{ name: "", features: { recursiveReadOnlyMounts: true, userNamespaces: false } }],
      features: { supplementalGroupsPolicy: true },
      declaredFeatures: [
        "InPlacePodLevelResourcesVerticalScaling",
        "InPlacePodVerticalScalingInitContainers",
        "RestartAllContainersOnContainerExits",
      ],
    });
    expect(agent.cgroups.groups.get("/kubepods")).toEqual({ cpuShares: 3584, memoryLimitBytes: 7 * gibibyte });
    expect(await agent.eventsOf("node-1")).toEqual([
      "Normal NodeAllocatableEnforced: Updated Node Allocatable limit across pods",
      "Normal NodeHasSufficientMemory: Node node-1 status is now: NodeHasSufficientMemory",
      "Normal NodeHasNoDiskPressure: Node node-1 status is now: NodeHasNoDiskPressure",
      "Normal NodeHasSufficientPID: Node node-1 status is now: NodeHasSufficientPID",
      "Normal Starting: Starting kubelet.",
    ]);
  });

  it("keeps what others have set when it comes back", async () => {
    const agent = await start();
    const patch = { metadata: { labels: { role: "front", "kubernetes.io/os": null } }, spec: { unschedulable: true } };
    await agent.client.patch(nodes, key, "merge", patch);
    await agent.restartAgent();
    const { metadata, spec } = await readNode(agent);
    expect(metadata.labels).toMatchObject({ role: "front", "kubernetes.io/os": "linux" });
    expect(spec.unschedulable).toBe(true);
  });

  it("renews its lease every ten seconds", async () => {
    const agent = await start();
    const readLease = () => agent.client.get(leases, { namespace: "kube-node-lease", name: "node-1" });
    const { metadata, spec } = await readLease();
    expect(spec).toEqual({
      holderIdentity: "node-1",
      leaseDurationSeconds: 40,
      renewTime: "2026-01-01T00:00:00.000000Z",
    });
    expect(metadata.ownerReferences).toEqual([
      { apiVersion: "v1", kind: "Node", name: "node-1", uid: (await readNode(agent)).metadata.uid },
    ]);
    await agent.run(25_000);
    expect((await readLease()).spec.renewTime).toBe("2026-01-01T00:00:20.000000Z");
  });

  it("takes over the lease that it finds, and makes itself its owner only if there is none", async () => {
    const agent = await start();
    const leaseKey = { namespace: "kube-node-lease", name: "node-1" };
    const owners = async () => (await agent.client.get(leases, leaseKey)).metadata.ownerReferences ?? [];
    const [own] = await owners();
    await agent.client.patch(leases, leaseKey, "merge", { metadata: { ownerReferences: [{ ...own, uid: "other" }] } });
    await agent.restartAgent();
    await agent.run(15_000);
    expect(await owners()).toEqual([{ ...own, uid: "other" }]);
    await agent.client.patch(leases, leaseKey, "merge", { metadata: { ownerReferences: [] } });
    await agent.restartAgent();
    await agent.run(1_000);
    expect(await owners()).toEqual([own]);
    expect((await agent.client.get(leases, leaseKey)).spec.renewTime).toBe("2026-01-01T00:00:15.000000Z");
  });

  it("writes its status every few minutes, and in between only when it changes", async () => {
    const agent = await start();
    const before = (await readNode(agent)).metadata.resourceVersion;
    await agent.run(120_000);
    expect((await readNode(agent)).metadata.resourceVersion).toBe(before);
    await agent.run(400_000);
    expect((await conditionOf(agent, "Ready"))?.lastHeartbeatTime).not.toBe("2026-01-01T00:00:00Z");
    agent.runtime.images.put("new:1");
    await agent.run(310_000);
    expect((await readNode(agent)).status.images?.flatMap(({ names }) => names)).toContain("new:1");
  });

  it("is not ready while its runtime is not", async () => {
    const agent = await start();
    agent.runtime.setStatus({ runtimeReady: false, networkReady: false, message: "starting" });
    await agent.run(10_000);
    expect(await conditionOf(agent, "Ready")).toMatchObject({
      status: "False",
      reason: "KubeletNotReady",
      message:
        "[container runtime not ready: RuntimeReady=false reason: message:starting, container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:starting]",
      lastTransitionTime: "2026-01-01T00:00:10Z",
    });
    expect(await agent.eventsOf("node-1")).toContain("Normal NodeNotReady: Node node-1 status is now: NodeNotReady");
    agent.runtime.setStatus({ runtimeReady: true, networkReady: true, message: "" });
    await agent.run(10_000);
    expect(await agent.eventsOf("node-1")).toContain("Normal NodeReady: Node node-1 status is now: NodeReady");
  });

  it("tells when it is cordoned", async () => {
    const agent = await start();
    await agent.client.patch(nodes, key, "merge", { spec: { unschedulable: true } });
    await agent.run(100);
    await agent.client.patch(nodes, key, "merge", { spec: { unschedulable: null } });
    await agent.run(100);
    expect((await agent.eventsOf("node-1")).slice(-2)).toEqual([
      "Normal NodeNotSchedulable: Node node-1 status is now: NodeNotSchedulable",
      "Normal NodeSchedulable: Node node-1 status is now: NodeSchedulable",
    ]);
  });
});

describe("a pod that does not fit its node", () => {
  const container = (cpu: string) => ({ name: "web", image: "web:1", resources: { requests: { cpu } } });
  const rejections: readonly {
    readonly name: string;
    readonly spec: Partial<Input<Pod["spec"]>>;
    readonly reason: string;
    readonly message: string;
  }[] = [
    {
      name: "for want of CPU",
      spec: { containers: [container("3")] },
      reason: "OutOfcpu",
      message: "Node didn't have enough resource: cpu, requested: 3000, used: 2000, capacity: 4000",
    },
    {
      name: "because it wants another kind of node",
      spec: { containers: [container("1")], nodeSelector: { disk: "ssd" } },
      reason: "NodeAffinity",
      message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    },
    {
      name: "because its port is taken",
      spec: { containers: [{ name: "web", image: "web:1", ports: [{ containerPort: 80, hostPort: 8080 }] }] },
      reason: "NodePorts",
      message: "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
    },
    {
      name: "because it is made for another system",
      spec: { containers: [container("1")], os: { name: "windows" } },
      reason: "PodOSNotSupported",
      message: "Failed to admit pod as the OS field doesn't match node OS",
    },
  ];

  it.each(rejections)("fails $name", async ({ spec, reason, message }) => {
    const agent = await start();
    const ports = [{ containerPort: 80, hostPort: 8080 }];
    await agent.createPod({ metadata: { name: "first" }, spec: { containers: [{ ...container("2"), ports }] } });
    await agent.run(1_000);
    await agent.createPod({ spec });
    await agent.run(1_000);
    const { status } = await agent.pod();
    expect(status).toMatchObject({ phase: "Failed", reason, message: `Pod was rejected: ${message}` });
    expect(await agent.eventsOf()).toEqual([`Warning ${reason}: ${message}`]);
    expect(agent.runtime.calls.filter((call) => call.startsWith("runSandbox"))).toEqual(["runSandbox first"]);
    await agent.client.delete(pods, { namespace: "default", name: "web" });
    await agent.run(1_000);
    expect(await agent.hasPod()).toBe(false);
    expect(agent.log).toEqual([]);
  });

  it("fails when there are as many as there may be", async () => {
    const agent = await start({ settings: { maxPods: 1 } });
    await agent.createPod({ metadata: { name: "first" } });
    await agent.createPod();
    await agent.run(1_000);
    expect((await agent.pod()).status).toMatchObject({
      reason: "OutOfpods",
      message: "Pod was rejected: Node didn't have enough resource: pods, requested: 1, used: 1, capacity: 1",
    });
  });

  it("stays rejected when the agent is started again", async () => {
    const agent = await start();
    await agent.createPod({ spec: { containers: [container("5")] } });
    await agent.run(1_000);
    const { phase, reason, message } = (await agent.pod()).status;
    await agent.restartAgent();
    await agent.run(5_000);
    expect((await agent.pod()).status).toMatchObject({ phase, reason, message });
    expect(agent.runtime.calls).toEqual([]);
  });
});

describe("a node that runs short", () => {
  it("of memory evicts the pod that uses most beyond its request, and takes no more of the least kind", async () => {
    const agent = await start();
    const withMemory = (name: string, memory: string) => ({
      metadata: { name },
      spec: { containers: [{ name: "web", image: "web:1", resources: { requests: { memory } } }] },
    });
    await agent.createPod(withMemory("modest", "2Gi"));
    await agent.createPod(withMemory("greedy", "1Gi"));
    await agent.run(1_000);
    for (const name of ["modest", "greedy"]) {
      const { uid } = (await agent.pod(name)).metadata;
      agent.cgroups.setMemoryUsage(`/kubepods/burstable/pod${uid}`, 1.5 * gibibyte);
    }
    agent.facts.setPressure({ memoryAvailableBytes: 90 * mebibyte });
    await agent.run(12_000);
    agent.facts.setPressure({ memoryAvailableBytes: gibibyte });
    const message = "The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi. ";
    const { status } = await agent.pod("greedy");
    expect(status).toMatchObject({ phase: "Failed", reason: "Evicted", message });
    expect(status.conditions).toContainEqual(
      expect.objectContaining({ type: "DisruptionTarget", status: "True", reason: "TerminationByKubelet", message }),
    );
    expect(await agent.eventsOf("greedy")).toContain(`Warning Evicted: ${message}`);
    expect((await agent.pod("modest")).status.phase).toBe("Running");
    expect(await conditionOf(agent, "MemoryPressure")).toMatchObject({
      status: "True",
      reason: "KubeletHasInsufficientMemory",
    });
    await agent.createPod();
    await agent.run(1_000);
    expect((await agent.pod()).status).toMatchObject({
      reason: "Evicted",
      message: "Pod was rejected: The node had condition: [MemoryPressure]. ",
    });
    await agent.run(310_000);
    expect((await conditionOf(agent, "MemoryPressure"))?.status).toBe("False");
  });

  it("of disk removes unused images before it evicts", async () => {
    const agent = await start();
    await agent.createPod();
    await agent.run(200_000);
    agent.facts.setPressure({ diskAvailableBytes: 9 * gibibyte });
    await agent.run(10_000);
    expect((await agent.runtime.images.list()).flatMap(({ tags }) => tags)).toEqual(["web:1"]);
    expect((await agent.pod()).status.phase).toBe("Running");
    await agent.run(10_000);
    expect((await agent.pod()).status).toMatchObject({
      reason: "Evicted",
      message: "The node was low on resource: ephemeral-storage. Threshold quantity: 10Gi, available: 9Gi. ",
    });
  });
});

describe("many pods", () => {
  it("cost one write each to start, and nothing while they run", async () => {
    const agent = await start({ delaysMs: { runSandbox: 90, createContainer: 60, startContainer: 25 } });
    for (let index = 0; index < 110; index += 1) await agent.createPod({ metadata: { name: `web-${index}` } });
    await agent.run(1_000);
    const { items } = await agent.client.list(pods);
    expect(items.filter(({ status }) => status.phase === "Running")).toHaveLength(110);
    expect(agent.statusWrites).toHaveLength(110);
    const calls = agent.runtime.calls.length;
    await agent.run(300_000);
    expect(agent.statusWrites).toHaveLength(110);
    expect(agent.runtime.calls).toHaveLength(calls);
    expect(agent.log).toEqual([]);
  });
});

describe("a mirror pod", () => {
  it("is not run", async () => {
    const agent = await start();
    await agent.createPod({ metadata: { annotations: { "kubernetes.io/config.mirror": "1" } } });
    await agent.run(1_000);
    expect(agent.runtime.calls).toEqual([]);
  });
});
