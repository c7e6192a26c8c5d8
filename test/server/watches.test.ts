import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configMaps } from "../../src/api/resources.ts";
import type { ConfigMap } from "../../src/api/types/core-v1.ts";
import { createVirtualClock, type VirtualClock } from "../../src/base/virtual-clock.ts";
import type { WatchEvent, WatchOptions } from "../../src/client/client.ts";
import { startTestServer, type TestServer, testAdmin } from "../../src/testing/test-server.ts";
import { collect, failureOf, inDefault, reactions } from "./support/fixtures.ts";
import { createMemoryExchange, type MemoryExchange } from "./support/memory-exchange.ts";

let clock: VirtualClock;
let server: TestServer;
beforeEach(async () => {
  clock = createVirtualClock();
  server = await startTestServer({
    clock,
    parts: () => ({ authenticator: { authenticate: async () => testAdmin } }),
  });
});
afterEach(() => server.stop());

const create = (name: string, labels: Readonly<Record<string, string>> = {}) =>
  server.client.create(configMaps, { metadata: { ...inDefault(name), labels } });
const relabel = (name: string, labels: Readonly<Record<string, string | null>>) =>
  server.client.patch(configMaps, inDefault(name), "merge", { metadata: { labels } });
const remove = (name: string) => server.client.delete(configMaps, inDefault(name));
const watch = (options: WatchOptions) => collect(server.client, configMaps, options);

describe("a watch", () => {
  it("shows what is there, then every change, then nothing of other kinds or namespaces", async () => {
    await create("b");
    await create("a");
    const watching = watch({ namespace: "default" });
    await server.client.create(configMaps, { metadata: { namespace: "elsewhere", name: "x" } });
    await relabel("a", { x: "y" });
    await remove("b");
    expect(await watching.take()).toEqual(["ADDED a 3", "ADDED b 2", "MODIFIED a 5", "DELETED b 6"]);
    await watching.stop();
  });

  it("from a version shows only what came after it", async () => {
    await create("a");
    await create("b");
    await remove("a");
    const watching = watch({ resourceVersion: "2" });
    await create("c");
    expect(await watching.take()).toEqual(["ADDED b 3", "DELETED a 4", "ADDED c 5"]);
    await watching.stop();
  });

  it("from a version that is forgotten ends with 410", async () => {
    await create("a");
    await clock.advance(80_000);
    for (let count = 0; count < 150; count += 1) await relabel("a", { count: String(count) });
    expect(await failureOf(watch({ resourceVersion: "1" }).stop())).toEqual({
      code: 410,
      reason: "Expired",
      message: "too old resource version: 1 (2)",
    });
  });

  it("from a version that is to come waits for it, but not for ever", async () => {
    const watching = watch({ resourceVersion: "99" });
    await clock.advance(3000);
    expect(await failureOf(watching.stop())).toMatchObject({
      code: 504,
      message: "Timeout: Too large resource version: 99, current: 1",
    });
  });

  it("with a selector shows objects come and go as they begin and cease to be selected", async () => {
    await create("a", { app: "web" });
    const watching = watch({ labelSelector: "app=web" });
    await create("b", { app: "db" });
    await relabel("b", { app: "web" });
    await relabel("a", { app: null });
    await relabel("a", { other: "yes" });
    await relabel("b", { other: "yes" });
    await remove("a");
    await remove("b");
    expect(await watching.take()).toEqual(["ADDED a 2", "ADDED b 4", "DELETED a 5", "MODIFIED b 7", "DELETED b 9"]);
    await watching.stop();
  });

  it("with a selector shows the last object that was selected, at the version that deselected it", async () => {
    await create("a", { app: "web" });
    const controller = new AbortController();
    const events = server.client.watch(configMaps, { labelSelector: "app=web" }, controller.signal);
    const reading = events[Symbol.asyncIterator]();
    await reading.next();
    await relabel("a", { app: "db" });
    const { value } = await reading.next();
    const shown = value?.map((event: WatchEvent<ConfigMap>) =>
      event.type === "BOOKMARK" ? event : [event.type, event.object.metadata],
    );
    expect(shown).toEqual([
      ["DELETED", expect.objectContaining({ labels: { app: "web" }, resourceVersion: "3", name: "a" })],
    ]);
    controller.abort();
  });

  it("from a version judges past changes by its selector too", async () => {
    await create("a", { app: "web" });
    await relabel("a", { app: "db" });
    await relabel("a", { app: "web" });
    const watching = watch({ resourceVersion: "2", labelSelector: "app=web" });
    expect(await watching.take()).toEqual(["DELETED a 3", "ADDED a 4"]);
    await watching.stop();
  });

  it("of one name hears of nothing else", async () => {
    const watching = watch({ namespace: "default", fieldSelector: "metadata.name=a" });
    await create("b");
    await create("a");
    await remove("b");
    expect(await watching.take()).toEqual(["ADDED a 3"]);
    await watching.stop();
  });

  it("asked for initial events marks their end", async () => {
    await create("a");
    const watching = watch({ sendInitialEvents: true, allowBookmarks: true, resourceVersion: "" });
    await create("b");
    expect(await watching.take()).toEqual(["ADDED a 2", "BOOKMARK 2 end", "ADDED b 3"]);
    await watching.stop();
  });

  it("ends without an error when the server stops", async () => {
    const watching = watch({});
    await reactions();
    server.server.close();
    expect(await watching.stop()).toBeUndefined();
  });

  it("that was given up hears of nothing more", async () => {
    const watching = watch({});
    await watching.stop();
    await create("a");
    expect(await watching.take()).toEqual([]);
  });
});

