import { scheduler } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { events as coreEvents, eventsV1, namespaces, pods } from "../api/resources.ts";
import { serviceUnavailable } from "../api/status-error.ts";
import type { Pod } from "../api/types/core-v1.ts";
import { createLogger } from "../base/log.ts";
import { createSeededRandom } from "../base/random.ts";
import { createVirtualClock, type VirtualClock } from "../base/virtual-clock.ts";
import { buildObject } from "../testing/build-object.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";
import type { Client } from "./client.ts";
import { createEventRecorder } from "./event-recorder.ts";
import { createSeriesEventRecorder } from "./series-event-recorder.ts";

let clock: VirtualClock;
let server: TestServer;
let stop: AbortController;
let lines: { readonly level: string; readonly message: string }[];
/** What the server answers first: nothing at all, or a refusal. */
let failures: Error[];

beforeEach(async () => {
  clock = createVirtualClock(undefined, () => scheduler.yield());
  server = await startTestServer({ clock });
  stop = new AbortController();
  lines = [];
  failures = [];
});
afterEach(async () => {
  stop.abort();
  await server.stop();
});

const context = (user = 1) => {
  const failing = async <T>(operation: () => Promise<T>): Promise<T> => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    return operation();
  };
  const client: Client = {
    ...server.client,
    create: (...parameters) => failing(() => server.client.create(...parameters)),
    patch: (...parameters) => failing(() => server.client.patch(...parameters)),
  };
  const logger = createLogger({ clock, level: "warn", write: (line) => lines.push(JSON.parse(line)) });
  return { client, clock, random: createSeededRandom(user), logger };
};
const pod = (name = "web"): Pod => buildObject(pods, { metadata: { name } });

describe("createEventRecorder", () => {
  const start = (component = "kubelet", user = 1) =>
    createEventRecorder({ ...context(user), source: { component, host: "node-1" } }, stop.signal);
  const stored = async () => (await server.client.list(coreEvents)).items;

  it("writes what happened to an object", async () => {
    start().record(pod(), "Warning", "BackOff", "restarting");
    await clock.advance(0);
    const [event, ...others] = await stored();
    expect(others).toEqual([]);
    expect(event?.metadata.name).toMatch(/^web\.[0-9a-f]{16}$/);
    const { metadata: _metadata, ...rest } = event ?? { metadata: undefined };
    expect(rest).toEqual({
      apiVersion: "v1",
      kind: "Event",
      involvedObject: {
        kind: "Pod",
        namespace: "default",
        name: "web",
        uid: "uid-of-Pod-web",
        apiVersion: "v1",
        resourceVersion: "1",
      },
      reason: "BackOff",
      message: "restarting",
      source: { component: "kubelet", host: "node-1" },
      firstTimestamp: "2026-01-01T00:00:00Z",
      lastTimestamp: "2026-01-01T00:00:00Z",
      count: 1,
      type: "Warning",
      eventTime: null,
      reportingComponent: "kubelet",
      reportingInstance: "node-1",
    });
  });

  it("counts what happens again, in the event that it began with", async () => {
    const recorder = start();
    for (let turn = 0; turn < 4; turn += 1) {
      recorder.record(pod(), "Warning", "BackOff", "restarting");
      await clock.advance(5_000);
    }
    expect(
      (await stored()).map(({ count, firstTimestamp, lastTimestamp }) => [count, firstTimestamp, lastTimestamp]),
    ).toEqual([[4, "2026-01-01T00:00:00Z", "2026-01-01T00:00:15Z"]]);
  });

  it("begins anew when the event that it counts in is gone", async () => {
    const recorder = start();
    recorder.record(pod(), "Normal", "Pulled", "done");
    await clock.advance(0);
    await server.client.deleteCollection(coreEvents, { namespace: "default" });
    recorder.record(pod(), "Normal", "Pulled", "done");
    await clock.advance(0);
    expect((await stored()).map(({ count }) => count)).toEqual([2]);
  });

  it("gives events of one moment different names, also those of two components", async () => {
    const [one, two] = [start("one", 1), start("two", 2)];
    for (const recorder of [one, two])
      for (const reason of ["A", "B"]) recorder.record(pod(), "Normal", reason, reason);
    await clock.advance(0);
    expect(new Set((await stored()).map(({ metadata }) => metadata.name)).size).toBe(4);
  });

  it("writes later what a server that cannot be reached did not take", async () => {
    failures = [new Error("connection refused"), new Error("connection refused")];
    start().record(pod(), "Normal", "Pulled", "done");
    await clock.advance(1_000);
    expect(await stored()).toEqual([]);
    await clock.advance(25_000);
    expect((await stored()).length).toBe(1);
    expect(lines).toEqual([]);
  });

  it("drops what the server refuses, says so once and goes on", async () => {
    failures = [serviceUnavailable("no")];
    const recorder = start();
    recorder.record(pod("a"), "Normal", "Pulled", "done");
    recorder.record(pod("b"), "Normal", "Pulled", "done");
    await clock.advance(60_000);
    expect((await stored()).map(({ involvedObject }) => involvedObject.name)).toEqual(["b"]);
    expect(lines.map(({ level, message }) => [level, message])).toEqual([["error", "event lost"]]);
  });

  it("says nothing of events in a namespace that goes", async () => {
    await server.client.create(namespaces, { metadata: { name: "going", finalizers: ["example.com/hold"] } });
    await server.client.delete(namespaces, { name: "going" });
    start().record(buildObject(pods, { metadata: { namespace: "going" } }), "Normal", "Killing", "stopping");
    await clock.advance(60_000);
    expect(lines).toEqual([]);
  });

  it("drops events when too many wait", async () => {
    const recorder = start();
    for (let index = 0; index < 1_100; index += 1) recorder.record(pod(`p-${index}`), "Normal", "Pulled", "done");
    await clock.advance(0);
    expect((await stored()).length).toBeLessThan(1_100);
    expect(new Set(lines.map(({ message }) => message))).toEqual(new Set(["too many events waiting, one dropped"]));
  });

  it("writes nothing once it is stopped", async () => {
    const recorder = start();
    stop.abort();
    recorder.record(pod(), "Normal", "Pulled", "done");
    await clock.advance(60_000);
    expect(await stored()).toEqual([]);
  });
});

