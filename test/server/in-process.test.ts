import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configMaps, pods } from "../../src/api/resources.ts";
import type { StatusError } from "../../src/api/status-error.ts";
import type { Pod } from "../../src/api/types/core-v1.ts";
import type { WatchEvent } from "../../src/client/client.ts";
import { startTestServer, type TestServer } from "../../src/testing/test-server.ts";

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.stop());

const inDefault = (name: string) => ({ namespace: "default", name });
const pod = (name: string, labels: Record<string, string> = {}) => ({
  metadata: { ...inDefault(name), labels },
  spec: { containers: [{ name: "web", image: "nginx" }] },
});

async function failureOf(work: Promise<unknown>): Promise<{ code: number; reason: string; message: string }> {
  try {
    await work;
  } catch (error) {
    const { code, reason, message } = error as StatusError;
    return { code, reason, message };
  }
  throw new Error("did not fail");
}

/** Collects what a watch reports until it is stopped. */
function collect(options: Parameters<TestServer["client"]["watch"]>[1]) {
  const controller = new AbortController();
  const seen: string[] = [];
  const done = (async () => {
    for await (const batch of server.client.watch(pods, options, controller.signal))
      seen.push(...batch.map(describeEvent));
  })();
  return {
    async stop() {
      await new Promise((resolve) => setImmediate(resolve));
      controller.abort();
      await done;
      return seen;
    },
  };
}

function describeEvent(event: WatchEvent<Pod>): string {
  if (event.type === "BOOKMARK") return `BOOKMARK ${event.resourceVersion}${event.initialEventsEnd ? " end" : ""}`;
  return `${event.type} ${event.object.metadata.name} ${event.object.metadata.resourceVersion}`;
}

describe("in-process client", () => {
  it("gives a new object its identity, defaults and first generation", async () => {
    const created = await server.client.create(pods, pod("a"));
    const { metadata, status } = created;
    expect({ metadata, phase: status.phase, policy: created.spec.restartPolicy }).toEqual({
      metadata: {
        ...inDefault("a"),
        uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        resourceVersion: "2",
        generation: 1,
        creationTimestamp: "2026-01-01T00:00:00Z",
      },
      phase: "Pending",
      policy: "Always",
    });
    expect(await server.client.get(pods, inDefault("a"))).toBe(created);
  });

  it("keeps status and spec apart", async () => {
    const created = await server.client.create(pods, pod("a"));
    const running = { ...created, status: { ...created.status, phase: "Running" as const } };
    const plain = await server.client.update(pods, running);
    expect(plain).toBe(created);
    const updated = await server.client.update(pods, running, { subresource: "status" });
    expect({ phase: updated.status.phase, generation: updated.metadata.generation }).toEqual({
      phase: "Running",
      generation: 1,
    });
  });

  it.each([
    ["a stale version", 409, "Conflict"],
    ["a name that is taken", 409, "AlreadyExists"],
    ["an object that is not there", 404, "NotFound"],
    ["a name that breaks the rules", 422, "Invalid"],
  ])("refuses %s", async (name, code, reason) => {
    const created = await server.client.create(pods, pod("a"));
    const attempts: Record<string, () => Promise<unknown>> = {
      "a stale version": async () => {
        await server.client.patch(pods, inDefault("a"), "merge", { metadata: { labels: { x: "y" } } });
        await server.client.update(pods, { ...created, metadata: { ...created.metadata, labels: {} } });
      },
      "a name that is taken": () => server.client.create(pods, pod("a")),
      "an object that is not there": () => server.client.update(pods, pod("b")),
      "a name that breaks the rules": () => server.client.create(pods, pod("A_B")),
    };
    expect(await failureOf((attempts[name] as () => Promise<unknown>)())).toMatchObject({ code, reason });
  });

  it("reports changes in order, and a bookmark after the present objects", async () => {
    await server.client.create(pods, pod("a"));
    const watch = collect({ allowBookmarks: true });
    await server.client.patch(pods, inDefault("a"), "merge", { metadata: { labels: { x: "y" } } });
    await server.client.delete(pods, inDefault("a"));
    expect(await watch.stop()).toEqual(["ADDED a 2", "BOOKMARK 2 end", "MODIFIED a 3", "MODIFIED a 4", "DELETED a 5"]);
  });

  it("shows an object that leaves a selection as deleted, and one that enters it as added", async () => {
    await server.client.create(pods, pod("a", { app: "web" }));
    const watch = collect({ labelSelector: "app=web" });
    await server.client.patch(pods, inDefault("a"), "merge", { metadata: { labels: { app: "db" } } });
    await server.client.patch(pods, inDefault("a"), "merge", { metadata: { labels: { app: "web" } } });
    expect(await watch.stop()).toEqual(["ADDED a 2", "DELETED a 3", "ADDED a 4"]);
  });

  it("continues a watch from a version", async () => {
    const created = await server.client.create(pods, pod("a"));
    await server.client.create(pods, pod("b"));
    const watch = collect({ resourceVersion: created.metadata.resourceVersion });
    await server.client.create(configMaps, { metadata: inDefault("other") });
    await server.client.create(pods, pod("c"));
    expect(await watch.stop()).toEqual(["ADDED b 3", "ADDED c 5"]);
  });

  it("pages through a list at one version, whatever happens meanwhile", async () => {
    for (const name of ["a", "b", "c", "d"]) await server.client.create(pods, pod(name));
    const first = await server.client.list(pods, { namespace: "default", limit: 2 });
    await server.client.delete(pods, inDefault("c"));
    await server.client.create(pods, pod("bb"));
    const second = await server.client.list(pods, {
      namespace: "default",
      limit: 2,
      continue: first.continue as string,
    });
    expect([...first.items, ...second.items].map((item) => item.metadata.name)).toEqual(["a", "b", "c", "d"]);
    expect([second.resourceVersion, second.continue]).toEqual([first.resourceVersion, undefined]);
  });

  it("refuses users that may not", async () => {
    const jane = server.as({ username: "jane", groups: ["system:authenticated"] });
    expect(await failureOf(jane.list(pods, { namespace: "default" }))).toEqual({
      code: 403,
      reason: "Forbidden",
      message: 'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"',
    });
  });
});
