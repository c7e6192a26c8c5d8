import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bindings, podDisruptionBudgets, pods } from "../../src/api/resources.ts";
import type { PodDisruptionBudgetStatus } from "../../src/api/types/policy-v1.ts";
import { createVirtualClock } from "../../src/base/virtual-clock.ts";
import { startTestServer, type TestServer } from "../../src/testing/test-server.ts";
import { collect, failureOf, inDefault, podNamed } from "./support/fixtures.ts";

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer({ clock: createVirtualClock() });
  await server.client.create(pods, podNamed("a", { app: "web" }));
});
afterEach(() => server.stop());

const bind = (name: string, node: string, metadata: object = {}) =>
  server.client.createSubresource(pods, inDefault(name), "binding", {
    metadata: { name, ...metadata },
    target: { kind: "Node", name: node },
  });
const get = (name: string) => server.client.get(pods, inDefault(name));
const writeStatus = (name: string, status: object) =>
  server.client.patch(pods, inDefault(name), "merge", { status }, { subresource: "status" });

describe("binding a pod", () => {
  it("gives it its node, the binding's annotations, and says that it is scheduled", async () => {
    const answer = await bind("a", "n1", { annotations: { note: "yes" } });
    expect(answer).toEqual({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 });
    const pod = await get("a");
    expect([pod.spec.nodeName, pod.metadata.annotations, pod.status.conditions]).toEqual([
      "n1",
      { note: "yes" },
      [
        {
          type: "PodScheduled",
          status: "True",
          lastProbeTime: null,
          lastTransitionTime: "2026-01-01T00:00:00Z",
        },
      ],
    ]);
  });

  it("works through the bindings of its namespace too", async () => {
    await server.client.create(bindings, { metadata: inDefault("a"), target: { kind: "Node", name: "n2" } });
    expect((await get("a")).spec.nodeName).toBe("n2");
  });

  it("happens once, whoever else tries", async () => {
    const ends = await Promise.allSettled([bind("a", "n1"), bind("a", "n2"), bind("a", "n3")]);
    expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    expect(await failureOf(bind("a", "n2"))).toEqual({
      code: 409,
      reason: "Conflict",
      message: 'Operation cannot be fulfilled on pods/binding "a": pod a is already assigned to node "n1"',
    });
  });

  it("is refused for a pod that is being deleted", async () => {
    await server.client.patch(pods, inDefault("a"), "merge", { metadata: { finalizers: ["a.b/c"] } });
    await server.client.delete(pods, inDefault("a"));
    expect((await failureOf(bind("a", "n1"))).message).toBe(
      'Operation cannot be fulfilled on pods/binding "a": pod a is being deleted, cannot be assigned to a host',
    );
  });

  it("to something else than a node is refused", async () => {
    const target = { kind: "Pod", name: "" };
    const work = server.client.createSubresource(pods, inDefault("a"), "binding", { metadata: { name: "a" }, target });
    expect((await failureOf(work)).message).toBe(
      '[target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>", target.name: Required value]',
    );
  });
});

