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

/** Starts a pod whose container `web` has these settings beside its image. */
async function startPod(node: KubeletHarness, container: Partial<Input<Container>>): Promise<void> {
  await node.createPod({ spec: { containers: [{ name: "web", image: "web:1", ...container }] } });
  await node.run(0);
}

const containerStatus = async (node: KubeletHarness) => (await node.pod()).status.containerStatuses?.[0];
const conditionOf = async (node: KubeletHarness, type: string) =>
  (await node.pod()).status.conditions?.find((condition) => condition.type === type);
const httpGet = { path: "/healthz", port: 8080 };
const failure = { result: "failure", output: "HTTP probe failed with statuscode: 500" } as const;

describe("a liveness probe", () => {
  it("that fails three times in a row has its container restarted", async () => {
    // The example of "Configure Liveness, Readiness and Startup Probes": healthy for 30 s.
    const node = await start({
      script: () => ({ stopsAfterMs: "never" }),
      exec: ({ startedAtMs }) =>
        node.clock.nowMs() - startedAtMs < 30_000
          ? {}
          : { exitCode: 1, stderr: "cat: can't open '/tmp/healthy': No such file or directory\n" },
    });
    await startPod(node, {
      livenessProbe: { exec: { command: ["cat", "/tmp/healthy"] }, initialDelaySeconds: 5, periodSeconds: 5 },
    });
    await node.run(39_900);
    expect((await containerStatus(node))?.restartCount).toBe(0);
    await node.run(200);
    expect(await node.eventsOf()).toEqual([
      'Normal Pulled: Container image "web:1" already present on machine and can be accessed by the pod',
      "Normal Created: Container created",
      "Normal Started: Container started",
      "Warning Unhealthy: Liveness probe failed: cat: can't open '/tmp/healthy': No such file or directory\n (x3)",
      "Normal Killing: Container web failed liveness probe, will be restarted",
    ]);
    expect(node.runtime.calls.at(-1)).toBe("stopContainer web 30");
    await node.run(30_000);
    expect(await containerStatus(node)).toMatchObject({
      restartCount: 1,
      ready: true,
      lastState: { terminated: { exitCode: 137, reason: "Error" } },
    });
    expect(node.log).toEqual([]);
  });

  it("grants its own grace period", async () => {
    const node = await start({ script: () => ({ stopsAfterMs: "never" }) });
    node.prober.answer = () => failure;
    await startPod(node, {
      livenessProbe: { httpGet, periodSeconds: 1, failureThreshold: 1, terminationGracePeriodSeconds: 3 },
    });
    await node.run(1_100);
    expect(node.runtime.calls.at(-1)).toBe("stopContainer web 3");
  });

  it("begins anew with the next attempt of its container", async () => {
    const node = await start();
    let isHealthy = false;
    node.prober.answer = () => (isHealthy ? { result: "success", output: "" } : failure);
    await startPod(node, { livenessProbe: { httpGet, periodSeconds: 1, failureThreshold: 2 } });
    await node.run(2_100);
    expect((await containerStatus(node))?.restartCount).toBe(1);
    isHealthy = true;
    await node.run(60_000);
    expect((await containerStatus(node))?.restartCount).toBe(1);
    expect(node.log).toEqual([]);
  });

  it("that succeeds in between starts counting again", async () => {
    const node = await start();
    let count = 0;
    node.prober.answer = () => {
      count += 1;
      return count % 3 === 0 ? { result: "success", output: "" } : failure;
    };
    await startPod(node, { livenessProbe: { httpGet, periodSeconds: 1 } });
    await node.run(30_000);
    expect((await containerStatus(node))?.restartCount).toBe(0);
    expect(count).toBeGreaterThan(25);
  });

  it("whose request cannot be made leaves the container alone, and says so", async () => {
    const node = await start();
    await startPod(node, { livenessProbe: { httpGet: { port: "nowhere" }, periodSeconds: 1 } });
    await node.run(10_000);
    expect((await containerStatus(node))?.restartCount).toBe(0);
    expect(await node.eventsOf()).toContainEqual(
      expect.stringContaining(
        'Warning Unhealthy: Liveness probe errored and resulted in unknown state: strconv.Atoi: parsing "nowhere": invalid syntax',
      ),
    );
  });

  it("that is warned of a redirect succeeds", async () => {
    const node = await start();
    node.prober.answer = () => ({ result: "warning", output: "Probe terminated redirects, Response body: moved" });
    await startPod(node, { livenessProbe: { httpGet, periodSeconds: 1, failureThreshold: 1 } });
    await node.run(1_100);
    expect((await containerStatus(node))?.restartCount).toBe(0);
    expect(await node.eventsOf()).toContain(
      "Warning ProbeWarning: Liveness probe warning: Probe terminated redirects, Response body: moved",
    );
  });

  it("of a pod that is being stopped is no longer asked", async () => {
    const node = await start({ script: () => ({ stopsAfterMs: 20_000 }) });
    await startPod(node, { livenessProbe: { httpGet, periodSeconds: 1, failureThreshold: 1 } });
    await node.run(2_000);
    const asked = node.prober.requests.length;
    node.prober.answer = () => failure;
    await node.client.delete(pods, { namespace: "default", name: "web" });
    await node.run(10_000);
    expect(node.prober.requests).toHaveLength(asked);
    expect((await node.eventsOf()).filter((event) => event.includes("Killing"))).toEqual([
      "Normal Killing: Stopping container web",
    ]);
  });
});

