import { afterEach, describe, expect, it } from "vitest";
import { pods } from "../api/resources.ts";
import { type KubeletHarness, type KubeletHarnessOptions, startKubeletHarness } from "../testing/kubelet-harness.ts";

let harness: KubeletHarness;
afterEach(() => harness.stop());

async function start(options?: KubeletHarnessOptions): Promise<KubeletHarness> {
  harness = await startKubeletHarness(options);
  return harness;
}

const key = { namespace: "default", name: "web" };
const stops = (node: KubeletHarness) => node.runtime.calls.filter((call) => call.startsWith("stop"));

describe("a pod that is deleted", () => {
  it("gets its grace period, and is gone once all it used is released", async () => {
    const node = await start({ script: () => ({ stopsAfterMs: 5_000 }) });
    await node.createPod({
      spec: {
        containers: [{ name: "web", image: "web:1", volumeMounts: [{ name: "data", mountPath: "/data" }] }],
        volumes: [{ name: "data", emptyDir: {} }],
      },
    });
    await node.run(1_000);
    const { uid } = (await node.pod()).metadata;
    expect(node.volumes.mounted.has(`${uid}/data`)).toBe(true);
    await node.client.delete(pods, key);
    await node.run(4_900);
    expect((await node.pod()).status.phase).toBe("Running");
    expect(stops(node)).toEqual(["stopContainer web 30"]);
    await node.run(200);
    expect(await node.hasPod()).toBe(false);
    expect(stops(node)).toEqual(["stopContainer web 30", "stopSandbox web"]);
    expect([...node.volumes.mounted.keys(), ...node.volumes.podFiles.keys()]).toEqual([]);
    expect([...node.cgroups.groups.keys()]).toEqual(["/kubepods", "/kubepods/besteffort", "/kubepods/burstable"]);
    expect(await node.runtime.listContainers()).toEqual([]);
    expect(await node.runtime.listSandboxes()).toEqual([]);
    expect(node.runtime.calls).toContain(`removePodLogs /var/log/pods/default_web_${uid}`);
    expect(await node.eventsOf()).toContain("Normal Killing: Stopping container web");
    // One write for the start, one for the end, and as the end took its time one between that the agent knows of it.
    expect(node.statusWrites).toHaveLength(3);
    expect(node.log).toEqual([]);
  });

  it("costs two writes in all when its end is quick", async () => {
    const node = await start({ script: () => ({ stopsAfterMs: 500 }) });
    await node.createPod();
    await node.run(1_000);
    await node.client.delete(pods, key);
    await node.run(600);
    expect(await node.hasPod()).toBe(false);
    expect(node.statusWrites).toHaveLength(2);
  });

  it("is killed when its grace period is over", async () => {
    const node = await start({ script: () => ({ stopsAfterMs: "never" }) });
    await node.createPod();
    await node.run(1_000);
    await node.client.delete(pods, key, { gracePeriodSeconds: 7 });
    await node.run(6_900);
    expect(await node.hasPod()).toBe(true);
    await node.run(200);
    expect(await node.hasPod()).toBe(false);
  });

  it("ends sooner when a second delete asks for it, never later", async () => {
    const node = await start({ script: () => ({ stopsAfterMs: "never" }) });
    await node.createPod();
    await node.run(1_000);
    await node.client.delete(pods, key);
    await node.run(1_000);
    await node.client.delete(pods, key, { gracePeriodSeconds: 3 });
    await node.client.delete(pods, key, { gracePeriodSeconds: 60 });
    await node.run(3_100);
    expect(await node.hasPod()).toBe(false);
    expect(stops(node)).toEqual(["stopContainer web 30", "stopContainer web 3", "stopSandbox web"]);
  });

  it("is stopped although the API has forgotten it already", async () => {
    const node = await start({ script: () => ({ stopsAfterMs: 2_000 }) });
    await node.createPod();
    await node.run(1_000);
    await node.client.delete(pods, key, { gracePeriodSeconds: 0 });
    await node.run(0);
    expect(await node.hasPod()).toBe(false);
    expect(node.runtime.container("web").state).toBe("running");
    await node.run(3_000);
    expect(await node.runtime.listSandboxes()).toEqual([]);
    expect(node.log).toEqual([]);
  });

  it("makes room for another of the same name at once", async () => {
    const node = await start({ script: () => ({ stopsAfterMs: 10_000 }) });
    await node.createPod();
    await node.run(1_000);
    await node.client.delete(pods, key, { gracePeriodSeconds: 0 });
    const second = await node.createPod();
    await node.run(1_000);
    expect((await node.pod()).status.phase).toBe("Running");
    expect((await node.runtime.listSandboxes()).map(({ uid }) => uid)).toContain(second.metadata.uid);
    await node.run(30_000);
    expect((await node.runtime.listSandboxes()).map(({ uid }) => uid)).toEqual([second.metadata.uid]);
  });

  it("gives up a pull that is under way", async () => {
    const node = await start();
    node.runtime.images.publish("slow:1", { takesMs: 600_000 });
    await node.createPod({ spec: { containers: [{ name: "web", image: "slow:1" }] } });
    await node.run(1_000);
    await node.client.delete(pods, key);
    await node.run(100);
    expect(await node.hasPod()).toBe(false);
    expect(node.log).toEqual([]);
  });

  it("is shown as failed or succeeded while a finalizer keeps it", async () => {
    const node = await start({ script: () => ({ stopExitCode: 143 }) });
    await node.createPod({ metadata: { finalizers: ["example.com/keep"] } });
    await node.run(1_000);
    await node.client.delete(pods, key);
    await node.run(1_000);
    const { status } = await node.pod();
    expect(status.phase).toBe("Failed");
    expect(status.containerStatuses?.[0]?.state.terminated?.exitCode).toBe(143);
    await node.client.patch(pods, key, "merge", { metadata: { finalizers: null } });
    await node.run(1_000);
    expect(await node.hasPod()).toBe(false);
  });

  it("runs its preStop hook first, in the time of its grace period", async () => {
    const node = await start({
      script: () => ({ stopsAfterMs: "never" }),
      exec: () => ({ takesMs: 4_000 }),
    });
    await node.createPod({
      spec: {
        terminationGracePeriodSeconds: 10,
        containers: [{ name: "web", image: "web:1", lifecycle: { preStop: { exec: { command: ["bye"] } } } }],
      },
    });
    await node.run(1_000);
    await node.client.delete(pods, key);
    await node.run(9_900);
    expect(stops(node)).toEqual(["stopContainer web 6"]);
    await node.run(200);
    expect(await node.hasPod()).toBe(false);
  });

  it.each([
    { name: "fails", exec: () => ({ exitCode: 1 }), stop: "stopContainer web 10" },
    { name: "takes longer than the grace period", exec: () => ({ takesMs: 60_000 }), stop: "stopContainer web 2" },
  ])("is stopped all the same when its preStop hook $name", async ({ exec, stop }) => {
    const node = await start({ exec });
    await node.createPod({
      spec: {
        terminationGracePeriodSeconds: 10,
        containers: [{ name: "web", image: "web:1", lifecycle: { preStop: { exec: { command: ["bye"] } } } }],
      },
    });
    await node.run(1_000);
    await node.client.delete(pods, key);
    await node.run(11_000);
    expect(await node.hasPod()).toBe(false);
    expect(stops(node)).toEqual([stop, "stopSandbox web"]);
  });

  it("sleeps before it is stopped when its hook says so", async () => {
    const node = await start();
    await node.createPod({
      spec: { containers: [{ name: "web", image: "web:1", lifecycle: { preStop: { sleep: { seconds: 3 } } } }] },
    });
    await node.run(1_000);
    await node.client.delete(pods, key);
    await node.run(2_900);
    expect(stops(node)).toEqual([]);
    await node.run(200);
    expect(stops(node)).toEqual(["stopContainer web 27", "stopSandbox web"]);
  });

  it("stops its sidecars last, in reverse order", async () => {
    const node = await start({ script: () => ({ stopsAfterMs: 1_000 }) });
    await node.createPod({
      spec: {
        initContainers: [
          { name: "one", image: "web:1", restartPolicy: "Always" },
          { name: "two", image: "web:1", restartPolicy: "Always" },
        ],
        containers: [{ name: "web", image: "web:1" }],
      },
    });
    await node.run(1_000);
    await node.client.delete(pods, key);
    await node.run(5_000);
    expect(stops(node)).toEqual([
      "stopContainer web 30",
      "stopContainer two 29",
      "stopContainer one 28",
      "stopSandbox web",
    ]);
  });

  it("is tried again when the runtime cannot stop it", async () => {
    const node = await start();
    await node.createPod();
    await node.run(1_000);
    let failures = 0;
    node.runtime.faults.stopContainer = () => {
      failures += 1;
      if (failures === 1) throw new Error("busy");
    };
    await node.client.delete(pods, key);
    await node.run(5_000);
    expect(await node.hasPod()).toBe(true);
    expect(await node.eventsOf()).toContain("Warning FailedKillPod: error killing pod: busy");
    await node.run(6_000);
    expect(await node.hasPod()).toBe(false);
  });
});

