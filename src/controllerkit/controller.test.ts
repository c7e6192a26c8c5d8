import { describe, expect, it } from "vitest";
import { conflict, notFound } from "../api/status-error.ts";
import { createLogger } from "../base/log.ts";
import { createVirtualClock } from "../base/virtual-clock.ts";
import { type ControllerParts, createController } from "./controller.ts";
import type { OwnWrites } from "./own-writes.ts";
import { done } from "./reconciler.ts";
import { createWorkQueue } from "./work-queue.ts";

function setUp(parts: Partial<ControllerParts> & Pick<ControllerParts, "reconcile">) {
  const clock = createVirtualClock(0);
  const stop = new AbortController();
  const lines: { readonly message: string; readonly key?: string; readonly failures?: number }[] = [];
  const logger = createLogger({ clock, write: (line) => lines.push(JSON.parse(line)) });
  const outcomes: string[] = [];
  const metrics = { reconciled: (result: { outcome: string }) => void outcomes.push(result.outcome) };
  const queue = createWorkQueue(clock);
  const controller = createController({ name: "test", sources: [], queue, ...parts }, { clock, logger, metrics });
  const running = controller.run(stop.signal);
  return { clock, stop, lines, running, outcomes, queue };
}

describe("controller", () => {
  it("repeats a failed key with growing delay, logs each failure once, and serves other keys meanwhile", async () => {
    const seen: string[] = [];
    let failuresLeft = 3;
    const { clock, stop, lines, running, outcomes } = setUp({
      initialKeys: () => ["bad", "good"],
      workers: 1,
      reconcile: async (key) => {
        seen.push(`${key} at ${clock.nowMs()}`);
        if (key === "bad" && failuresLeft > 0) {
          failuresLeft -= 1;
          throw new Error("broken");
        }
        return done;
      },
    });
    await clock.advance(1_000);
    stop.abort();
    await running;
    expect(seen).toEqual(["bad at 0", "good at 0", "bad at 5", "bad at 15", "bad at 35"]);
    expect(lines.map(({ message, key, failures }) => ({ message, key, failures }))).toEqual(
      [1, 2, 3].map((failures) => ({ message: "reconcile failed", key: "bad", failures })),
    );
    expect(outcomes).toEqual(["failed", "done", "failed", "failed", "done"]);
  });

  const kind = { group: "apps", plural: "deployments" };
  it.each([
    { name: "a conflict", error: conflict(kind, "a"), lines: 0 },
    { name: "the object itself being gone", error: notFound(kind, "a"), lines: 0 },
    { name: "something else being missing", error: notFound(kind, "b"), lines: 1 },
  ])("tries again after $name, aloud only when something is wrong", async ({ error, lines: expected }) => {
    let attempts = 0;
    const { clock, stop, lines, running } = setUp({
      initialKeys: () => ["ns/a"],
      reconcile: async () => {
        attempts += 1;
        if (attempts === 1) throw error;
        return done;
      },
    });
    await clock.advance(100);
    stop.abort();
    await running;
    expect({ attempts, lines: lines.length }).toEqual({ attempts: 2, lines: expected });
  });

  it("looks at a key again after the time that the reconcile asked for", async () => {
    const seen: number[] = [];
    const { clock, stop, running } = setUp({
      initialKeys: () => ["a"],
      reconcile: async () => {
        seen.push(clock.nowMs());
        return seen.length < 3 ? { requeueAfterMs: 250 } : done;
      },
    });
    await clock.advance(2_000);
    stop.abort();
    await running;
    expect(seen).toEqual([0, 250, 500]);
  });

  it("works on as many keys at once as it has workers, never twice on one", async () => {
    let running = 0;
    let most = 0;
    const gate = Promise.withResolvers<void>();
    const inWork = new Set<string>();
    const test = setUp({
      initialKeys: () => ["a", "b", "c", "d"],
      workers: 3,
      reconcile: async (key) => {
        expect(inWork.has(key)).toBe(false);
        inWork.add(key);
        running += 1;
        most = Math.max(most, running);
        await gate.promise;
        running -= 1;
        inWork.delete(key);
        return done;
      },
    });
    await test.clock.advance(0);
    test.queue.add("a");
    gate.resolve();
    await test.clock.advance(0);
    test.stop.abort();
    await test.running;
    expect(most).toBe(3);
  });

  it("waits until its caches show its own writes", async () => {
    const seen: number[] = [];
    let isSeen = false;
    let wake: (() => void) | undefined;
    const writes = {
      areSeen: () => isSeen,
      whenSeen: (_key: string, callback: () => void) => (wake = callback),
    } as unknown as OwnWrites;
    const { clock, stop, running } = setUp({
      initialKeys: () => ["a"],
      writes,
      reconcile: async () => {
        seen.push(clock.nowMs());
        return done;
      },
    });
    await clock.advance(500);
    isSeen = true;
    wake?.();
    await clock.advance(500);
    stop.abort();
    await running;
    expect(seen).toEqual([500]);
  });

  it("ends once what it works on has ended, leaving no timer behind", async () => {
    const gate = Promise.withResolvers<void>();
    let isOver = false;
    const { clock, stop, running } = setUp({
      initialKeys: () => ["a", "later"],
      reconcile: async (key) => {
        if (key === "later") return { requeueAfterMs: 60_000 };
        await gate.promise;
        isOver = true;
        return done;
      },
    });
    await clock.advance(0);
    stop.abort();
    await clock.advance(0);
    expect(isOver).toBe(false);
    gate.resolve();
    await running;
    expect({ isOver, timers: clock.pendingTimers }).toEqual({ isOver: true, timers: 0 });
  });
});
