import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configMaps, jobs, namespaces, pods, replicationControllers } from "../../src/api/resources.ts";
import { createVirtualClock, type VirtualClock } from "../../src/base/virtual-clock.ts";
import { startTestServer, type TestServer } from "../../src/testing/test-server.ts";
import { collect, failureOf, inDefault, podNamed } from "./support/fixtures.ts";

let clock: VirtualClock;
let server: TestServer;
beforeEach(async () => {
  clock = createVirtualClock();
  server = await startTestServer({ clock });
});
afterEach(() => server.stop());

const mapNamed = (name: string, metadata: object = {}) => ({ metadata: { ...inDefault(name), ...metadata } });
const isGone = async (name: string) => (await failureOf(server.client.get(configMaps, inDefault(name)))).code === 404;
/** What a deletion leaves in an object's metadata. */
const marksOf = ({ metadata }: { readonly metadata: object }) => {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = metadata as Record<string, unknown>;
  return { deletionTimestamp, deletionGracePeriodSeconds, finalizers };
};

describe("deleting an object", () => {
  it("that nothing holds removes it at once", async () => {
    await server.client.create(configMaps, mapNamed("a"));
    expect(await server.client.delete(configMaps, inDefault("a"))).toBeUndefined();
    expect(await isGone("a")).toBe(true);
  });

  it("with finalizers marks it, and removes it with the last of them", async () => {
    await server.client.create(configMaps, mapNamed("a", { finalizers: ["a.b/c", "a.b/d"] }));
    const marked = await server.client.delete(configMaps, inDefault("a"));
    expect(marked && marksOf(marked)).toEqual({
      deletionTimestamp: "2026-01-01T00:00:00Z",
      deletionGracePeriodSeconds: 0,
      finalizers: ["a.b/c", "a.b/d"],
    });
    await server.client.patch(configMaps, inDefault("a"), "merge", { metadata: { finalizers: ["a.b/d"] } });
    expect(await isGone("a").catch(() => false)).toBe(false);
    await server.client.patch(configMaps, inDefault("a"), "merge", { metadata: { finalizers: [] } });
    expect(await isGone("a")).toBe(true);
  });

  it("again while its finalizers hold it changes nothing", async () => {
    await server.client.create(configMaps, mapNamed("a", { finalizers: ["a.b/c"] }));
    const first = await server.client.delete(configMaps, inDefault("a"));
    await clock.advance(5000);
    expect(await server.client.delete(configMaps, inDefault("a"))).toEqual(first);
  });

  it.each([
    { propagationPolicy: "Foreground", finalizers: ["foregroundDeletion"] },
    { propagationPolicy: "Orphan", finalizers: ["orphan"] },
    { propagationPolicy: "Background", finalizers: undefined },
    { orphanDependents: true, finalizers: ["orphan"] },
    { orphanDependents: false, finalizers: undefined },
  ])(
    "$finalizers holds it for the garbage collector when $propagationPolicy $orphanDependents is asked",
    async (row) => {
      const { finalizers, ...options } = row;
      await server.client.create(configMaps, mapNamed("a"));
      const marked = await server.client.delete(configMaps, inDefault("a"), options);
      expect(marked?.metadata.finalizers).toEqual(finalizers);
    },
  );

  it("in another way than before follows the last request", async () => {
    await server.client.create(configMaps, mapNamed("a"));
    await server.client.delete(configMaps, inDefault("a"), { propagationPolicy: "Orphan" });
    const marked = await server.client.delete(configMaps, inDefault("a"), { propagationPolicy: "Foreground" });
    expect(marked?.metadata.finalizers).toEqual(["foregroundDeletion"]);
    await server.client.delete(configMaps, inDefault("a"), { propagationPolicy: "Background" });
    expect(await isGone("a")).toBe(true);
  });

  it.each([
    { name: "Jobs", create: () => server.client.create(jobs, jobNamed("a")), resource: jobs },
    {
      name: "ReplicationControllers",
      create: () => server.client.create(replicationControllers, controllerNamed("a")),
      resource: replicationControllers,
    },
  ])("of the kind $name leaves its dependants behind unless told otherwise", async ({ create, resource }) => {
    await create();
    const marked = await server.client.delete(resource as typeof jobs, inDefault("a"));
    expect(marked?.metadata.finalizers).toEqual(["orphan"]);
  });

  it.each([
    {
      name: "uid",
      preconditions: { uid: "other" },
      message: /the UID in the precondition \(other\) does not match the UID in record \([0-9a-f-]{36}\)/,
    },
    {
      name: "version",
      preconditions: { resourceVersion: "7" },
      message: /the ResourceVersion in the precondition \(7\) does not match the ResourceVersion in record \(2\)/,
    },
  ])("that must have another $name fails", async ({ preconditions, message }) => {
    await server.client.create(configMaps, mapNamed("a"));
    const failure = await failureOf(server.client.delete(configMaps, inDefault("a"), { preconditions }));
    expect(failure).toMatchObject({ code: 409, reason: "Conflict", message: expect.stringMatching(message) });
  });

  it("dry leaves everything as it is", async () => {
    const created = await server.client.create(configMaps, mapNamed("a", { finalizers: ["a.b/c"] }));
    const marked = await server.client.delete(configMaps, inDefault("a"), { dryRun: ["All"] });
    expect(marked?.metadata.deletionTimestamp).toBe("2026-01-01T00:00:00Z");
    expect(await server.client.get(configMaps, inDefault("a"))).toBe(created);
  });

  it("is heard of by watches, with the object as it was last", async () => {
    const watching = collect(server.client, configMaps, {});
    await server.client.create(configMaps, mapNamed("a", { finalizers: ["a.b/c"] }));
    await server.client.delete(configMaps, inDefault("a"));
    await server.client.patch(configMaps, inDefault("a"), "merge", { metadata: { finalizers: null } });
    expect(await watching.take()).toEqual(["ADDED a 2", "MODIFIED a 3", "DELETED a 4"]);
    await watching.stop();
  });

  it("while others write to it happens once, and after that they do not find it", async () => {
    await server.client.create(configMaps, mapNamed("a"));
    const patches = Array.from({ length: 20 }, (_, index) =>
      server.client.patch(configMaps, inDefault("a"), "merge", { data: { [`k${index}`]: "v" } }),
    );
    const deletes = Array.from({ length: 5 }, () => server.client.delete(configMaps, inDefault("a")));
    const ends = await Promise.allSettled(deletes);
    await Promise.allSettled(patches);
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await isGone("a")).toBe(true);
  });
});