describe("createSeriesEventRecorder", () => {
  const start = () =>
    createSeriesEventRecorder(
      { ...context(), reportingController: "default-scheduler", reportingInstance: "default-scheduler-node-1" },
      stop.signal,
    );
  const stored = async () => (await server.client.list(eventsV1)).items;
  const fail = (recorder: ReturnType<typeof start>) =>
    recorder.record(pod(), undefined, "Warning", "FailedScheduling", "Scheduling", "0/1 nodes are available");

  it("writes what was done", async () => {
    start().record(pod(), pod("other"), "Normal", "Preempted", "Preempting", "made room");
    await clock.advance(0);
    const [event] = await stored();
    const { metadata: _metadata, ...rest } = event ?? { metadata: undefined };
    expect(rest).toEqual({
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      eventTime: "2026-01-01T00:00:00.000000Z",
      reportingController: "default-scheduler",
      reportingInstance: "default-scheduler-node-1",
      action: "Preempting",
      reason: "Preempted",
      regarding: expect.objectContaining({ kind: "Pod", name: "web" }),
      related: expect.objectContaining({ kind: "Pod", name: "other" }),
      note: "made room",
      type: "Normal",
      deprecatedSource: {},
      deprecatedFirstTimestamp: null,
      deprecatedLastTimestamp: null,
    });
  });

  it("makes a series of what happens again, and writes its last count when it is over", async () => {
    const recorder = start();
    for (let turn = 0; turn < 5; turn += 1) {
      fail(recorder);
      await clock.advance(10_000);
    }
    const series = async () => (await stored()).map((event) => [event.series?.count, event.series?.lastObservedTime]);
    expect(await series()).toEqual([[2, "2026-01-01T00:00:10.000000Z"]]);
    await clock.advance(13 * 60_000);
    expect(await series()).toEqual([[5, "2026-01-01T00:00:40.000000Z"]]);
    fail(recorder);
    await clock.advance(0);
    expect((await stored()).length).toBe(2);
  });

  it("writes a long series from time to time, and none that has not gone on", async () => {
    const recorder = start();
    let writes = 0;
    let version = "";
    for (let minute = 0; minute < 90; minute += 1) {
      fail(recorder);
      await clock.advance(60_000);
      const current = (await stored())[0]?.metadata.resourceVersion ?? "";
      writes += Number(current !== version);
      version = current;
    }
    // The event, the series and then every half hour or a little later.
    expect([writes, (await stored()).length]).toEqual([4, 1]);
    expect(lines).toEqual([]);
  });

  it("begins a series although its first event was lost", async () => {
    failures = [serviceUnavailable("no")];
    const recorder = start();
    fail(recorder);
    await clock.advance(0);
    fail(recorder);
    await clock.advance(0);
    expect((await stored()).map((event) => event.series?.count)).toEqual([2]);
    expect(lines.map(({ message }) => message)).toEqual(["event lost"]);
  });

  it("needs no time once nothing happens any more", async () => {
    fail(start());
    await clock.advance(60 * 60_000);
    expect(clock.pendingTimers).toBe(0);
  });
});
