import { describe, expect, it } from "vitest";
import { createVirtualClock } from "../base/virtual-clock.ts";
import { createDelayedQueue, createDistinctQueue, createWorkQueue, type DistinctQueue } from "./work-queue.ts";

const never = new AbortController().signal;

async function drain(queue: DistinctQueue): Promise<string[]> {
  const keys: string[] = [];
  while (queue.length > 0) {
    const key = await queue.take(never);
    keys.push(key);
    queue.done(key);
  }
  return keys;
}

describe("distinct queue", () => {
  it("hands out a key once, in the order of its first adding, however often it is added", async () => {
    const queue = createDistinctQueue();
    for (const key of ["a", "b", "a", "c", "b"]) queue.add(key);
    expect(await drain(queue)).toEqual(["a", "b", "c"]);
  });

  it("holds back a key that is worked on, and hands it out again when that is done", async () => {
    const queue = createDistinctQueue();
    queue.add("a");
    await queue.take(never);
    queue.add("a");
    queue.add("a");
    expect(queue.length).toBe(0);
    queue.done("a");
    expect(await drain(queue)).toEqual(["a"]);
  });

  it("wakes waiting workers one per key", async () => {
    const queue = createDistinctQueue();
    const taken = Promise.all([queue.take(never), queue.take(never)]);
    queue.add("a");
    queue.add("b");
    queue.add("c");
    expect(await taken).toEqual(["a", "b"]);
    expect(queue.length).toBe(1);
  });

  it("loses no key to a worker that has given up waiting", async () => {
    const queue = createDistinctQueue();
    const stop = new AbortController();
    const gaveUp = queue.take(stop.signal);
    stop.abort(new Error("stopped"));
    await expect(gaveUp).rejects.toThrow("stopped");
    queue.add("a");
    expect(await queue.take(never)).toBe("a");
  });
});

describe("delayed queue", () => {
  it("adds keys in the order in which they fall due, with a single timer", async () => {
    const clock = createVirtualClock();
    const queue = createDelayedQueue(clock);
    queue.addAfter("late", 300);
    queue.addAfter("early", 100);
    queue.addAfter("middle", 200);
    queue.addAfter("now", 0);
    expect({ ready: await drain(queue), timers: clock.pendingTimers }).toEqual({ ready: ["now"], timers: 1 });
    await clock.advance(200);
    expect(await drain(queue)).toEqual(["early", "middle"]);
    await clock.advance(100);
    expect({ ready: await drain(queue), timers: clock.pendingTimers }).toEqual({ ready: ["late"], timers: 0 });
  });

  it.each([
    { name: "later than before", delays: [100, 300], expected: [100] },
    { name: "earlier than before", delays: [300, 100], expected: [100] },
  ])("lets the earlier time count when a key is added again: $name", async ({ delays, expected }) => {
    const clock = createVirtualClock(0);
    const queue = createDelayedQueue(clock);
    for (const delayMs of delays) queue.addAfter("a", delayMs);
    const seenAt: number[] = [];
    for (let step = 0; step < 10; step += 1) {
      await clock.advance(50);
      for (const _key of await drain(queue)) seenAt.push(clock.nowMs());
    }
    expect(seenAt).toEqual(expected);
  });
});

describe("work queue", () => {
  it("doubles the delay of a key that keeps failing up to 1000 s, until it is forgotten", async () => {
    const clock = createVirtualClock(0);
    const queue = createWorkQueue(clock);
    const delays: number[] = [];
    for (let failure = 0; failure < 20; failure += 1) {
      const beforeMs = clock.nowMs();
      queue.addWithBackoff("a");
      await clock.advanceToNextTimer();
      delays.push(clock.nowMs() - beforeMs);
      queue.done(await queue.take(never));
    }
    expect(delays.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(delays.slice(-2)).toEqual([1_000_000, 1_000_000]);
    expect(queue.failures("a")).toBe(20);
    queue.forget("a");
    expect(queue.failures("a")).toBe(0);
    const beforeMs = clock.nowMs();
    queue.addWithBackoff("a");
    await clock.advanceToNextTimer();
    expect(clock.nowMs() - beforeMs).toBe(5);
  });
});