describe("an agent that is started anew", () => {
  it("takes over what runs without touching it", async () => {
    const node = await start();
    await node.createPod({
      spec: { containers: [{ name: "web", image: "web:1", readinessProbe: { exec: { command: ["ok"] } } }] },
    });
    await node.run(60_000);
    const before = await node.pod();
    const calls = [...node.runtime.calls];
    await node.restartAgent();
    await node.run(30_000);
    expect(node.runtime.calls).toEqual(calls);
    expect((await node.pod()).status).toEqual(before.status);
    expect(node.log).toEqual([]);
  });

  it("goes on where a crashing container was, and counts on", async () => {
    const node = await start();
    await node.createPod();
    await node.run(1_000);
    node.runtime.exit("web", 1);
    await node.run(1_000);
    await node.restartAgent();
    node.runtime.exit("web", 1);
    await node.run(1_000);
    expect((await node.pod()).status.containerStatuses?.[0]?.restartCount).toBe(2);
  });

  it("stops what was deleted while it was away", async () => {
    const node = await start();
    await node.createPod();
    await node.run(1_000);
    const restarting = node.restartAgent();
    await node.client.delete(pods, key, { gracePeriodSeconds: 0 });
    await restarting;
    await node.run(5_000);
    expect(await node.runtime.listSandboxes()).toEqual([]);
    expect([...node.volumes.podFiles.keys()]).toEqual([]);
    expect([...node.cgroups.groups.keys()]).toEqual(["/kubepods", "/kubepods/besteffort", "/kubepods/burstable"]);
  });

  it("runs the preStop hooks of what nobody knows any more", async () => {
    const asked: string[] = [];
    const node = await start({
      exec: (_, command) => {
        asked.push(command.join(" "));
        return {};
      },
    });
    await node.createPod({
      spec: { containers: [{ name: "web", image: "web:1", lifecycle: { preStop: { exec: { command: ["bye"] } } } }] },
    });
    await node.run(1_000);
    const restarting = node.restartAgent();
    await node.client.delete(pods, key, { gracePeriodSeconds: 0 });
    await restarting;
    await node.run(5_000);
    expect(asked).toEqual(["bye"]);
    expect(await node.runtime.listContainers()).toEqual([]);
  });

  it("finishes what it had begun to stop", async () => {
    const node = await start({ script: () => ({ stopsAfterMs: 20_000 }) });
    await node.createPod();
    await node.run(1_000);
    await node.client.delete(pods, key);
    await node.run(2_000);
    await node.restartAgent();
    await node.run(30_000);
    expect(await node.hasPod()).toBe(false);
    expect(await node.runtime.listSandboxes()).toEqual([]);
  });

  it("does not run again what has ended for good", async () => {
    const node = await start({ script: () => ({ runsForMs: 1_000, exitCode: 1 }) });
    await node.createPod({ spec: { restartPolicy: "Never", containers: [{ name: "web", image: "web:1" }] } });
    await node.run(5_000);
    const before = await node.pod();
    await node.restartAgent();
    await node.run(70_000);
    expect((await node.pod()).status).toEqual(before.status);
    expect(node.runtime.calls.filter((call) => call === "startContainer web")).toHaveLength(1);
  });
});