describe("a readiness probe", () => {
  it("turns its pod's readiness on and off, at once", async () => {
    const node = await start();
    node.prober.answer = () => failure;
    await startPod(node, { readinessProbe: { httpGet, periodSeconds: 5, successThreshold: 2, failureThreshold: 2 } });
    await node.run(100);
    expect(await node.eventsOf()).toContain(
      "Warning Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 500",
    );
    expect(await containerStatus(node)).toMatchObject({ ready: false, started: true });
    expect(await conditionOf(node, "Ready")).toMatchObject({
      status: "False",
      reason: "ContainersNotReady",
      message: "containers with unready status: [web]",
    });
    node.prober.answer = () => ({ result: "success", output: "" });
    await node.run(9_800);
    expect(await containerStatus(node)).toMatchObject({ ready: false });
    await node.run(200);
    expect(await containerStatus(node)).toMatchObject({ ready: true });
    expect((await conditionOf(node, "Ready"))?.lastTransitionTime).toBe("2026-01-01T00:00:10Z");
    node.prober.answer = () => failure;
    await node.run(9_700);
    expect(await containerStatus(node)).toMatchObject({ ready: true });
    await node.run(300);
    expect(await containerStatus(node)).toMatchObject({ ready: false, restartCount: 0 });
    expect(node.log).toEqual([]);
  });

  it("asks the pod's own address with the headers of its spec", async () => {
    const node = await start();
    await startPod(node, {
      ports: [{ name: "http", containerPort: 8080 }],
      readinessProbe: {
        httpGet: { path: "/ready?x=1", port: "http", scheme: "HTTPS", httpHeaders: [{ name: "X-Me", value: "1" }] },
        timeoutSeconds: 7,
      },
    });
    await node.run(0);
    expect(node.prober.requests).toEqual([
      {
        scheme: "HTTPS",
        host: "10.1.0.2",
        port: 8080,
        path: "/ready?x=1",
        headers: [
          { name: "X-Me", value: "1" },
          { name: "User-Agent", value: "kube-probe/1.36" },
          { name: "Accept", value: "*/*" },
        ],
        timeoutMs: 7_000,
      },
    ]);
  });

  it("keeps what was known of it when the agent is started again", async () => {
    const node = await start();
    await startPod(node, { readinessProbe: { httpGet, periodSeconds: 30 } });
    await node.run(40_000);
    expect((await containerStatus(node))?.ready).toBe(true);
    const writes = node.statusWrites.length;
    await node.restartAgent();
    await node.run(60_000);
    expect((await containerStatus(node))?.ready).toBe(true);
    expect(node.statusWrites).toHaveLength(writes);
  });
});

