import { afterEach, describe, expect, it } from "vitest";
import { configMaps, pods, serviceAccounts } from "../api/resources.ts";
import { type KubeletHarness, type KubeletHarnessOptions, startKubeletHarness } from "../testing/kubelet-harness.ts";

let harness: KubeletHarness;
afterEach(() => harness.stop());

async function start(options?: KubeletHarnessOptions): Promise<KubeletHarness> {
  harness = await startKubeletHarness(options);
  return harness;
}

describe("a pod that is bound to the node", () => {
  const condition = (type: string) => ({
    type,
    observedGeneration: 1,
    status: "True",
    lastProbeTime: null,
    lastTransitionTime: "2026-01-01T00:00:00Z",
  });

  it("runs, and one write tells all of it", async () => {
    const node = await start({ delaysMs: { runSandbox: 93, createContainer: 60, startContainer: 25 } });
    await node.createPod();
    await node.run(178);
    const pod = await node.pod();
    expect(pod.status).toEqual({
      observedGeneration: 1,
      phase: "Running",
      conditions: [
        condition("PodReadyToStartContainers"),
        condition("Initialized"),
        condition("Ready"),
        condition("ContainersReady"),
        condition("PodScheduled"),
      ],
      hostIP: "192.0.2.1",
      hostIPs: [{ ip: "192.0.2.1" }],
      podIP: "10.1.0.2",
      podIPs: [{ ip: "10.1.0.2" }],
      startTime: "2026-01-01T00:00:00Z",
      containerStatuses: [
        {
          name: "web",
          state: { running: { startedAt: "2026-01-01T00:00:00Z" } },
          lastState: {},
          ready: true,
          restartCount: 0,
          image: "web:1",
          imageID: "web@sha256:web:1",
          containerID: "containerd://web-2",
          started: true,
          resources: {},
        },
      ],
      qosClass: "BestEffort",
      resources: {},
    });
    expect(node.statusWrites).toEqual(["web"]);
    expect(await node.eventsOf()).toEqual([
      'Normal Pulled: Container image "web:1" already present on machine and can be accessed by the pod',
      "Normal Created: Container created",
      "Normal Started: Container started",
    ]);
    await node.run(120_000);
    expect(node.statusWrites).toEqual(["web"]);
    expect(node.runtime.calls).toEqual(["runSandbox web", "createContainer web", "startContainer web"]);
    expect(node.log).toEqual([]);
  });

  it("is shown as being created when its start takes longer", async () => {
    const node = await start({ delaysMs: { runSandbox: 5_000 } });
    await node.createPod();
    await node.run(1_500);
    const { status } = await node.pod();
    expect(status.containerStatuses?.[0]?.state).toEqual({ waiting: { reason: "ContainerCreating" } });
    expect(status.conditions?.map(({ type, status, reason }) => [type, status, reason])).toEqual([
      ["PodReadyToStartContainers", "False", undefined],
      ["Initialized", "True", undefined],
      ["Ready", "False", "ContainersNotReady"],
      ["ContainersReady", "False", "ContainersNotReady"],
      ["PodScheduled", "True", undefined],
    ]);
    await node.run(5_000);
    expect((await node.pod()).status.phase).toBe("Running");
    expect(node.statusWrites).toHaveLength(2);
  });

  it("gets its hosts file, DNS settings, cgroup and last-words file", async () => {
    const node = await start();
    await node.createPod({
      spec: {
        subdomain: "sub",
        hostAliases: [{ ip: "192.0.2.9", hostnames: ["one", "two"] }],
        containers: [{ name: "web", image: "web:1", resources: { limits: { cpu: "500m", memory: "64Mi" } } }],
      },
    });
    await node.run(1_000);
    const { uid } = (await node.pod()).metadata;
    const { id, sandboxId } = node.runtime.container("web");
    const config = node.runtime.configOf(id);
    expect(node.volumes.podFiles.get(`${uid}/etc-hosts`)).toBe(
      [
        "# Kubernetes-managed hosts file.",
        "127.0.0.1\tlocalhost",
        "::1\tlocalhost ip6-localhost ip6-loopback",
        "fe00::0\tip6-localnet",
        "fe00::0\tip6-mcastprefix",
        "fe00::1\tip6-allnodes",
        "fe00::2\tip6-allrouters",
        "10.1.0.2\tweb.sub.default.svc.cluster.local\tweb",
        "",
        "# Entries added by HostAliases.",
        "192.0.2.9\tone\ttwo",
        "",
      ].join("\n"),
    );
    expect(node.runtime.sandboxConfigOf(sandboxId)).toMatchObject({
      hostname: "web",
      logDirectory: `/var/log/pods/default_web_${uid}`,
      cgroupParent: `/kubepods/pod${uid}`,
      dns: {
        servers: ["10.96.0.10"],
        searches: ["default.svc.cluster.local", "svc.cluster.local", "cluster.local", "example.com"],
        options: ["ndots:5"],
      },
    });
    expect(config.mounts.map(({ containerPath }) => containerPath)).toEqual(["/etc/hosts", "/dev/termination-log"]);
    expect(config.resources).toEqual({
      cpuShares: 512,
      cpuQuotaMicros: 50_000,
      cpuPeriodMicros: 100_000,
      memoryLimitBytes: 64 * 1024 * 1024,
      oomScoreAdj: -997,
    });
    expect(node.cgroups.groups.get(`/kubepods/pod${uid}`)).toEqual({
      cpuShares: 512,
      cpuQuotaMicros: 50_000,
      memoryLimitBytes: 64 * 1024 * 1024,
    });
  });

  it("starts over in a new sandbox when its sandbox dies", async () => {
    const node = await start();
    await node.createPod();
    await node.run(30_000);
    node.runtime.killSandbox(node.runtime.container("web").sandboxId);
    await node.run(1_000);
    const { status } = await node.pod();
    expect(status.containerStatuses?.[0]).toMatchObject({ restartCount: 1, ready: true });
    expect(status.podIP).toBe("10.1.0.3");
    expect(await node.eventsOf()).toContain(
      "Normal SandboxChanged: Pod sandbox changed, it will be killed and re-created.",
    );
  });

  it("tells why its sandbox cannot be made, and tries again", async () => {
    const node = await start();
    node.runtime.faults.runSandbox = () => {
      throw new Error("no more addresses");
    };
    await node.createPod();
    await node.run(9_000);
    expect(await node.eventsOf()).toEqual([
      "Warning FailedCreatePodSandBox: Failed to create pod sandbox: no more addresses",
    ]);
    delete node.runtime.faults.runSandbox;
    await node.run(2_000);
    expect((await node.pod()).status.phase).toBe("Running");
  });

  it("waits for the network", async () => {
    const node = await start();
    node.runtime.setStatus({ networkReady: false, message: "cni config uninitialized" });
    await node.run(10_000);
    await node.createPod();
    await node.run(500);
    const fault =
      "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:cni config uninitialized";
    expect(await node.eventsOf()).toEqual([`Warning NetworkNotReady: network is not ready: ${fault}`]);
    node.runtime.setStatus({ networkReady: true });
    await node.run(11_000);
    expect((await node.pod()).status.phase).toBe("Running");
  });
});

