import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  configMaps,
  deployments,
  events,
  eventsV1,
  horizontalPodAutoscalers,
  horizontalPodAutoscalersV1,
  leases,
  nodes,
  pods,
  roles,
  secrets,
} from "../../src/api/resources.ts";
import type { Scale } from "../../src/api/types/autoscaling-v1.ts";
import { createSeededRandom, type Random } from "../../src/base/random.ts";
import { createVirtualClock, type VirtualClock } from "../../src/base/virtual-clock.ts";
import { startTestServer, type TestServer } from "../../src/testing/test-server.ts";
import { collect, failureOf, inDefault, podNamed, reactions } from "./support/fixtures.ts";

let clock: VirtualClock;
let server: TestServer;
beforeEach(async () => {
  clock = createVirtualClock();
  server = await startTestServer({ clock });
});
afterEach(() => server.stop());

const mapNamed = (name: string, data: Readonly<Record<string, string>> = {}) => ({ metadata: inDefault(name), data });
const patchMap = (name: string, patch: object) => server.client.patch(configMaps, inDefault(name), "merge", patch);

describe("creating an object", () => {
  it("ignores what only the server decides", async () => {
    const created = await server.client.create(configMaps, {
      metadata: {
        ...inDefault("a"),
        uid: "mine",
        generation: 7,
        selfLink: "/mine",
        creationTimestamp: "2020-01-01T00:00:00Z",
        deletionTimestamp: "2020-01-01T00:00:00Z",
        deletionGracePeriodSeconds: 7,
        managedFields: [{ manager: "me", operation: "Update" }],
      },
    });
    expect(created.metadata).toEqual({
      ...inDefault("a"),
      uid: expect.stringMatching(/^[0-9a-f]{8}-/),
      resourceVersion: "2",
      generation: 7,
      creationTimestamp: "2026-01-01T00:00:00Z",
    });
  });

  it("gives a name made of a prefix, cut so that it stays a label", async () => {
    const metadata = { namespace: "default", generateName: "x".repeat(70) };
    const { name } = (await server.client.create(configMaps, { metadata })).metadata;
    expect(name).toMatch(/^x{58}[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  it("of a dozen at once gives each its own name and version", async () => {
    const metadata = { namespace: "default", generateName: "a-" };
    const all = await Promise.all(Array.from({ length: 12 }, () => server.client.create(configMaps, { metadata })));
    expect(new Set(all.map((map) => map.metadata.name)).size).toBe(12);
    expect(new Set(all.map((map) => map.metadata.resourceVersion)).size).toBe(12);
  });

  it("of one name twice at once succeeds once", async () => {
    const both = await Promise.allSettled([1, 2].map(() => server.client.create(configMaps, mapNamed("a"))));
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("of a name that is being deleted says so", async () => {
    await server.client.create(configMaps, { metadata: { ...inDefault("a"), finalizers: ["a.b/c"] } });
    await server.client.delete(configMaps, inDefault("a"));
    expect(await failureOf(server.client.create(configMaps, mapNamed("a")))).toEqual({
      code: 409,
      reason: "AlreadyExists",
      message: 'object is being deleted: configmaps "a" already exists',
    });
  });

  it("too large for the store is refused", async () => {
    const template = { spec: { containers: [{ name: "c", image: "i", command: ["x".repeat(1_600_000)] }] } };
    const deployment = {
      selector: { matchLabels: { a: "b" } },
      template: { metadata: { labels: { a: "b" } }, ...template },
    };
    expect(
      await failureOf(server.client.create(deployments, { metadata: inDefault("a"), spec: deployment })),
    ).toMatchObject({ code: 500, message: "etcdserver: request is too large" });
  });
});

describe("a generated name that is taken", () => {
  /** Names come out alike as long as `isStuck` says so. */
  function stuckRandom(isStuck: () => boolean): Random {
    const random = createSeededRandom(1);
    return { next: () => (isStuck() ? 0 : random.next()), bytes: (count) => random.bytes(count) };
  }

  it("is replaced by another", async () => {
    let draws = 0;
    const random = stuckRandom(() => ++draws <= 20);
    await server.stop();
    server = await startTestServer({ clock, random });
    draws = 0;
    const metadata = { namespace: "default", generateName: "a-" };
    const first = await server.client.create(configMaps, { metadata });
    const second = await server.client.create(configMaps, { metadata });
    expect(first.metadata.name).toBe("a-bbbbb");
    expect(second.metadata.name).not.toBe(first.metadata.name);
  });

  it("eight times over ends the request", async () => {
    await server.stop();
    server = await startTestServer({ clock, random: stuckRandom(() => true) });
    const metadata = { namespace: "default", generateName: "a-" };
    await server.client.create(configMaps, { metadata });
    expect(await failureOf(server.client.create(configMaps, { metadata }))).toEqual({
      code: 409,
      reason: "AlreadyExists",
      message: 'configmaps "a-bbbbb" already exists, the server was not able to generate a unique name for the object',
    });
  });
});

describe("changing an object", () => {
  it("to what it is already writes nothing", async () => {
    const created = await server.client.create(configMaps, mapNamed("a", { k: "v" }));
    expect(await server.client.update(configMaps, mapNamed("a", { k: "v" }))).toBe(created);
    expect(await patchMap("a", { data: { k: "v" } })).toBe(created);
    expect(server.store.revision).toBe(2);
  });

  it("from many sides at once loses no patch", async () => {
    await server.client.create(configMaps, mapNamed("a"));
    const keys = Array.from({ length: 50 }, (_, index) => `k${index}`);
    await Promise.all(keys.map((key) => patchMap("a", { data: { [key]: "v" } })));
    const { data } = await server.client.get(configMaps, inDefault("a"));
    expect(Object.keys(data ?? {}).sort()).toEqual(keys.sort());
  });

  it("under a version that is past fails, whichever way it is said", async () => {
    const created = await server.client.create(configMaps, mapNamed("a"));
    await patchMap("a", { data: { k: "v" } });
    const stale = { code: 409, reason: "Conflict" };
    expect(await failureOf(server.client.update(configMaps, created))).toMatchObject(stale);
    const metadata = { resourceVersion: created.metadata.resourceVersion };
    expect(await failureOf(patchMap("a", { metadata, data: { k: "w" } }))).toMatchObject(stale);
  });

  it("counts generations of its spec, and of nothing else", async () => {
    const { spec } = podNamed("a");
    const template = { metadata: { labels: { app: "a" } }, spec };
    const created = await server.client.create(deployments, {
      metadata: inDefault("a"),
      spec: { replicas: 1, selector: { matchLabels: { app: "a" } }, template },
    });
    const generations = [created.metadata.generation];
    for (const patch of [
      { metadata: { labels: { x: "y" } } },
      { spec: { replicas: 2 } },
      { status: { replicas: 1 } },
    ]) {
      const { metadata } = await server.client.patch(deployments, inDefault("a"), "merge", patch);
      generations.push(metadata.generation);
    }
    const status = { status: { replicas: 1 } };
    const written = await server.client.patch(deployments, inDefault("a"), "merge", status, { subresource: "status" });
    expect([...generations, written.metadata.generation, written.status.replicas]).toEqual([1, 1, 2, 2, 2, 1]);
  });

  it("of a kind that may be created by update creates it", async () => {
    const { metadata } = await server.client.update(leases, { metadata: inDefault("a") });
    expect(metadata.resourceVersion).toBe("2");
    expect(await failureOf(server.client.update(configMaps, mapNamed("a")))).toMatchObject({ code: 404 });
  });

  it("keeps what it is of", async () => {
    await server.client.create(secrets, { metadata: inDefault("a"), type: "example.com/one" });
    const patch = { type: "example.com/two" };
    expect(await failureOf(server.client.patch(secrets, inDefault("a"), "merge", patch))).toMatchObject({
      code: 422,
      message: 'Secret "a" is invalid: type: Invalid value: "example.com/two": field is immutable',
    });
  });
});

describe("a dry run", () => {
  it("answers as the real one would, and changes nothing", async () => {
    const options = { dryRun: true };
    const created = await server.client.create(configMaps, mapNamed("a"), options);
    expect(created.metadata).toEqual({
      ...inDefault("a"),
      uid: expect.any(String),
      creationTimestamp: "2026-01-01T00:00:00Z",
    });
    await server.client.create(configMaps, mapNamed("b"));
    const updated = await server.client.update(configMaps, mapNamed("b", { k: "v" }), options);
    const patched = await server.client.patch(configMaps, inDefault("b"), "merge", { data: { k: "w" } }, options);
    expect([updated.data, patched.data, patched.metadata.resourceVersion]).toEqual([{ k: "v" }, { k: "w" }, "2"]);
    expect(server.store.revision).toBe(2);
    expect((await server.client.list(configMaps)).items).toEqual([await server.client.get(configMaps, inDefault("b"))]);
  });
});

describe("a scale", () => {
  it("is read from its object and written into it", async () => {
    const { spec } = podNamed("a");
    const template = { metadata: { labels: { app: "a" } }, spec };
    await server.client.create(deployments, {
      metadata: inDefault("a"),
      spec: { replicas: 2, selector: { matchLabels: { app: "a" } }, template },
    });
    const scale = await server.client.getSubresource<Scale>(deployments, inDefault("a"), "scale");
    expect(scale).toMatchObject({
      kind: "Scale",
      apiVersion: "autoscaling/v1",
      spec: { replicas: 2 },
      status: { replicas: 0, selector: "app=a" },
    });
    const patch = { spec: { replicas: 5 } };
    await server.client.patch(deployments, inDefault("a"), "merge", patch, { subresource: "scale" });
    const scaled = await server.client.get(deployments, inDefault("a"));
    expect([scaled.spec.replicas, scaled.metadata.generation]).toEqual([5, 2]);
  });
});

describe("a kind with two versions", () => {
  it("shows autoscalers of either version in the other, and in watches", async () => {
    const watching = collect(server.client, horizontalPodAutoscalersV1, {});
    const target = { kind: "Deployment", name: "d", apiVersion: "apps/v1" };
    await server.client.create(horizontalPodAutoscalersV1, {
      metadata: inDefault("a"),
      spec: { scaleTargetRef: target, maxReplicas: 5, targetCPUUtilizationPercentage: 60 },
    });
    const read = await server.client.get(horizontalPodAutoscalers, inDefault("a"));
    expect(read.spec.metrics).toEqual([
      { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } } },
    ]);
    await server.client.patch(horizontalPodAutoscalers, inDefault("a"), "merge", { spec: { maxReplicas: 7 } });
    const { items } = await server.client.list(horizontalPodAutoscalersV1, { namespace: "default" });
    expect(items.map(({ apiVersion, spec }) => [apiVersion, spec.maxReplicas])).toEqual([["autoscaling/v1", 7]]);
    expect(await watching.take()).toEqual(["ADDED a 2", "MODIFIED a 3"]);
    await watching.stop();
  });

  it("checks events of the newer group more strictly, and finds them by the names of both", async () => {
    const old = { metadata: inDefault("a"), involvedObject: { kind: "Pod", namespace: "default", name: "p" } };
    await server.client.create(events, old);
    const event = {
      metadata: inDefault("b"),
      eventTime: "2026-01-01T00:00:00.000000Z",
      reportingController: "example.com/c",
      reportingInstance: "i",
      action: "Act",
      reason: "Because",
      type: "Normal",
      regarding: { kind: "Pod", namespace: "default", name: "p" },
    };
    await server.client.create(eventsV1, event);
    expect(
      await failureOf(server.client.create(eventsV1, { ...event, metadata: inDefault("c"), type: "Odd" })),
    ).toEqual({
      code: 422,
      reason: "Invalid",
      message: 'Event "c" is invalid: type: Invalid value: "": has invalid value: Odd',
    });
    const namesOf = (list: { readonly items: readonly { readonly metadata: { readonly name: string } }[] }) =>
      list.items.map(({ metadata }) => metadata.name);
    const core = await server.client.list(events, { fieldSelector: "involvedObject.name=p" });
    const newer = await server.client.list(eventsV1, { fieldSelector: "regarding.name=p" });
    expect([namesOf(core), namesOf(newer)]).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
  });

  it("forgets events after an hour", async () => {
    const watching = collect(server.client, eventsV1, {});
    await server.client.create(events, { metadata: inDefault("a"), involvedObject: { namespace: "default" } });
    await clock.advance(59 * 60_000);
    expect((await server.client.list(events)).items).toHaveLength(1);
    await clock.advance(2 * 60_000);
    await reactions();
    expect((await server.client.list(events)).items).toEqual([]);
    expect(await watching.take()).toEqual(["ADDED a 2", "DELETED a 3"]);
    await watching.stop();
  });
});

describe("a server that starts anew on the same store", () => {
  it("knows everything that was acknowledged, and goes on counting", async () => {
    await server.client.create(pods, podNamed("a"));
    await server.client.create(nodes, { metadata: { name: "n" } });
    await server.client.create(roles, { metadata: inDefault("r"), rules: [] });
    await server.client.delete(nodes, { name: "n" });
    const pod = await server.client.get(pods, inDefault("a"));
    const role = await server.client.get(roles, inDefault("r"));
    server.server.close();
    const second = await startTestServer({ clock, store: server.store, namespaces: [] });
    expect(await second.client.get(pods, inDefault("a"))).toEqual(pod);
    expect(await second.client.get(roles, inDefault("r"))).toEqual(role);
    expect((await second.client.list(nodes)).items).toEqual([]);
    const { metadata } = await second.client.create(configMaps, mapNamed("b"));
    expect(metadata.resourceVersion).toBe("6");
    second.server.close();
  });
});