describe("a watch over HTTP", () => {
  const path = "/api/v1/namespaces/default/configmaps?watch=1&resourceVersion=1";
  const open = async (target: string, headers: Readonly<Record<string, string>> = {}): Promise<MemoryExchange> => {
    const exchange = createMemoryExchange("GET", target, { authorization: "Bearer any", ...headers });
    void server.server.handleHttp(exchange);
    await reactions();
    return exchange;
  };
  const eventsOf = ({ answered }: MemoryExchange) =>
    answered.text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
  const shown = (exchange: MemoryExchange) =>
    eventsOf(exchange).map(
      ({ type, object }) => `${type} ${object.metadata?.name ?? ""} ${object.metadata.resourceVersion}`,
    );

  it("is answered before anything happens", async () => {
    const { answered } = await open(path);
    expect([answered.code, answered.headers["content-type"], answered.text]).toEqual([200, "application/json", ""]);
  });

  it("sends a bookmark each minute to those who want them, and one before it times out", async () => {
    const marked = await open(`${path}&allowWatchBookmarks=true&timeoutSeconds=150`);
    const plain = await open(`${path}&timeoutSeconds=150`);
    await create("a");
    await clock.advance(60_000);
    expect([shown(marked), shown(plain)]).toEqual([["ADDED a 2", "BOOKMARK  2"], ["ADDED a 2"]]);
    await server.client.create(configMaps, { metadata: { namespace: "elsewhere", name: "b" } });
    await clock.advance(88_000);
    expect(shown(marked)).toEqual(["ADDED a 2", "BOOKMARK  2", "BOOKMARK  3", "BOOKMARK  3"]);
    expect(marked.answered.isEnded).toBe(false);
    await clock.advance(2000);
    expect([marked.answered.isEnded, plain.answered.isEnded]).toEqual([true, true]);
  });

  it("shows a bookmark as an empty object of the kind", async () => {
    const exchange = await open(`${path}&allowWatchBookmarks=true`);
    await clock.advance(60_000);
    expect(eventsOf(exchange)).toEqual([
      {
        type: "BOOKMARK",
        object: { kind: "ConfigMap", apiVersion: "v1", metadata: { resourceVersion: "1" } },
      },
    ]);
  });

  it("without a timeout of its own lives for half an hour to an hour", async () => {
    const exchange = await open(path);
    await clock.advance(30 * 60_000 - 1);
    expect(exchange.answered.isEnded).toBe(false);
    await clock.advance(30 * 60_000);
    expect(exchange.answered.isEnded).toBe(true);
  });

  it("reports inside the stream that its version is too old", async () => {
    await create("a");
    await clock.advance(80_000);
    for (let count = 0; count < 150; count += 1) await relabel("a", { count: String(count) });
    const { answered } = await open(path);
    expect([answered.code, answered.isEnded, JSON.parse(answered.text)]).toEqual([
      200,
      true,
      {
        type: "ERROR",
        object: {
          kind: "Status",
          apiVersion: "v1",
          metadata: {},
          status: "Failure",
          message: "too old resource version: 1 (2)",
          reason: "Expired",
          code: 410,
        },
      },
    ]);
  });

  it("as tables names the columns once", async () => {
    const exchange = await open(path, { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" });
    await create("a");
    await create("b");
    const tables = eventsOf(exchange).map(({ object }) => [
      object.kind,
      object.columnDefinitions?.length,
      object.rows[0].cells[0],
    ]);
    expect(tables).toEqual([
      ["Table", 3, "a"],
      ["Table", undefined, "b"],
    ]);
  });

  it("waits for a slow client, and goes on where it left off", async () => {
    const exchange = await open(path);
    exchange.stall();
    for (const name of ["a", "b", "c"]) await create(name);
    expect(shown(exchange)).toEqual(["ADDED a 2"]);
    exchange.drain();
    await create("d");
    expect(shown(exchange)).toEqual(["ADDED a 2", "ADDED b 3", "ADDED c 4", "ADDED d 5"]);
  });

  it("cuts off a client that falls too far behind", async () => {
    const exchange = await open(path);
    exchange.stall();
    await create("a");
    for (let count = 0; count <= 10_001; count += 1) await relabel("a", { count: String(count) });
    expect([exchange.answered.isEnded, shown(exchange).length]).toEqual([true, 2]);
    expect(eventsOf(exchange)[1].object).toMatchObject({ code: 410, reason: "Expired" });
  });

  it("ends when its client goes away", async () => {
    const exchange = await open(path);
    exchange.leave();
    await reactions();
    await create("a");
    expect(shown(exchange)).toEqual([]);
  });
});