describe("a container that ends", () => {
  it("is restarted after 10 s, 20 s, 40 s and so on", async () => {
    const node = await start({ script: () => ({ runsForMs: 1_000, exitCode: 3, log: "gave up\n" }) });
    const starts: number[] = [];
    node.runtime.faults.startContainer = () => void starts.push(node.clock.monotonicMs());
    await node.createPod({
      spec: {
        containers: [{ name: "web", image: "web:1", terminationMessagePolicy: "FallbackToLogsOnError" }],
      },
    });
    const { uid } = (await node.pod()).metadata;
    await node.run(2_500);
    const { status } = await node.pod();
    const ended = (start: number, end: number, id: string) => ({
      terminated: {
        exitCode: 3,
        reason: "Error",
        message: "gave up\n",
        startedAt: `2026-01-01T00:00:0${start}Z`,
        finishedAt: `2026-01-01T00:00:0${end}Z`,
        containerID: `containerd://${id}`,
      },
    });
    expect(status.phase).toBe("Running");
    expect(status.containerStatuses?.[0]).toMatchObject({
      state: {
        waiting: {
          reason: "CrashLoopBackOff",
          message: `back-off 10s restarting failed container=web pod=web_default(${uid})`,
        },
      },
      lastState: ended(1, 2, "web-3"),
      restartCount: 1,
      ready: false,
      started: false,
    });
    await node.run(160_000);
    // A second of running and the delay lie between two starts; the first restart comes at once.
    const between = starts.map((time, index) => time - (starts[index - 1] ?? time));
    expect(between).toEqual([0, 1_000, 11_000, 21_000, 41_000, 81_000]);
    expect((await node.pod()).status.containerStatuses?.[0]?.restartCount).toBe(5);
    expect(await node.eventsOf()).toContainEqual(
      expect.stringContaining(`Warning BackOff: Back-off restarting failed container web in pod web_default(${uid})`),
    );
    expect(node.log).toEqual([]);
  });

  it("starts with short delays again after it has run well for ten minutes", async () => {
    let runs = 0;
    const node = await start({
      script: () => {
        runs += 1;
        return { runsForMs: runs === 3 ? 700_000 : 100, exitCode: 1 };
      },
    });
    const starts: number[] = [];
    node.runtime.faults.startContainer = () => void starts.push(node.clock.monotonicMs());
    await node.createPod();
    await node.run(800_000);
    const between = starts.map((time, index) => time - (starts[index - 1] ?? time));
    expect(between.slice(0, 5)).toEqual([0, 100, 10_100, 700_000, 10_100]);
  });

  it("ends its pod when it must not be restarted", async () => {
    const node = await start({ script: () => ({ runsForMs: 2_000, exitCode: 0 }) });
    await node.createPod({ spec: { restartPolicy: "Never", containers: [{ name: "web", image: "web:1" }] } });
    await node.run(5_000);
    const { status, metadata } = await node.pod();
    expect(status.phase).toBe("Succeeded");
    expect(status.podIP).toBe("10.1.0.2");
    expect(status.conditions?.map(({ type, status, reason }) => [type, status, reason])).toEqual([
      ["PodReadyToStartContainers", "False", undefined],
      ["Initialized", "True", "PodCompleted"],
      ["Ready", "False", "PodCompleted"],
      ["ContainersReady", "False", "PodCompleted"],
      ["PodScheduled", "True", undefined],
    ]);
    expect(status.containerStatuses?.[0]?.state.terminated?.reason).toBe("Completed");
    expect(node.cgroups.groups.has(`/kubepods/besteffort/pod${metadata.uid}`)).toBe(false);
    expect(node.runtime.calls).toContain("stopSandbox web");
  });

  it("says that it was killed for want of memory", async () => {
    const node = await start({ script: () => ({ runsForMs: 1_000, isOomKilled: true }) });
    await node.createPod({ spec: { restartPolicy: "Never", containers: [{ name: "web", image: "web:1" }] } });
    await node.run(3_000);
    const { status } = await node.pod();
    expect(status.phase).toBe("Failed");
    expect(status.containerStatuses?.[0]?.state.terminated).toMatchObject({ exitCode: 137, reason: "OOMKilled" });
  });

  it("is noticed although its event was lost", async () => {
    const node = await start();
    await node.createPod();
    await node.run(1_000);
    node.runtime.setEventsLost(true);
    node.runtime.exit("web", 1);
    await node.run(60_000);
    expect((await node.pod()).status.containerStatuses?.[0]?.restartCount).toBe(1);
  });

  it("fails its pod when the pod has been active for too long", async () => {
    const node = await start();
    await node.createPod({ spec: { activeDeadlineSeconds: 30, containers: [{ name: "web", image: "web:1" }] } });
    await node.run(31_000);
    const { status } = await node.pod();
    expect([status.phase, status.reason, status.message]).toEqual([
      "Failed",
      "DeadlineExceeded",
      "Pod was active on the node longer than the specified deadline",
    ]);
  });
});

describe("an agent that the API takes for no more than a node", () => {
  it("may do all that it does", async () => {
    const node = await start({ isSecure: true });
    await node.client.create(serviceAccounts, { metadata: { name: "default", namespace: "default" } });
    const rootCertificate = { metadata: { name: "kube-root-ca.crt", namespace: "default" }, data: { "ca.crt": "PEM" } };
    await node.client.create(configMaps, rootCertificate);
    const pod = await node.createPod();
    await node.run(60_000);
    expect((await node.pod()).status.phase).toBe("Running");
    const volume = pod.spec.volumes?.[0]?.name ?? "";
    expect(node.volumes.mounted.get(`${pod.metadata.uid}/${volume}`)).toMatchObject({
      files: { token: expect.stringMatching(/^ey/), "ca.crt": "PEM", namespace: "default" },
    });
    expect(await node.eventsOf()).toHaveLength(3);
    await node.client.delete(pods, { namespace: "default", name: "web" });
    await node.run(1_000);
    expect(await node.hasPod()).toBe(false);
    expect(node.log).toEqual([]);
  });
});
