import { describe, expect, it } from "vitest";
import { sleep } from "./clock.ts";
import { createHeap } from "./heap.ts";
import { createUid, randomNameSuffix } from "./ids.ts";
import { createMailbox } from "./mailbox.ts";
import { createSeededRandom } from "./random.ts";
import { createSerialByKey } from "./serial.ts";
import { createVirtualClock } from "./virtual-clock.ts";

const never = new AbortController().signal;

describe("virtual clock", () => {
  it("fires timers in order of their time, each at its own instant", async () => {
    const clock = createVirtualClock(0);
    const fired: [string, number][] = [];
    clock.setTimer(20, () => fired.push(["late", clock.nowMs()]));
    clock.setTimer(10, () => fired.push(["early", clock.nowMs()]));
    clock.setTimer(10, () => fired.push(["early too", clock.nowMs()])).cancel();
    await clock.advance(30);
    expect({ fired, now: clock.nowMs(), pending: clock.pendingTimers }).toEqual({
      fired: [
        ["early", 10],
        ["late", 20],
      ],
      now: 30,
      pending: 0,
    });
  });

  it("lets what follows from a timer start timers of its own within the same advance", async () => {
    const clock = createVirtualClock(0);
    const woken: number[] = [];
    const loop = async (): Promise<void> => {
      for (let round = 0; round < 3; round += 1) {
        await sleep(clock, 10, never);
        woken.push(clock.nowMs());
      }
    };
    const running = loop();
    await clock.advance(30);
    await running;
    expect(woken).toEqual([10, 20, 30]);
  });

  it("rejects a sleep with the signal's reason and takes the timer back", async () => {
    const clock = createVirtualClock(0);
    const controller = new AbortController();
    const sleeping = sleep(clock, 10, controller.signal);
    controller.abort(new Error("stopped"));
    await expect(sleeping).rejects.toThrow("stopped");
    expect(clock.pendingTimers).toBe(0);
  });
});

describe("heap", () => {
  it("gives items back in order", () => {
    const random = createSeededRandom(7);
    const items = Array.from({ length: 500 }, () => Math.floor(random.next() * 1000));
    const heap = createHeap<number>((a, b) => a - b);
    for (const item of items) heap.push(item);
    const popped = Array.from({ length: 500 }, () => heap.pop());
    expect(popped).toEqual([...items].sort((a, b) => a - b));
    expect(heap.pop()).toBeUndefined();
  });
});

describe("ids", () => {
  it("writes version 4 UUIDs and repeats them for a seed", () => {
    const uid = createUid(createSeededRandom(1));
    expect(uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(createUid(createSeededRandom(1))).toBe(uid);
  });

  it("makes name parts of five letters without vowels", () => {
    expect(randomNameSuffix(createSeededRandom(3))).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });
});

describe("mailbox", () => {
  it("keeps only the newest message, unless told which to keep", async () => {
    const newest = createMailbox<number>();
    newest.put(1);
    newest.put(2);
    expect(await newest.take(never)).toBe(2);
    const highest = createMailbox<number>(Math.max);
    highest.put(2);
    highest.put(1);
    expect(await highest.take(never)).toBe(2);
  });

  it("wakes a waiting reader", async () => {
    const mailbox = createMailbox<string>();
    const taken = mailbox.take(never);
    mailbox.put("a");
    expect(await taken).toBe("a");
  });
});

describe("serial by key", () => {
  it("runs tasks of a key in order and those of others side by side, even after a failure", async () => {
    const serial = createSerialByKey();
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = serial.run("a", async () => {
      await gate.promise;
      order.push("a1");
      throw new Error("a1 failed");
    });
    const second = serial.run("a", async () => order.push("a2"));
    await serial.run("b", async () => order.push("b1"));
    gate.resolve();
    await expect(first).rejects.toThrow("a1 failed");
    await second;
    expect(order).toEqual(["b1", "a1", "a2"]);
    expect(serial.busyKeys).toBe(0);
  });
});
