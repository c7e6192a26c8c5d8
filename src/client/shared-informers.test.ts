import { describe, expect, it } from "vitest";
import { configMaps } from "../api/resources.ts";
import { expired, forbidden, invalid } from "../api/status-error.ts";
import type { ConfigMap } from "../api/types/core-v1.ts";
import { createLogger, silentLogger } from "../base/log.ts";
import { createSeededRandom } from "../base/random.ts";
import { createVirtualClock } from "../base/virtual-clock.ts";
import type { Client, ListOptions, WatchEvent, WatchOptions } from "./client.ts";
import type { CacheChange } from "./informer.ts";
import { createInformer, createInformers } from "./shared-informers.ts";

type Events = readonly WatchEvent<ConfigMap>[];

/** Plays a server whose watches break in ways that a real one cannot be told to. */
function scriptedServer() {
  const asked: ({ readonly list: ListOptions } | { readonly watch: WatchOptions })[] = [];
  const lists: (readonly ConfigMap[])[] = [];
  let listVersion = "100";
  const open: { push(events: Events): void; end(error?: unknown): void }[] = [];
  const refusals: unknown[] = [];
  const client = {
    async list(_resource: unknown, options: ListOptions) {
      asked.push({ list: options });
      return { items: lists.shift() ?? [], resourceVersion: listVersion };
    },
    async *watch(_resource: unknown, options: WatchOptions, signal: AbortSignal) {
      asked.push({ watch: options });
      const refusal = refusals.shift();
      if (refusal !== undefined) throw refusal;
      const queue: (() => Events | undefined)[] = [];
      let wake: (() => void) | undefined;
      const put = (item: () => Events | undefined): void => {
        queue.push(item);
        wake?.();
      };
      open.push({
        push: (events) => put(() => events),
        end: (error) =>
          put(() => {
            if (error !== undefined) throw error;
            return undefined;
          }),
      });
      signal.addEventListener("abort", () =>
        put(() => {
          throw signal.reason;
        }),
      );
      for (;;) {
        while (queue.length === 0) await new Promise<void>((resolve) => (wake = resolve));
        const events = queue.shift()?.();
        if (events === undefined) return;
        yield events;
      }
    },
  } as unknown as Client;
  return {
    client,
    asked,
    lists,
    refusals,
    open,
    setListVersion: (version: string) => (listVersion = version),
    last: () => open[open.length - 1] as (typeof open)[number],
  };
}

function configMap(name: string, resourceVersion: string, more: { uid?: string; owner?: string } = {}): ConfigMap {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name,
      namespace: "ns",
      uid: more.uid ?? `uid-${name}`,
      resourceVersion,
      creationTimestamp: "2026-01-01T00:00:00Z",
      ...(more.owner === undefined
        ? {}
        : { ownerReferences: [{ apiVersion: "v1", kind: "X", name: "x", uid: more.owner, controller: true }] }),
    },
  };
}

const added = (object: ConfigMap): WatchEvent<ConfigMap> => ({ type: "ADDED", object });
const modified = (object: ConfigMap): WatchEvent<ConfigMap> => ({ type: "MODIFIED", object });
const deleted = (object: ConfigMap): WatchEvent<ConfigMap> => ({ type: "DELETED", object });
const bookmark = (resourceVersion: string, initialEventsEnd = false): WatchEvent<ConfigMap> => ({
  type: "BOOKMARK",
  resourceVersion,
  initialEventsEnd,
});

function setUp(prepare: (server: ReturnType<typeof scriptedServer>) => void = () => undefined) {
  const server = scriptedServer();
  prepare(server);
  const clock = createVirtualClock();
  const stop = new AbortController();
  const lines: string[] = [];
  const logger = createLogger({ clock, write: (line) => lines.push(line) });
  const context = { client: server.client, clock, random: createSeededRandom(1), logger };
  const informer = createInformer(context, configMaps, {}, stop.signal);
  const changes: string[] = [];
  informer.onChange((change) => changes.push(describeChange(change)));
  return { server, clock, stop, informer, changes, lines, context };
}

function describeChange({ before, after }: CacheChange<ConfigMap>): string {
  const show = (object: ConfigMap | undefined): string =>
    object === undefined ? "-" : `${object.metadata.name}@${object.metadata.resourceVersion}`;
  return `${show(before)} > ${show(after)}`;
}

