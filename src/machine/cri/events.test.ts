import { describe, expect, it } from "vitest";
import { encodeMessage, message, one } from "../../api/protobuf.ts";
import { silentLogger } from "../../base/log.ts";
import { createVirtualClock } from "../../base/virtual-clock.ts";
import type { RuntimeEvent } from "../../kubelet/runtime.ts";
import { readEvent } from "./containerd-events.ts";
import { createEventHub } from "./event-hub.ts";
import { type KnownTask, type StateLookups, settleEvent } from "./state-events.ts";

const container: KnownTask = { kind: "container", sandboxId: "s1", podUid: "u1" };

function lookupsWith(changes: Partial<StateLookups>): StateLookups {
  return {
    knownTask: () => container,
    findTask: () => Promise.resolve(container),
    hasEnded: () => Promise.resolve(true),
    mayBeOomKill: () => false,
    forget: () => undefined,
    ...changes,
  };
}

describe("containerd's events", () => {
  const exitBody = message("TaskDelete", { containerId: one(1, "string"), id: one(5, "string") });
  const body = (value: { containerId: string; id?: string }): Uint8Array => encodeMessage(exitBody, value);
  const cases = [
    { topic: "/tasks/start", value: body({ containerId: "c" }), event: { type: "started", id: "c" } },
    { topic: "/tasks/oom", value: body({ containerId: "c" }), event: { type: "oomKilled", id: "c" } },
    { topic: "/tasks/delete", value: body({ containerId: "c" }), event: { type: "ended", id: "c" } },
    { topic: "/tasks/delete", value: body({ containerId: "c", id: "c" }), event: { type: "ended", id: "c" } },
    { topic: "/tasks/delete", value: body({ containerId: "c", id: "exec-1" }), event: undefined },
    { topic: "/containers/delete", value: body({ containerId: "c" }), event: { type: "deleted", id: "c" } },
    { topic: "/images/create", value: body({ containerId: "c" }), event: undefined },
  ];
  it.each(cases)("of topic $topic are read as $event", ({ topic, value, event }) => {
    expect(readEvent({ namespace: "k8s.io", topic, event: { typeUrl: "", value } })).toEqual(event);
  });
});

describe("an end", () => {
  async function settle(
    lookups: StateLookups,
    advanceMs: number,
  ): Promise<{ event: RuntimeEvent | undefined; atMs: number }> {
    const clock = createVirtualClock();
    let atMs = -1;
    const settled = settleEvent(
      { type: "ended", id: "c1" },
      { lookups, clock, logger: silentLogger },
      new AbortController().signal,
    );
    const done = settled.then((event) => {
      atMs = clock.monotonicMs();
      return event;
    });
    await clock.advance(advanceMs);
    return { event: await done, atMs };
  }
  const exited = { type: "exited", containerId: "c1", sandboxId: "s1", podUid: "u1" };

  it("is told at once when the runtime shows it", async () => {
    expect(await settle(lookupsWith({}), 0)).toEqual({ event: exited, atMs: 0 });
  });

  it("is told when the runtime has caught up", async () => {
    let looks = 0;
    const hasEnded = (): Promise<boolean> => Promise.resolve((looks += 1) > 3);
    expect(await settle(lookupsWith({ hasEnded }), 100)).toEqual({ event: exited, atMs: 7 });
  });

  it("is told in the end although the runtime never shows it", async () => {
    const { event } = await settle(lookupsWith({ hasEnded: () => Promise.resolve(false) }), 10_000);
    expect(event).toEqual(exited);
  });

  it("waits for the news that the kernel has killed for memory", async () => {
    let looks = 0;
    const mayBeOomKill = (): boolean => (looks += 1) <= 4;
    expect(await settle(lookupsWith({ mayBeOomKill }), 1_000)).toEqual({ event: exited, atMs: 20 });
    expect((await settle(lookupsWith({ mayBeOomKill: () => true }), 1_000)).atMs).toBe(100);
  });

  it("of a sandbox names no container", async () => {
    const task = { ...container, kind: "sandbox" as const };
    const { event } = await settle(lookupsWith({ findTask: () => Promise.resolve(task) }), 0);
    expect(event).toEqual({ type: "exited", sandboxId: "s1", podUid: "u1" });
  });

  it("of something unknown is not told", async () => {
    expect((await settle(lookupsWith({ findTask: () => Promise.resolve(undefined) }), 0)).event).toBeUndefined();
  });
});

describe("the hub of events", () => {
  it("gives every listener what comes while it listens", async () => {
    const hub = createEventHub(-1);
    const [first, second] = [new AbortController(), new AbortController()];
    const [a, b] = [
      hub.listen(first.signal)[Symbol.asyncIterator](),
      hub.listen(second.signal)[Symbol.asyncIterator](),
    ];
    hub.publish(1);
    expect([(await a.next()).value, (await b.next()).value]).toEqual([1, 1]);
    first.abort();
    hub.publish(2);
    expect([(await a.next()).done, (await b.next()).value]).toEqual([true, 2]);
    second.abort();
  });

  it("gives a listener that falls behind one event that says so", async () => {
    const hub = createEventHub(-1);
    const abort = new AbortController();
    const events = hub.listen(abort.signal)[Symbol.asyncIterator]();
    for (let event = 0; event <= 10_000; event += 1) hub.publish(event);
    expect([(await events.next()).value, (await events.next()).value]).toEqual([-1, 10_000]);
    abort.abort();
  });
});
