import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configMaps, pods } from "../../src/api/resources.ts";
import type { StatusError } from "../../src/api/status-error.ts";
import { createVirtualClock, type VirtualClock } from "../../src/base/virtual-clock.ts";
import type { ListOptions } from "../../src/client/client.ts";
import { startTestServer, type TestServer } from "../../src/testing/test-server.ts";
import { failureOf, inDefault, podNamed } from "./support/fixtures.ts";

let clock: VirtualClock;
let server: TestServer;
beforeEach(async () => {
  clock = createVirtualClock();
  server = await startTestServer({ clock });
});
afterEach(() => server.stop());

const create = (...names: readonly string[]) =>
  names.reduce<Promise<unknown>>(
    (before, name) => before.then(() => server.client.create(configMaps, { metadata: inDefault(name) })),
    Promise.resolve(),
  );
const change = (name: string, labels: Readonly<Record<string, string>>) =>
  server.client.patch(configMaps, inDefault(name), "merge", { metadata: { labels } });
const list = async (options: ListOptions = {}) => {
  const { items, ...rest } = await server.client.list(configMaps, options);
  return { names: items.map((item) => item.metadata.name), ...rest };
};
/** The names on all pages, with what happens between the first and the second. */
async function pages(options: ListOptions, meanwhile: () => Promise<unknown>): Promise<string[][]> {
  const first = await list(options);
  await meanwhile();
  const shown = [first.names];
  for (let next = first.continue; next !== undefined; ) {
    const page = await list({ ...options, continue: next });
    shown.push(page.names);
    next = page.continue;
  }
  return shown;
}
/** So many changes, so late, that what was before is no longer in memory. */
async function outlastMemory(): Promise<void> {
  await clock.advance(80_000);
  for (let count = 0; count < 150; count += 1) await change("a", { count: String(count) });
}

