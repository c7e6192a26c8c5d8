import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configMaps, pods, secrets } from "../../src/api/resources.ts";
import type { ContainerStatus, Pod } from "../../src/api/types/core-v1.ts";
import { assertUnchanged, type MachineSnapshot, takeSnapshot } from "./support/machine-snapshot.ts";
import { type RealAgent, startRealAgent } from "./support/real-agent.ts";

const image = "busybox:1.36";
let before: MachineSnapshot;
let agent: RealAgent;

beforeAll(async () => {
  before = await takeSnapshot();
  agent = await startRealAgent();
});
afterAll(async () => {
  await agent.close();
  await assertUnchanged(before);
});

const waitMs = { timeout: 20_000, interval: 20 } as const;
const phaseOf = async (name: string): Promise<string | undefined> => (await agent.pod(name)).status.phase;
const containerOf = async (name: string): Promise<ContainerStatus | undefined> =>
  (await agent.pod(name)).status.containerStatuses?.[0];
const idOf = async (name: string): Promise<string> =>
  ((await containerOf(name))?.containerID ?? "").replace(/^.*:\/\//, "");
const logOf = async (name: string): Promise<string> =>
  agent.node.runtime.tailLog(await idOf(name), { maxLines: 100, maxBytes: 100_000 });
const untilRunning = (name: string): Promise<unknown> => expect.poll(() => phaseOf(name), waitMs).toBe("Running");

describe("a pod on a real node", () => {
  it("runs, with address, host name, hosts file, resolver and environment", async () => {
    const script = "echo $GREETING from $(hostname); cat /etc/hosts /etc/resolv.conf; sleep 1000";
    await agent.createPod({
      metadata: { name: "plain" },
      spec: {
        containers: [{ name: "app", image, command: ["sh", "-c", script], env: [{ name: "GREETING", value: "hi" }] }],
      },
    });
    await untilRunning("plain");
    const { status } = await agent.pod("plain");
    await expect.poll(() => logOf("plain")).toContain("options ndots:5");
    const log = await logOf("plain");
    expect([status.podIP, status.qosClass, log.split("\n")[0]]).toEqual([
      expect.stringMatching(/^10\.250\.0\.\d+$/),
      "BestEffort",
      "hi from plain",
    ]);
    expect(log).toContain(`${status.podIP}\tplain\n`);
    expect(log).toContain("search default.svc.cluster.local svc.cluster.local cluster.local");
    expect(log).toContain("nameserver 10.96.0.10\n");
  });

  it("sees its volumes, and new content of a ConfigMap without a restart", async () => {
    await agent.client.create(configMaps, { metadata: { name: "conf", namespace: "default" }, data: { color: "red" } });
    await agent.client.create(secrets, {
      metadata: { name: "keys", namespace: "default" },
      stringData: { password: "hush" },
    });
    const script = [
      "cat /conf/color; echo; cat /keys/password; echo; stat -f -c %T /keys /fast; stat -L -c %a /keys/password",
      "cat /sub; echo; cat /pod/name; echo; echo kept > /data/file; while true; do sleep 1; done",
    ].join("; ");
    await agent.createPod({
      metadata: { name: "volumes" },
      spec: {
        volumes: [
          { name: "conf", configMap: { name: "conf" } },
          { name: "keys", secret: { secretName: "keys", defaultMode: 0o400 } },
          { name: "data", emptyDir: {} },
          { name: "fast", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
          { name: "pod", downwardAPI: { items: [{ path: "name", fieldRef: { fieldPath: "metadata.name" } }] } },
        ],
        containers: [
          {
            name: "app",
            image,
            command: ["sh", "-c", script],
            volumeMounts: [
              { name: "conf", mountPath: "/conf" },
              { name: "conf", mountPath: "/sub", subPath: "color" },
              { name: "keys", mountPath: "/keys", readOnly: true },
              { name: "data", mountPath: "/data" },
              { name: "fast", mountPath: "/fast" },
              { name: "pod", mountPath: "/pod" },
            ],
          },
        ],
      },
    });
    await untilRunning("volumes");
    await expect
      .poll(async () => (await logOf("volumes")).split("\n"), waitMs)
      .toEqual(["red", "hush", "tmpfs", "tmpfs", "400", "red", "volumes", ""]);
    const id = await idOf("volumes");
    await agent.client.update(configMaps, {
      metadata: { name: "conf", namespace: "default" },
      data: { color: "blue" },
    });
    const read = async (): Promise<string> =>
      Buffer.from((await agent.node.runtime.execSync(id, ["cat", "/conf/color"], 5_000)).stdout).toString();
    const warnings = async (): Promise<readonly string[]> =>
      (await agent.eventsOf("volumes")).filter((event) => event.startsWith("Warning"));
    await expect
      .poll(async () => [await read(), await warnings()], { timeout: 30_000, interval: 100 })
      .toEqual(["blue", []]);
    expect(await idOf("volumes")).toBe(id);
  });

  it("that ends is Succeeded or Failed, with its exit code and termination message", async () => {
    const podEnding = (name: string, script: string): Promise<Pod> =>
      agent.createPod({
        metadata: { name },
        spec: { restartPolicy: "Never", containers: [{ name: "app", image, command: ["sh", "-c", script] }] },
      });
    await Promise.all([podEnding("good", "true"), podEnding("bad", "echo too bad > /dev/termination-log; exit 3")]);
    await expect.poll(() => phaseOf("good"), waitMs).toBe("Succeeded");
    await expect.poll(() => phaseOf("bad"), waitMs).toBe("Failed");
    expect([(await containerOf("good"))?.state.terminated, (await containerOf("bad"))?.state.terminated]).toMatchObject(
      [
        { exitCode: 0, reason: "Completed" },
        { exitCode: 3, reason: "Error", message: "too bad\n" },
      ],
    );
  });

  it("that takes more memory than it may shows OOMKilled", async () => {
    await agent.createPod({
      metadata: { name: "hungry" },
      spec: {
        restartPolicy: "Never",
        containers: [{ name: "app", image, command: ["tail", "/dev/zero"], resources: { limits: { memory: "20Mi" } } }],
      },
    });
    await expect.poll(() => phaseOf("hungry"), waitMs).toBe("Failed");
    expect((await containerOf("hungry"))?.state.terminated).toMatchObject({ reason: "OOMKilled", exitCode: 137 });
  });

  it("whose liveness command begins to fail is restarted, and the events say so", async () => {
    const script = "touch /tmp/healthy; sleep 2; rm -f /tmp/healthy; sleep 600";
    await agent.createPod({
      metadata: { name: "liveness" },
      spec: {
        containers: [
          {
            name: "app",
            image,
            command: ["sh", "-c", script],
            livenessProbe: { exec: { command: ["cat", "/tmp/healthy"] }, periodSeconds: 1, failureThreshold: 2 },
          },
        ],
      },
    });
    await expect.poll(async () => (await containerOf("liveness"))?.restartCount, waitMs).toBe(1);
    expect(await agent.eventsOf("liveness")).toEqual(
      expect.arrayContaining([
        "Warning Unhealthy: Liveness probe failed: cat: can't open '/tmp/healthy': No such file or directory\n",
        "Normal Killing: Container app failed liveness probe, will be restarted",
      ]),
    );
  });

  it("says which image cannot be had", async () => {
    await agent.createPod({
      metadata: { name: "noimage" },
      spec: { containers: [{ name: "app", image: "127.0.0.1:1/no/such:image" }] },
    });
    await expect
      .poll(async () => (await containerOf("noimage"))?.state.waiting?.reason, waitMs)
      .toMatch(/^(ErrImagePull|ImagePullBackOff)$/);
    expect(await agent.eventsOf("noimage")).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^Warning Failed: Failed to pull image "127\.0\.0\.1:1\/no\/such:image": .*connection refused/,
        ),
      ]),
    );
  });

  it("is not touched by a restart of the agent", async () => {
    const { restartCount, containerID } = (await containerOf("plain")) ?? {};
    await agent.restartAgent();
    await agent.createPod({
      metadata: { name: "after" },
      spec: { containers: [{ name: "app", image, command: ["sleep", "1000"] }] },
    });
    await untilRunning("after");
    expect(await containerOf("plain")).toMatchObject({ restartCount, containerID });
    expect(await agent.node.runtime.inspectContainer(await idOf("plain"))).toMatchObject({ state: "running" });
  });

  it("that is deleted leaves nothing on the node", async () => {
    const { metadata } = await agent.pod("volumes");
    await agent.client.delete(pods, { namespace: "default", name: "volumes" });
    await expect.poll(() => agent.hasPod("volumes"), waitMs).toBe(false);
    const mounts = await readFile("/proc/self/mountinfo", "utf8");
    expect([
      mounts.includes(metadata.uid),
      (await agent.volumes.podsWithData()).includes(metadata.uid),
      (await agent.node.runtime.listSandboxes()).filter((sandbox) => sandbox.uid === metadata.uid && sandbox.ready),
      (await readdir(join(agent.node.folder, "pods"))).includes(metadata.uid),
    ]).toEqual([false, false, [], false]);
  });
});
