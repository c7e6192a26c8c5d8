import { describe, expect, it } from "vitest";
import { createLogger, silentLogger } from "../base/log.ts";
import { createVirtualClock } from "../base/virtual-clock.ts";
import { createExpiry } from "./expiry.ts";

describe("expiry", () => {
  it("tries again later, and says so, when a key cannot be deleted", async () => {
    const clock = createVirtualClock(0);
    const attempts: [string, number, number][] = [];
    const lines: string[] = [];
    const expiry = createExpiry({
      clock,
      logger: createLogger({ clock, write: (line) => void lines.push(JSON.parse(line).message) }),
      async deleteKey(key, revision) {
        attempts.push([key, revision, clock.nowMs()]);
        if (attempts.length < 3) throw new Error("no space");
      },
    });
    expiry.set("/a", 7, 500);
    await clock.advance(10_000);
    expect(attempts).toEqual([
      ["/a", 7, 500],
      ["/a", 7, 1500],
      ["/a", 7, 2500],
    ]);
    expect(lines).toEqual(Array.from({ length: 2 }, () => "an expired key could not be deleted yet"));
    expect(clock.pendingTimers).toBe(0);
  });

  it("leaves a key alone that got another end, or none, while it could not be deleted", async () => {
    const clock = createVirtualClock(0);
    const attempts: [string, number][] = [];
    const expiry = createExpiry({
      clock,
      logger: silentLogger,
      async deleteKey(key, revision) {
        attempts.push([key, revision]);
        if (revision === 1) {
          expiry.set(key, 2, 20_000);
          throw new Error("no space");
        }
      },
    });
    expiry.set("/a", 1, 500);
    await clock.advance(10_000);
    expect(attempts).toEqual([["/a", 1]]);
    await clock.advance(10_000);
    expect(attempts).toEqual([
      ["/a", 1],
      ["/a", 2],
    ]);
  });

  it("forgets ends that were replaced, however many there are", async () => {
    const clock = createVirtualClock(0);
    const deleted: string[] = [];
    const expiry = createExpiry({
      clock,
      logger: silentLogger,
      deleteKey: async (key, revision) => void deleted.push(`${key}@${revision} at ${clock.nowMs()}`),
    });
    for (let revision = 1; revision <= 5000; revision += 1) expiry.set("/a", revision, 10_000 + revision);
    expiry.set("/b", 5001, 9000);
    expiry.set("/c", 5002, 8000);
    expiry.clear("/c");
    await clock.advance(20_000);
    expect(deleted).toEqual(["/b@5001 at 9000", "/a@5000 at 15000"]);
  });
});