describe("a list", () => {
  it("shows what has been acknowledged, in order of namespace and name", async () => {
    await create("b", "a", "a.b", "a-b");
    expect(await list()).toEqual({ names: ["a", "a-b", "a.b", "b"], resourceVersion: "5" });
  });

  it("in pages shows the state at the first one, while that is in memory", async () => {
    await create("a", "b", "c", "d", "e");
    const meanwhile = async () => {
      await server.client.delete(configMaps, inDefault("d"));
      await change("e", { x: "y" });
      await create("bb", "f");
    };
    expect(await pages({ limit: 2 }, meanwhile)).toEqual([["a", "b"], ["c", "d"], ["e"]]);
  });

  it("in pages shows the state at the first one, when only the store still has it", async () => {
    await create("a", "b", "c", "d", "e");
    const meanwhile = async () => {
      await server.client.delete(configMaps, inDefault("d"));
      await create("bb");
      await outlastMemory();
    };
    expect(await pages({ limit: 2 }, meanwhile)).toEqual([["a", "b"], ["c", "d"], ["e"]]);
  });

  it("in pages fills each page, however few objects a selector leaves", async () => {
    await create("a", "b", "c", "d", "e", "f");
    for (const name of ["b", "d", "f"]) await change(name, { odd: "no" });
    expect(await pages({ limit: 2, labelSelector: "odd=no" }, async () => undefined)).toEqual([["b", "d"], ["f"]]);
  });

  it("in pages of one namespace ends with the namespace", async () => {
    await create("a", "b", "c");
    await server.client.create(configMaps, { metadata: { namespace: "elsewhere", name: "d" } });
    expect(await pages({ namespace: "default", limit: 2 }, async () => undefined)).toEqual([["a", "b"], ["c"]]);
  });

  it("whose state has been compacted ends with 410 and a token that goes on from now", async () => {
    await create("a", "b", "c", "d");
    const first = await list({ limit: 2 });
    await server.client.delete(configMaps, inDefault("c"));
    await create("e");
    await outlastMemory();
    await server.store.compact(server.store.revision);
    const options = { limit: 2, continue: first.continue as string };
    const error = await server.client.list(configMaps, options).then(
      () => undefined,
      (thrown: StatusError) => thrown,
    );
    expect([error?.code, error?.reason, error?.message.slice(0, 74)]).toEqual([
      410,
      "Expired",
      "The provided continue parameter is too old to display a consistent list re",
    ]);
    const fresh = error?.status.metadata?.continue as string;
    expect((await list({ limit: 2, continue: fresh })).names).toEqual(["d", "e"]);
  });

  it.each([
    { name: "in memory", prepare: async () => undefined },
    { name: "in the store alone", prepare: outlastMemory },
  ])("at a version shows exactly that, when it is $name", async ({ prepare }) => {
    await create("a", "b");
    const { resourceVersion } = await list();
    await server.client.delete(configMaps, inDefault("b"));
    await create("c");
    await prepare();
    expect(await list({ resourceVersion, resourceVersionMatch: "Exact" })).toEqual({
      names: ["a", "b"],
      resourceVersion,
    });
  });

  it("at a version that has been compacted ends with 410", async () => {
    await create("a");
    const { resourceVersion } = await list();
    await create("b");
    await outlastMemory();
    await server.store.compact(server.store.revision);
    expect(await failureOf(list({ resourceVersion, resourceVersionMatch: "Exact" }))).toEqual({
      code: 410,
      reason: "Expired",
      message: "The resourceVersion for the provided list is too old.",
    });
  });

  it.each([
    { name: "any version", resourceVersion: "0" },
    { name: "a version that is past, or later", resourceVersion: "2" },
  ])("not older than $name shows the newest state", async ({ resourceVersion }) => {
    await create("a", "b");
    await server.client.delete(configMaps, inDefault("a"));
    expect(await list({ resourceVersion, resourceVersionMatch: "NotOlderThan" })).toEqual({
      names: ["b"],
      resourceVersion: "4",
    });
  });

  it("not older than a version that is to come waits for it", async () => {
    await create("a");
    const waiting = list({ resourceVersion: "3", resourceVersionMatch: "NotOlderThan" });
    await clock.advance(2000);
    await create("b");
    expect(await waiting).toEqual({ names: ["a", "b"], resourceVersion: "3" });
  });

  it("not older than a version that does not come fails after three seconds", async () => {
    const failure = failureOf(list({ resourceVersion: "99", resourceVersionMatch: "NotOlderThan" }));
    await clock.advance(3000);
    expect(await failure).toEqual({
      code: 504,
      reason: "Timeout",
      message: "Timeout: Too large resource version: 99, current: 1",
    });
  });

  it("follows objects as labels that it selects by come and go", async () => {
    await create("a", "b", "c");
    const selected = async () => (await list({ labelSelector: "app=web" })).names;
    await change("a", { app: "web" });
    await change("b", { app: "web" });
    expect(await selected()).toEqual(["a", "b"]);
    await change("a", { app: "db" });
    await change("c", { app: "web" });
    await server.client.delete(configMaps, inDefault("b"));
    expect(await selected()).toEqual(["c"]);
  });

  it.each([
    { labelSelector: "app in (web,db)", names: ["a", "b"] },
    { labelSelector: "app notin (web)", names: ["b", "c"] },
    { labelSelector: "app", names: ["a", "b"] },
    { labelSelector: "!app", names: ["c"] },
    { labelSelector: "app!=web,tier=back", names: ["b"] },
    { labelSelector: "app=web,app=db", names: [] },
  ])("shows what the selector '$labelSelector' means", async ({ labelSelector, names }) => {
    await create("a", "b", "c");
    await change("a", { app: "web", tier: "back" });
    await change("b", { app: "db", tier: "back" });
    expect((await list({ labelSelector })).names).toEqual(names);
  });

  it("finds the pods of a node, wherever they go", async () => {
    await server.client.create(pods, podNamed("a"));
    await server.client.create(pods, podNamed("b"));
    const onNode = async (fieldSelector: string) =>
      (await server.client.list(pods, { fieldSelector })).items.map((pod) => pod.metadata.name);
    expect(await onNode("spec.nodeName=")).toEqual(["a", "b"]);
    const target = { kind: "Node", name: "n1" };
    await server.client.createSubresource(pods, inDefault("a"), "binding", { metadata: { name: "a" }, target });
    expect([
      await onNode("spec.nodeName=n1"),
      await onNode("spec.nodeName="),
      await onNode("spec.nodeName!=n1"),
    ]).toEqual([["a"], ["b"], ["b"]]);
    await server.client.delete(pods, inDefault("a"), { gracePeriodSeconds: 0 });
    expect(await onNode("spec.nodeName=n1")).toEqual([]);
  });
});
