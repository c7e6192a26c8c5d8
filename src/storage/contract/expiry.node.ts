import { describe, expect, it } from "vitest";
import { type OpenStore, openForTest, put, recordWatch, remove } from "./fixtures.node.ts";

/** What every store promises about keys with an end. */
export function describeExpiry(open: OpenStore): void {
  describe("expiry", () => {
    it("deletes a key at its time, with an event, and none before", async () => {
      const { store, clock } = await openForTest(open);
      const watch = await recordWatch(store);
      const expiresAtMs = clock.nowMs() + 1000;
      await store.commit([put("/a", "1", { expiresAtMs }), put("/b", "1"), put("/c", "1", { expiresAtMs })]);
      await clock.advance(999);
      expect((await store.list({ prefix: "" })).entries).toHaveLength(3);
      await clock.advance(1);
      await watch.heard(5);
      expect(watch.events.slice(3).map(({ type, key, revision }) => [type, key, revision])).toEqual([
        ["delete", "/a", 2],
        ["delete", "/c", 3],
      ]);
      expect((await store.list({ prefix: "" })).entries.map((entry) => entry.key)).toEqual(["/b"]);
    });

    it("deletes at once what is written with a time that is over", async () => {
      const { store, clock } = await openForTest(open);
      const watch = await recordWatch(store);
      await store.commit([put("/a", "1", { expiresAtMs: clock.nowMs() - 1 })]);
      await clock.advance(0);
      await watch.heard(2);
      expect(watch.groups.flat()).toEqual(["put /a=1@1", "delete /a=1@2"]);
    });

    it("follows the newest write of a key: a later, an earlier or no time", async () => {
      const { store, clock } = await openForTest(open);
      const watch = await recordWatch(store);
      const start = clock.nowMs();
      const at = (seconds: number) => ({ expiresAtMs: start + seconds * 1000 });
      await store.commit([put("/later", "1", at(1)), put("/earlier", "1", at(9)), put("/never", "1", at(1))]);
      await store.commit([put("/later", "2", at(3)), put("/earlier", "2", at(2)), put("/never", "2")]);
      await store.commit([put("/again", "1", at(1)), put("/deleted", "1", at(1))]);
      await store.commit([remove("/again"), remove("/deleted")]);
      await store.commit([put("/again", "2", at(4))]);
      const before = watch.events.length;
      const seen: string[] = [];
      for (let second = 1; second <= 9; second += 1) {
        await clock.advance(1000);
        await watch.heard(before + Math.max(0, Math.min(second, 4) - 1));
        for (const event of watch.events.slice(before + seen.length)) seen.push(`${second} s: ${event.key}`);
      }
      expect(seen).toEqual(["2 s: /earlier", "3 s: /later", "4 s: /again"]);
      expect((await store.list({ prefix: "" })).entries.map((entry) => entry.key)).toEqual(["/never"]);
    });

    it("deletes thousands that end together", async () => {
      const { store, clock } = await openForTest(open);
      const watch = await recordWatch(store);
      const expiresAtMs = clock.nowMs() + 1000;
      const count = 2500;
      await Promise.all(
        Array.from({ length: count }, (_unused, index) => store.commit([put(`/${index}`, "", { expiresAtMs })])),
      );
      await clock.advance(1000);
      await watch.heard(2 * count);
      expect((await store.list({ prefix: "" })).entries).toEqual([]);
    });

    it("deletes nothing after close and leaves no timer", async () => {
      const { store, clock } = await openForTest(open);
      const watch = await recordWatch(store);
      await store.commit([put("/a", "1", { expiresAtMs: clock.nowMs() + 1000 })]);
      await store.close();
      expect(clock.pendingTimers).toBe(0);
      await clock.advance(1000);
      expect(watch.events).toHaveLength(1);
    });
  });
}
