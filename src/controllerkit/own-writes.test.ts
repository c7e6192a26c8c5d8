import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configMaps, secrets } from "../api/resources.ts";
import { silentLogger } from "../base/log.ts";
import { createSeededRandom } from "../base/random.ts";
import { createVirtualClock, type VirtualClock } from "../base/virtual-clock.ts";
import type { Client } from "../client/client.ts";
import { createInformer } from "../client/shared-informers.ts";
import { createLaggingClient } from "../testing/lagging-client.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";
import { createOwnWrites, type OwnWrites } from "./own-writes.ts";

const lagMs = 1_000;
const key = { namespace: "default", name: "a" };

let clock: VirtualClock;
let server: TestServer;
let client: Client;
let writes: OwnWrites;
const stop = new AbortController();

beforeEach(async () => {
  clock = createVirtualClock();
  server = await startTestServer({ clock });
  ({ client } = server);
  await client.create(configMaps, { metadata: key });
  const lagging = createLaggingClient(client, clock, lagMs);
  const context = { client: lagging, clock, random: createSeededRandom(1), logger: silentLogger };
  const informer = createInformer(context, configMaps, {}, stop.signal);
  writes = createOwnWrites(client, [{ resource: configMaps, informer }]);
  await clock.advance(2 * lagMs);
});
afterEach(async () => {
  await clock.advance(10 * lagMs);
  await server.stop();
});

describe("createOwnWrites", () => {
  it.each<[string, (own: Client) => Promise<unknown>]>([
    ["created", (own) => own.create(configMaps, { metadata: { ...key, name: "b" } })],
    ["updated", (own) => own.update(configMaps, { metadata: key, data: { a: "1" } })],
    ["patched", (own) => own.patch(configMaps, key, "merge", { data: { a: "1" } })],
    ["deleted", (own) => own.delete(configMaps, key)],
  ])("waits until the cache shows what was %s, for the key that wrote it", async (_name, write) => {
    await write(writes.clientFor("mine"));
    let seenAtMs = 0;
    writes.whenSeen("mine", () => {
      seenAtMs = clock.monotonicMs();
    });
    const startMs = clock.monotonicMs();
    expect([writes.areSeen("mine"), writes.areSeen("other")]).toEqual([false, true]);
    await clock.advance(lagMs - 1);
    expect(writes.areSeen("mine")).toBe(false);
    await clock.advance(1);
    expect([writes.areSeen("mine"), seenAtMs - startMs]).toEqual([true, lagMs]);
  });

  it("takes an object that only begins to be deleted for deleted once the cache shows that", async () => {
    await client.patch(configMaps, key, "merge", { metadata: { finalizers: ["example.com/hold"] } });
    await clock.advance(2 * lagMs);
    await writes.clientFor("mine").delete(configMaps, key);
    expect(writes.areSeen("mine")).toBe(false);
    await clock.advance(lagMs);
    expect(writes.areSeen("mine")).toBe(true);
  });

  it("waits for a cache that still shows what others have deleted", async () => {
    await client.delete(configMaps, key);
    await expect(writes.clientFor("mine").delete(configMaps, key)).rejects.toThrow("not found");
    expect(writes.areSeen("mine")).toBe(false);
    await clock.advance(lagMs);
    expect(writes.areSeen("mine")).toBe(true);
  });

  it.each<[string, (own: Client) => Promise<unknown>]>([
    ["writes that were refused", (own) => own.create(configMaps, { metadata: key }).catch(() => undefined)],
    ["dry runs", (own) => own.create(configMaps, { metadata: { ...key, name: "b" } }, { dryRun: true })],
    ["kinds that nobody decides from", (own) => own.create(secrets, { metadata: key })],
    ["writes that changed nothing", (own) => own.patch(configMaps, key, "merge", {})],
  ])("waits for no %s", async (_name, write) => {
    await write(writes.clientFor("mine"));
    expect(writes.areSeen("mine")).toBe(true);
  });

  it("calls back at once when there is nothing to wait for", () => {
    let calls = 0;
    writes.whenSeen("mine", () => {
      calls += 1;
    });
    expect(calls).toBe(1);
  });
});