describe("a startup probe", () => {
  it("holds back the others until it succeeds", async () => {
    const node = await start();
    const asked: string[] = [];
    let isUp = false;
    node.prober.answer = ({ path = "" }) => {
      asked.push(path);
      return path === "/up" && !isUp ? failure : { result: "success", output: "" };
    };
    await startPod(node, {
      startupProbe: { httpGet: { path: "/up", port: 1 }, periodSeconds: 1, failureThreshold: 30 },
      readinessProbe: { httpGet: { path: "/ready", port: 1 }, periodSeconds: 1 },
      livenessProbe: { httpGet: { path: "/live", port: 1 }, periodSeconds: 1 },
    });
    await node.run(5_500);
    expect(new Set(asked)).toEqual(new Set(["/up"]));
    expect(await containerStatus(node)).toMatchObject({ started: false, ready: false });
    isUp = true;
    await node.run(1_500);
    expect(asked.filter((path) => path === "/up")).toHaveLength(6);
    expect(asked).toContain("/live");
    expect(await containerStatus(node)).toMatchObject({ started: true, ready: true });
    await node.run(5_000);
    expect(asked.filter((path) => path === "/up")).toHaveLength(6);
  });

  it("that never succeeds has its container restarted", async () => {
    const node = await start();
    node.prober.answer = () => failure;
    await startPod(node, { startupProbe: { httpGet, periodSeconds: 1, failureThreshold: 4 } });
    await node.run(4_100);
    expect(await node.eventsOf()).toContain("Normal Killing: Container web failed startup probe, will be restarted");
    expect((await containerStatus(node))?.restartCount).toBe(1);
  });

  it("of a container that had started is not asked again when the agent is started again", async () => {
    const node = await start();
    await startPod(node, { startupProbe: { httpGet, periodSeconds: 1 } });
    await node.run(30_000);
    expect(node.prober.requests).toHaveLength(1);
    await node.restartAgent();
    await node.run(30_000);
    expect(node.prober.requests).toHaveLength(1);
    expect((await containerStatus(node))?.started).toBe(true);
  });
});

describe("probes of every kind", () => {
  it("tell of a command that takes too long", async () => {
    const node = await start({ exec: () => ({ takesMs: 5_000 }) });
    await startPod(node, {
      livenessProbe: { exec: { command: ["sleep", "5"] }, periodSeconds: 2, failureThreshold: 1, timeoutSeconds: 1 },
    });
    await node.run(3_100);
    expect(await node.eventsOf()).toContain(
      'Warning Unhealthy: Liveness probe failed: command timed out: "sleep 5" timed out after 1s',
    );
  });

  it("reach TCP ports and gRPC services at the pod's address", async () => {
    const node = await start();
    const asked: unknown[] = [];
    node.prober.answer = (target) => {
      asked.push(target);
      return { result: "success", output: "" };
    };
    await startPod(node, {
      readinessProbe: { tcpSocket: { port: 5432 } },
      livenessProbe: { grpc: { port: 9000, service: "s" }, periodSeconds: 1 },
    });
    await node.run(1_100);
    expect(asked).toEqual([
      { host: "10.1.0.2", port: 5432, timeoutMs: 1_000 },
      { host: "10.1.0.2", port: 9000, service: "s", timeoutMs: 1_000 },
    ]);
  });

  it("of a hundred pods are as many as were asked for, and cause no writes", async () => {
    const node = await start();
    for (let index = 0; index < 100; index += 1)
      await node.createPod({
        metadata: { name: `web-${index}` },
        spec: { containers: [{ name: "web", image: "web:1", readinessProbe: { httpGet, periodSeconds: 5 } }] },
      });
    await node.run(1_000);
    const before = node.prober.requests.length;
    await node.run(60_000);
    expect(node.prober.requests.length - before).toBe(1_200);
    // One write when it runs, one when it is ready.
    expect(node.statusWrites).toHaveLength(200);
  });
});