describe("evicting a pod", () => {
  const evict = (name: string, deleteOptions: object = {}) =>
    server.client.createSubresource(pods, inDefault(name), "eviction", { metadata: inDefault(name), deleteOptions });
  const ready = [{ type: "Ready", status: "True", lastProbeTime: null, lastTransitionTime: null }];
  const addBudget = async (status: Partial<PodDisruptionBudgetStatus>, name = "budget") => {
    const selector = { matchLabels: { app: "web" } };
    await server.client.create(podDisruptionBudgets, {
      metadata: inDefault(name),
      spec: { selector, minAvailable: 1 },
    });
    const counts = { currentHealthy: 1, desiredHealthy: 1, expectedPods: 1, disruptionsAllowed: 0 };
    const patch = { status: { observedGeneration: 1, ...counts, ...status } };
    await server.client.patch(podDisruptionBudgets, inDefault(name), "merge", patch, { subresource: "status" });
  };
  beforeEach(async () => {
    await bind("a", "n1");
    await writeStatus("a", { phase: "Running", conditions: ready });
  });

  it("without a budget marks it and begins to delete it", async () => {
    const watching = collect(server.client, pods, { namespace: "default" });
    await evict("a");
    const pod = await get("a");
    expect([pod.metadata.deletionGracePeriodSeconds, pod.status.conditions?.at(-1)]).toEqual([
      30,
      {
        type: "DisruptionTarget",
        status: "True",
        lastProbeTime: null,
        lastTransitionTime: "2026-01-01T00:00:00Z",
        reason: "EvictionByEvictionAPI",
        message: "Eviction API: evicting",
      },
    ]);
    expect(await watching.take()).toEqual(["ADDED a 4", "MODIFIED a 5", "MODIFIED a 6"]);
    await watching.stop();
  });

  it("under a budget that allows it is paid by the budget", async () => {
    await addBudget({ disruptionsAllowed: 1, currentHealthy: 2 });
    await evict("a");
    const { status } = await server.client.get(podDisruptionBudgets, inDefault("budget"));
    expect([status.disruptionsAllowed, status.disruptedPods]).toEqual([0, { a: "2026-01-01T00:00:00Z" }]);
    expect((await get("a")).metadata.deletionTimestamp).toBeDefined();
  });

  it.each([
    {
      name: "allows none",
      status: {},
      message: "needs 1 healthy pods and has 1 currently",
      retryAfterSeconds: undefined,
    },
    {
      name: "has not been counted since it changed",
      status: { observedGeneration: 0 },
      message: "is still being processed by the server.",
      retryAfterSeconds: 10,
    },
  ])("under a budget that $name has to wait", async ({ status, message, retryAfterSeconds }) => {
    await addBudget(status);
    const error = await evict("a").catch((thrown: { status: object }) => thrown);
    expect(error).toMatchObject({
      status: {
        code: 429,
        reason: "TooManyRequests",
        message: "Cannot evict pod as it would violate the pod's disruption budget.",
        details: {
          causes: [{ reason: "DisruptionBudget", message: `The disruption budget budget ${message}` }],
          ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
        },
      },
    });
    expect((await get("a")).metadata.deletionTimestamp).toBeUndefined();
  });

  it("at the same time as others of its budget spends no more than there is", async () => {
    for (const name of ["b", "c"]) {
      await server.client.create(pods, podNamed(name, { app: "web" }));
      await bind(name, "n1");
      await writeStatus(name, { phase: "Running", conditions: ready });
    }
    await addBudget({ disruptionsAllowed: 2, currentHealthy: 3 });
    const ends = await Promise.allSettled(["a", "b", "c"].map((name) => evict(name)));
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
  });

  it("that is claimed by two budgets fails", async () => {
    await addBudget({ disruptionsAllowed: 1 });
    await addBudget({ disruptionsAllowed: 1 }, "other");
    expect(await failureOf(evict("a"))).toMatchObject({
      code: 500,
      message: "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
    });
  });

  it("dry changes neither pod nor budget", async () => {
    await addBudget({ disruptionsAllowed: 1, currentHealthy: 2 });
    const revision = server.store.revision;
    await evict("a", { dryRun: ["All"] });
    expect(server.store.revision).toBe(revision);
  });
});

describe("a pod's own sub-resources", () => {
  it("let ephemeral containers be added, and nothing else be changed", async () => {
    const container = { name: "debug", image: "busybox" };
    const patch = { metadata: { labels: { x: "y" } }, spec: { ephemeralContainers: [container], nodeName: "n9" } };
    const options = { subresource: "ephemeralcontainers" };
    const changed = await server.client.patch(pods, inDefault("a"), "strategic", patch, options);
    expect([
      changed.spec.ephemeralContainers?.map(({ name }) => name),
      changed.spec.nodeName,
      changed.metadata.labels,
    ]).toEqual([["debug"], undefined, { app: "web" }]);
  });

  it("let the resources of containers be changed", async () => {
    const resources = (cpu: string) => ({ requests: { cpu } });
    const spec = { containers: [{ name: "web", image: "nginx", resources: resources("100m") }] };
    await server.client.create(pods, { metadata: inDefault("b"), spec });
    const patch = { spec: { containers: [{ name: "web", resources: resources("200m") }] } };
    const changed = await server.client.patch(pods, inDefault("b"), "strategic", patch, { subresource: "resize" });
    expect([changed.spec.containers[0]?.resources.requests, changed.metadata.generation]).toEqual([{ cpu: "200m" }, 2]);
    expect(
      (
        await failureOf(
          server.client.patch(pods, inDefault("b"), "strategic", {
            spec: { containers: [{ name: "web", resources: resources("300m") }] },
          }),
        )
      ).code,
    ).toBe(422);
  });

  it.each(["exec", "log", "nonsense"])("are not there as long as nobody serves them: %s", async (subresource) => {
    const work = server.client.getSubresource(pods, inDefault("a"), subresource);
    expect((await failureOf(work)).code).toBe(405);
  });
});