describe("stopping all pods", () => {
  it("stops them with the grace given, and the next agent runs them on", async () => {
    const node = await start({ script: () => ({ stopsAfterMs: "never" }) });
    const volumeMounts = [{ name: "data", mountPath: "/data" }];
    await node.createPod({
      spec: { containers: [{ name: "web", image: "web:1", volumeMounts }], volumes: [{ name: "data", emptyDir: {} }] },
    });
    await node.run(1_000);
    const before = await node.pod();
    const stopping = node.kubelet.stopAllPods(3);
    await node.run(3_100);
    await stopping;
    expect(stops(node)).toEqual(["stopContainer web 3", "stopSandbox web"]);
    await node.run(1_000);
    expect(await node.pod()).toEqual(before);
    expect(node.volumes.mounted.has(`${before.metadata.uid}/data`)).toBe(true);
    await node.restartAgent();
    await node.run(1_000);
    const { status } = await node.pod();
    expect(status.containerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      ready: true,
      lastState: { terminated: { exitCode: 137 } },
    });
    expect(node.log).toEqual([]);
  });

  it("lets go of one that is deleted meanwhile", async () => {
    const node = await start({ script: () => ({ stopsAfterMs: 2_000 }) });
    await node.createPod();
    await node.run(1_000);
    const stopping = node.kubelet.stopAllPods(10);
    await node.client.delete(pods, key);
    await node.run(3_000);
    await stopping;
    expect(await node.hasPod()).toBe(false);
  });
});