describe("informer", () => {
  it("takes the present objects from the watch and is in sync at the bookmark that ends them", async () => {
    const { server, clock, informer, changes } = setUp();
    await clock.advance(0);
    server.last().push([added(configMap("a", "3"))]);
    await clock.advance(0);
    expect({ changes: [...changes], synced: informer.hasSynced }).toEqual({ changes: [], synced: false });
    server.last().push([added(configMap("b", "4")), bookmark("9", true), modified(configMap("a", "10"))]);
    await clock.advance(0);
    expect({ changes, synced: informer.hasSynced, version: informer.resourceVersion, asked: server.asked }).toEqual({
      changes: ["- > a@3", "- > b@4", "a@3 > a@10"],
      synced: true,
      version: "10",
      asked: [{ watch: { allowBookmarks: true, sendInitialEvents: true } }],
    });
  });

  it("lists where a server refuses initial events, and does not ask for them again", async () => {
    const { server, clock, informer, changes } = setUp((server) =>
      server.refusals.push(invalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", [])),
    );
    server.lists.push([configMap("a", "3")]);
    await clock.advance(0);
    expect({ changes, version: informer.resourceVersion }).toEqual({ changes: ["- > a@3"], version: "100" });
    server.setListVersion("200");
    server.last().end(expired("too old resource version: 100 (150)"));
    await clock.advance(60_000);
    expect(server.asked).toEqual([
      { watch: { allowBookmarks: true, sendInitialEvents: true } },
      { list: {} },
      { watch: { allowBookmarks: true, resourceVersion: "100" } },
      { list: {} },
      { watch: { allowBookmarks: true, resourceVersion: "200" } },
    ]);
    expect(changes).toEqual(["- > a@3", "a@3 > -"]);
  });

  it("goes on from the last version, bookmarks included, when a watch ends", async () => {
    const { server, clock, changes } = setUp();
    await clock.advance(0);
    server.last().push([bookmark("5", true), added(configMap("a", "6")), bookmark("20")]);
    await clock.advance(5_000);
    server.last().end();
    await clock.advance(0);
    server.last().push([deleted(configMap("a", "21"))]);
    await clock.advance(0);
    expect({ asked: server.asked[1], changes }).toEqual({
      asked: { watch: { allowBookmarks: true, resourceVersion: "20" } },
      changes: ["- > a@6", "a@6 > -"],
    });
  });

  it("starts over when its version is too old, telling only what differs", async () => {
    const { server, clock, changes } = setUp();
    await clock.advance(0);
    server
      .last()
      .push([
        added(configMap("same", "1")),
        added(configMap("gone", "2")),
        added(configMap("changed", "3")),
        added(configMap("replaced", "4", { uid: "first" })),
        bookmark("5", true),
      ]);
    await clock.advance(0);
    changes.length = 0;
    server.last().end(expired("too old resource version: 5 (50)"));
    await clock.advance(10_000);
    server
      .last()
      .push([
        added(configMap("same", "1")),
        added(configMap("changed", "30")),
        added(configMap("replaced", "40", { uid: "second" })),
        bookmark("60", true),
      ]);
    await clock.advance(0);
    expect(changes).toEqual(["gone@2 > -", "changed@3 > changed@30", "replaced@4 > -", "- > replaced@40"]);
  });

  it("waits longer after each failure, logs once per streak, and recovers", async () => {
    const { server, clock, informer, lines } = setUp((server) => {
      for (let failure = 0; failure < 7; failure += 1)
        server.refusals.push(forbidden({ group: "", plural: "configmaps" }, "", "no"));
    });
    const triedAt: number[] = [];
    for (let second = 0; second < 200 && !informer.hasSynced; second += 1) {
      const before = server.asked.length;
      await clock.advance(1_000);
      if (server.asked.length > before) triedAt.push(second);
      if (server.open.length > 0) server.last().push([bookmark("5", true)]);
    }
    await clock.advance(0);
    const gaps = triedAt.slice(1).map((second, index) => second - (triedAt[index] as number));
    expect(informer.hasSynced).toBe(true);
    expect(gaps.length).toBe(6);
    expect(gaps[5]).toBeGreaterThanOrEqual(24);
    expect(lines.map((line) => JSON.parse(line).message)).toEqual(["watch failed, trying again"]);
  });

  it("does not spin when a server closes every watch at once", async () => {
    const { server, clock } = setUp();
    for (let step = 0; step < 120; step += 1) {
      await clock.advance(500);
      for (const watch of server.open) watch.end();
    }
    expect(server.asked.length).toBeLessThan(12);
  });

  it("calls the other listeners when one throws, and logs it", async () => {
    const { server, clock, informer, lines } = setUp();
    const heard: string[] = [];
    informer.onChange(() => {
      throw new Error("listener is broken");
    });
    informer.onChange((change) => heard.push(describeChange(change)));
    await clock.advance(0);
    server.last().push([added(configMap("a", "3")), bookmark("9", true)]);
    await clock.advance(0);
    expect(heard).toEqual(["- > a@3"]);
    expect(lines.map((line) => JSON.parse(line).message)).toEqual(["informer listener failed"]);
  });

  it("hands the objects already there to a late listener, and nothing once it has stopped", async () => {
    const { server, clock, informer } = setUp();
    await clock.advance(0);
    server.last().push([added(configMap("a", "3")), bookmark("9", true)]);
    await clock.advance(0);
    const heard: string[] = [];
    const stop = informer.onChange((change) => heard.push(describeChange(change)));
    server.last().push([modified(configMap("a", "10"))]);
    await clock.advance(0);
    stop();
    server.last().push([modified(configMap("a", "11"))]);
    await clock.advance(0);
    expect(heard).toEqual(["- > a@3", "a@3 > a@10"]);
  });

  it("reports progress once per batch, after the changes, and for bookmarks alone", async () => {
    const { server, clock, informer, changes } = setUp();
    const seen: string[] = [];
    informer.onProgress(() => seen.push(`${informer.resourceVersion} after ${changes.length}`));
    await clock.advance(0);
    server.last().push([added(configMap("a", "3")), bookmark("9", true)]);
    await clock.advance(0);
    server.last().push([modified(configMap("a", "10")), modified(configMap("a", "11"))]);
    server.last().push([bookmark("30")]);
    await clock.advance(0);
    expect(seen).toEqual(["9 after 1", "11 after 3", "30 after 3"]);
  });

  it("ends its watch and its waits when it is stopped", async () => {
    const { server, clock, stop, informer } = setUp();
    await clock.advance(0);
    const waiting = informer.synced(stop.signal);
    stop.abort(new Error("stopped"));
    await expect(waiting).rejects.toThrow("stopped");
    await clock.advance(100_000);
    expect({ watches: server.asked.length, timers: clock.pendingTimers }).toEqual({ watches: 1, timers: 0 });
  });
});

describe("object cache", () => {
  it("keeps indexes in step with changes, also those asked for before and after filling", async () => {
    const { server, clock, informer } = setUp();
    informer.addIndex("version", (object) => [object.metadata.resourceVersion]);
    informer.addIndex("version", () => ["another meaning under a taken name"]);
    await clock.advance(0);
    server.last().push([added(configMap("a", "3", { owner: "o1" })), added(configMap("b", "4")), bookmark("9", true)]);
    await clock.advance(0);
    const names = (objects: readonly ConfigMap[]): string[] => objects.map((object) => object.metadata.name);
    const { cache } = informer;
    expect([names(cache.list("ns")), names(cache.ownedBy("o1")), names(cache.byIndex("version", "4"))]).toEqual([
      ["a", "b"],
      ["a"],
      ["b"],
    ]);
    server
      .last()
      .push([
        modified(configMap("a", "10", { owner: "o2" })),
        modified(configMap("b", "11", { owner: "o2" })),
        deleted(configMap("b", "12")),
      ]);
    await clock.advance(0);
    expect([
      names(cache.list("ns")),
      names(cache.list()),
      names(cache.ownedBy("o1")),
      names(cache.ownedBy("o2")),
      names(cache.byIndex("version", "4")),
      cache.size,
    ]).toEqual([["a"], ["a"], [], ["a"], [], 1]);
  });
});

describe("informers", () => {
  it("share one watch per kind", async () => {
    const { clock, server, stop } = setUp();
    const informers = createInformers(
      { client: server.client, clock, random: createSeededRandom(1), logger: silentLogger },
      stop.signal,
    );
    expect(informers.of(configMaps)).toBe(informers.of(configMaps));
    const synced = informers.synced(stop.signal);
    await clock.advance(0);
    server.last().push([bookmark("9", true)]);
    await synced;
    expect(server.asked.length).toBe(2);
  });
});
