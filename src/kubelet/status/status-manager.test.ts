import { scheduler } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pods } from "../../api/resources.ts";
import { serviceUnavailable } from "../../api/status-error.ts";
import type { Pod, PodStatus } from "../../api/types/core-v1.ts";
import { silentLogger } from "../../base/log.ts";
import { createSeededRandom } from "../../base/random.ts";
import { createVirtualClock, type VirtualClock } from "../../base/virtual-clock.ts";
import type { Client } from "../../client/client.ts";
import { startTestServer, type TestServer } from "../../testing/test-server.ts";
import { createStatusManager, type StatusManager } from "./status-manager.ts";

const key = { namespace: "default", name: "web" };
let server: TestServer;
let clock: VirtualClock;
let stop: AbortController;
let mayRun: boolean;
/** What the agent's watch has delivered. */
let known: Pod | undefined;
/** Calls that reached the server, and what to do before each. */
let calls: string[];
let beforeCall: () => void;
let manager: StatusManager;

beforeEach(async () => {
  clock = createVirtualClock(undefined, () => scheduler.yield());
  server = await startTestServer({ clock });
  stop = new AbortController();
  mayRun = true;
  calls = [];
  beforeCall = () => undefined;
  manager = createStatusManager({
    client: watched(server.client),
    clock,
    random: createSeededRandom(1),
    logger: silentLogger,
    findPod: () => known,
    mayHaveRunningContainers: () => mayRun,
    signal: stop.signal,
  });
  known = await server.client.create(pods, {
    metadata: key,
    spec: { nodeName: "node-1", containers: [{ name: "web", image: "web:1" }] },
  });
});
afterEach(async () => {
  stop.abort();
  await server.stop();
});

function watched(client: Client): Client {
  return {
    ...client,
    patch(resource, object, type, patch, options, signal) {
      calls.push("patch");
      beforeCall();
      return client.patch(resource, object, type, patch, options, signal);
    },
    delete(resource, object, options, signal) {
      calls.push("delete");
      beforeCall();
      return client.delete(resource, object, options, signal);
    },
  };
}

const pod = (): Pod => {
  if (known === undefined) throw new Error("no pod");
  return known;
};
const read = async (): Promise<PodStatus> => (await server.client.get(pods, key)).status;
const set = (status: PodStatus): PodStatus => manager.set(pod(), status);
const run = (forMs: number) => clock.advance(forMs);

describe("the status manager", () => {
  it("writes what users wait for at once, and the rest after a second", async () => {
    set({ phase: "Pending", podIP: "10.0.0.5", podIPs: [{ ip: "10.0.0.5" }] });
    await run(900);
    expect(calls).toEqual([]);
    set({ phase: "Running", podIP: "10.0.0.5", podIPs: [{ ip: "10.0.0.5" }] });
    await run(0);
    expect(calls).toEqual(["patch"]);
    expect(await read()).toMatchObject({ phase: "Running", podIP: "10.0.0.5", startTime: "2026-01-01T00:00:00Z" });
    await run(60_000);
    expect(calls).toEqual(["patch"]);
  });

  it("writes once more when something changes during a write", async () => {
    let hasChanged = false;
    beforeCall = () => {
      if (hasChanged) return;
      hasChanged = true;
      set({ phase: "Failed", reason: "Evicted" });
    };
    mayRun = false;
    set({ phase: "Running" });
    await run(0);
    expect(calls).toEqual(["patch", "patch"]);
    expect((await read()).reason).toBe("Evicted");
  });

  it("tries again with growing pauses when the server cannot be reached", async () => {
    let failures = 0;
    beforeCall = () => {
      failures += 1;
      if (failures <= 3) throw serviceUnavailable("gone fishing");
    };
    set({ phase: "Running" });
    await run(1_600);
    expect(calls.length).toBeLessThan(4);
    await run(30_000);
    expect(calls).toHaveLength(4);
    expect((await read()).phase).toBe("Running");
  });

  it("leaves another pod of the same name alone", async () => {
    const old = pod();
    set({ phase: "Pending" });
    await server.client.delete(pods, key, { gracePeriodSeconds: 0 });
    known = await server.client.create(pods, { metadata: key, spec: old.spec });
    manager.set(old, { phase: "Running" });
    await run(60_000);
    expect(calls).toEqual([]);
    known = old;
    manager.set(old, { phase: "Failed" });
    await run(0);
    expect(calls).toEqual(["patch"]);
    expect((await read()).phase).toBe("Pending");
  });

  it("removes a pod that is being deleted once it has ended, and not before", async () => {
    await server.client.delete(pods, key, { gracePeriodSeconds: 30 });
    known = await server.client.get(pods, key);
    set({ phase: "Running" });
    await run(2_000);
    expect(calls).toEqual(["patch"]);
    mayRun = false;
    set({ phase: "Succeeded" });
    await run(2_000);
    expect((await read()).phase).toBe("Succeeded");
    manager.finish(pod());
    await run(0);
    await expect(read()).rejects.toThrow('pods "web" not found');
  });

  it("removes a pod of whose deletion the agent has not heard yet", async () => {
    mayRun = false;
    await server.client.delete(pods, key, { gracePeriodSeconds: 30 });
    set({ phase: "Succeeded" });
    manager.finish(pod());
    await run(10);
    await expect(read()).rejects.toThrow('pods "web" not found');
    expect(calls.at(-1)).toBe("delete");
  });

  it("sets right what others have written over it", async () => {
    set({ phase: "Running" });
    await run(0);
    known = await server.client.patch(pods, key, "merge", { status: { phase: "Failed" } }, { subresource: "status" });
    manager.reconcile(pod());
    await run(9_000);
    expect((await read()).phase).toBe("Failed");
    await run(2_000);
    expect((await read()).phase).toBe("Running");
  });

  it("does not take back that a container has ended for good", async () => {
    const state = (phase: PodStatus["phase"], terminated: boolean): PodStatus => ({
      ...(phase === undefined ? {} : { phase }),
      containerStatuses: [
        {
          name: "web",
          state: terminated
            ? { terminated: { exitCode: 0, startedAt: null, finishedAt: null } }
            : { running: { startedAt: null } },
          lastState: {},
          ready: false,
          restartCount: 0,
          image: "",
          imageID: "",
        },
      ],
    });
    const never = { ...pod(), spec: { ...pod().spec, restartPolicy: "Never" as const } };
    const ended = manager.set(never, state("Running", true));
    expect(manager.set(never, state("Running", false))).toBe(ended);
  });
});