describe("deleting a pod", () => {
  beforeEach(async () => {
    await server.client.create(pods, podNamed("a"));
    const target = { kind: "Node", name: "n1" };
    await server.client.createSubresource(pods, inDefault("a"), "binding", { metadata: { name: "a" }, target });
  });

  it("gives it its grace, which can be shortened but not prolonged", async () => {
    const asked = async (gracePeriodSeconds?: number) => {
      const marked = await server.client.delete(
        pods,
        inDefault("a"),
        gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds },
      );
      return marked && marksOf(marked);
    };
    expect(await asked()).toEqual({ deletionTimestamp: "2026-01-01T00:00:30Z", deletionGracePeriodSeconds: 30 });
    expect(await asked(60)).toEqual({ deletionTimestamp: "2026-01-01T00:00:30Z", deletionGracePeriodSeconds: 30 });
    expect(await asked(5)).toEqual({ deletionTimestamp: "2026-01-01T00:00:05Z", deletionGracePeriodSeconds: 5 });
    expect(await asked(0)).toBeUndefined();
  });

  it("that no node has yet needs no grace", async () => {
    await server.client.create(pods, podNamed("b"));
    expect(await server.client.delete(pods, inDefault("b"))).toBeUndefined();
  });

  it("at once still waits for finalizers", async () => {
    await server.client.patch(pods, inDefault("a"), "merge", { metadata: { finalizers: ["a.b/c"] } });
    const marked = await server.client.delete(pods, inDefault("a"), { gracePeriodSeconds: 0 });
    expect(marked && marksOf(marked)).toEqual({
      deletionTimestamp: "2026-01-01T00:00:00Z",
      deletionGracePeriodSeconds: 0,
      finalizers: ["a.b/c"],
    });
  });
});

describe("deleting a collection", () => {
  it("deletes what is selected, and nothing else", async () => {
    for (const name of ["a", "b", "c"])
      await server.client.create(configMaps, mapNamed(name, { labels: { old: String(name !== "b") } }));
    await server.client.create(configMaps, {
      metadata: { namespace: "elsewhere", name: "d", labels: { old: "true" } },
    });
    await server.client.deleteCollection(configMaps, { namespace: "default", labelSelector: "old=true" });
    const { items } = await server.client.list(configMaps);
    expect(items.map((item) => item.metadata.name)).toEqual(["b", "d"]);
  });
});

describe("deleting a namespace", () => {
  it("marks it until its content is gone", async () => {
    await server.client.create(namespaces, { metadata: { name: "n" } });
    const marked = await server.client.delete(namespaces, { name: "n" });
    expect(marked).toMatchObject({
      metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" },
      spec: { finalizers: ["kubernetes"] },
      status: { phase: "Terminating" },
    });
    const emptied = { ...marked, spec: { finalizers: [] } } as typeof marked & object;
    await server.client.update(namespaces, emptied, { subresource: "finalize" });
    expect(await failureOf(server.client.get(namespaces, { name: "n" }))).toMatchObject({ code: 404 });
  });
});

function jobNamed(name: string) {
  const { spec } = podNamed(name);
  return { metadata: inDefault(name), spec: { template: { spec: { ...spec, restartPolicy: "Never" as const } } } };
}

function controllerNamed(name: string) {
  const { spec } = podNamed(name);
  const template = { metadata: { labels: { app: name } }, spec };
  return { metadata: inDefault(name), spec: { selector: { app: name }, template } };
}
