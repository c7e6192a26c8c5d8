import { scheduler } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configMaps } from "../../api/resources.ts";
import { silentLogger } from "../../base/log.ts";
import { createSeededRandom } from "../../base/random.ts";
import { createVirtualClock, type VirtualClock } from "../../base/virtual-clock.ts";
import type { Client } from "../../client/client.ts";
import { buildPod } from "../../testing/build-pod.ts";
import { startTestServer, type TestServer } from "../../testing/test-server.ts";
import { createReferencedObjects, type ReferencedObjects } from "./referenced-objects.ts";

let clock: VirtualClock;
let server: TestServer;
let stop: AbortController;
let changed: string[];
let watches: number;
let references: ReferencedObjects;
let held: Promise<void>;

beforeEach(async () => {
  clock = createVirtualClock(undefined, () => scheduler.yield());
  server = await startTestServer({ clock });
  stop = new AbortController();
  changed = [];
  watches = 0;
  held = Promise.resolve();
  const context = { client: observed(server.client), clock, random: createSeededRandom(1), logger: silentLogger };
  references = createReferencedObjects(context, (uid) => changed.push(uid), stop.signal);
});
afterEach(async () => {
  stop.abort();
  await server.stop();
});

/** Counts watches that are open, and lets them wait. */
function observed(client: Client): Client {
  return {
    ...client,
    async *watch(resource, options, signal) {
      watches += 1;
      try {
        await held;
        yield* client.watch(resource, options, signal);
      } finally {
        watches -= 1;
      }
    },
  };
}

const pod = (uid: string, ...names: string[]) =>
  buildPod({
    metadata: { uid },
    spec: {
      containers: [{ name: "web", image: "web:1", envFrom: names.map((name) => ({ configMapRef: { name } })) }],
    },
  });
const put = (name: string, data: Record<string, string>, immutable = false) =>
  server.client.create(configMaps, {
    metadata: { name, namespace: "default" },
    data,
    ...(immutable ? { immutable } : {}),
  });
const find = (name: string) => references.configMap("default", name);

describe("referenced objects", () => {
  it("are known once they have settled, missing ones among them", async () => {
    await put("one", { a: "1" });
    const subject = pod("uid-1", "one", "none");
    references.register(subject);
    expect(() => find("one")).toThrow("failed to sync configmap cache: timed out waiting for the condition");
    const settled = references.settled(subject, stop.signal);
    await clock.advance(0);
    await settled;
    expect([find("one")?.data, find("none")]).toEqual([{ a: "1" }, undefined]);
    expect(changed).toEqual([]);
  });

  it("are waited for no longer than a second", async () => {
    held = new Promise(() => undefined);
    const subject = pod("uid-1", "one");
    references.register(subject);
    let isSettled = false;
    const settled = references.settled(subject, stop.signal).then(() => {
      isSettled = true;
    });
    await clock.advance(900);
    expect(isSettled).toBe(false);
    await clock.advance(200);
    await settled;
    expect(() => find("one")).toThrow("failed to sync configmap cache");
  });

  it("tell every pod that refers to them of changes", async () => {
    for (const uid of ["uid-1", "uid-2"]) references.register(pod(uid, "one"));
    references.register(pod("uid-3", "two"));
    await clock.advance(0);
    await put("one", { a: "1" });
    await clock.advance(0);
    expect(changed.sort()).toEqual(["uid-1", "uid-2"]);
  });

  it("are watched once each, for as long as a pod refers to them", async () => {
    for (const uid of ["uid-1", "uid-2"]) references.register(pod(uid, "one"));
    await clock.advance(0);
    expect(watches).toBe(1);
    references.unregister("uid-1");
    await clock.advance(0);
    expect(watches).toBe(1);
    references.register(pod("uid-2", "two"));
    await clock.advance(0);
    expect(watches).toBe(1);
    expect(() => find("one")).toThrow("failed to sync configmap cache");
    references.unregister("uid-2");
    await clock.advance(0);
    expect(watches).toBe(0);
  });

  it("that cannot change are not watched", async () => {
    await put("one", { a: "1" }, true);
    references.register(pod("uid-1", "one"));
    await clock.advance(0);
    expect(find("one")?.data).toEqual({ a: "1" });
    expect(watches).toBe(0);
  });
});
