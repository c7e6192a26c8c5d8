import { describe, expect, it } from "vitest";
import { CompactedError, FutureRevisionError, type StorePage } from "../store.ts";
import { commitEach, type OpenStore, openForTest, put, readablePage, remove } from "./fixtures.node.ts";

/** What every store promises about lists. */
export function describeReads(open: OpenStore): void {
  describe("list", () => {
    it("shows the keys that begin with a prefix, and only them", async () => {
      const { store } = await openForTest(open);
      await commitEach(store, put("/b", "2"), put("/a/1", "3"), put("/a", "1"), put("/a0", "4"), put("/a/2", "5"));
      await store.commit([remove("/a/2")]);
      expect(readablePage(await store.list({ prefix: "/a/" }))).toEqual({
        entries: ["/a/1=3@2"],
        revision: 6,
        remaining: 0,
      });
      expect(readablePage(await store.list({ prefix: "" }))).toEqual({
        entries: ["/a=1@3", "/a/1=3@2", "/a0=4@4", "/b=2@1"],
        revision: 6,
        remaining: 0,
      });
      expect(readablePage(await store.list({ prefix: "/none" }))).toEqual({ entries: [], revision: 6, remaining: 0 });
    });

    it("orders keys by their bytes, also beyond ASCII", async () => {
      const { store } = await openForTest(open);
      // In UTF-16 the last two stand the other way round.
      const ordered = ["/A", "/a", "/a\u0000", "/a b", "/a\u007f", "/aé", "/z", "/é", "/\ud7ff", "/\uff5e", "/😀"];
      for (const key of [...ordered].reverse()) await store.commit([put(key, "")]);
      const keys = (page: StorePage): string[] => page.entries.map((entry) => entry.key);
      expect(keys(await store.list({ prefix: "/" }))).toEqual(ordered);
      expect(keys(await store.list({ prefix: "/", afterKey: "/\uff5e" }))).toEqual(["/😀"]);
      expect(keys(await store.list({ prefix: "/😀" }))).toEqual(["/😀"]);
      expect(keys(await store.list({ prefix: "/\ud7ff" }))).toEqual(["/\ud7ff"]);
    });

    it("pages, and counts what remains", async () => {
      const { store } = await openForTest(open);
      for (const name of ["a", "b", "c", "d", "e"]) await store.commit([put(`/${name}`, name)]);
      await commitEach(store, put("/c", "new"), remove("/d"));
      const page = async (limit: number, afterKey?: string): Promise<unknown> =>
        readablePage(await store.list({ prefix: "/", limit, ...(afterKey === undefined ? {} : { afterKey }) }));
      expect(await page(2)).toEqual({ entries: ["/a=a@1", "/b=b@2"], revision: 7, remaining: 2 });
      expect(await page(2, "/b")).toEqual({ entries: ["/c=new@6", "/e=e@5"], revision: 7, remaining: 0 });
      expect(await page(1, "/bb")).toEqual({ entries: ["/c=new@6"], revision: 7, remaining: 1 });
      expect(await page(2, "/e")).toEqual({ entries: [], revision: 7, remaining: 0 });
      expect(await page(0)).toEqual({ entries: [], revision: 7, remaining: 4 });
      expect(await page(0, "/a")).toEqual({ entries: [], revision: 7, remaining: 3 });
      expect(await page(9, "/A")).toMatchObject({ remaining: 0, entries: expect.objectContaining({ length: 4 }) });
    });

    it("starts at the prefix when the key to go on from stands before it, and ends when it stands behind", async () => {
      const { store } = await openForTest(open);
      await commitEach(store, put("/a", "1"), put("/b/1", "2"), put("/c", "3"));
      expect(readablePage(await store.list({ prefix: "/b/", afterKey: "/a" }))).toMatchObject({
        entries: ["/b/1=2@2"],
      });
      expect(readablePage(await store.list({ prefix: "/b/", afterKey: "/c" }))).toMatchObject({ entries: [] });
    });

    it("shows the past as it was", async () => {
      const { store } = await openForTest(open);
      await commitEach(store, put("/a", "1"), put("/b", "2"), put("/a", "3"), remove("/b"), put("/b", "5"));
      const past = await Promise.all(
        [0, 1, 2, 3, 4, 5].map(async (atRevision) => readablePage(await store.list({ prefix: "/", atRevision }))),
      );
      expect(past).toEqual([
        { entries: [], revision: 0, remaining: 0 },
        { entries: ["/a=1@1"], revision: 1, remaining: 0 },
        { entries: ["/a=1@1", "/b=2@2"], revision: 2, remaining: 0 },
        { entries: ["/a=3@3", "/b=2@2"], revision: 3, remaining: 0 },
        { entries: ["/a=3@3"], revision: 4, remaining: 0 },
        { entries: ["/a=3@3", "/b=5@5"], revision: 5, remaining: 0 },
      ]);
    });

    it("pages at one revision while writes go on", async () => {
      const { store } = await openForTest(open);
      const names = Array.from({ length: 30 }, (_unused, index) => `/${String(index).padStart(2, "0")}`);
      await Promise.all(names.map((name) => store.commit([put(name, "old")])));
      const atRevision = store.revision;
      const seen: string[] = [];
      let remaining = 1;
      for (let afterKey = "/"; remaining > 0; afterKey = seen.at(-1) ?? "") {
        const writes = names.map((name, index) => store.commit([index % 3 === 0 ? remove(name) : put(name, "new")]));
        const page = await store.list({ prefix: "/", atRevision, afterKey, limit: 7 });
        await Promise.all([...writes, store.commit([put(`/new-${remaining}`, "new")])]);
        expect(page.entries.map((entry) => entry.revision <= atRevision)).not.toContain(false);
        seen.push(...page.entries.map((entry) => entry.key));
        remaining = page.remaining;
        expect(remaining).toBe(names.length - seen.length);
      }
      expect(seen).toEqual(names);
    });

    it("lists more keys than are read at a time", async () => {
      const { store } = await openForTest(open);
      const keys = Array.from({ length: 2345 }, (_unused, index) => `/${String(index).padStart(4, "0")}`);
      await Promise.all(keys.map((key) => store.commit([put(key, key)])));
      const all = await store.list({ prefix: "/" });
      expect(all.entries.map((entry) => entry.key)).toEqual(keys);
      const some = await store.list({ prefix: "/", limit: 2000, afterKey: "/0099" });
      expect([some.entries.length, some.entries[0]?.key, some.remaining]).toEqual([2000, "/0100", 245]);
    });

    it("refuses a revision that has not been reached", async () => {
      const { store } = await openForTest(open);
      await store.commit([put("/a", "1")]);
      await expect(store.list({ prefix: "/", atRevision: 2 })).rejects.toThrow(new FutureRevisionError(2, 1));
    });
  });

  describe("compact", () => {
    it("forgets the past before a revision and keeps what can still be seen", async () => {
      const { store } = await openForTest(open);
      await commitEach(
        store,
        put("/a", "1"),
        put("/b", "2"),
        put("/a", "3"),
        remove("/b"),
        put("/a", "5"),
        put("/c", "6"),
      );
      await store.compact(4);
      expect(store.compactedRevision).toBe(4);
      await expect(store.list({ prefix: "/", atRevision: 3 })).rejects.toThrow(new CompactedError(3, 4));
      const at = async (atRevision: number): Promise<unknown> =>
        readablePage(await store.list({ prefix: "/", atRevision }));
      expect([await at(4), await at(5), await at(6)]).toEqual([
        { entries: ["/a=3@3"], revision: 4, remaining: 0 },
        { entries: ["/a=5@5"], revision: 5, remaining: 0 },
        { entries: ["/a=5@5", "/c=6@6"], revision: 6, remaining: 0 },
      ]);
    });

    it("does nothing for a revision that is forgotten already, and refuses one that has not been reached", async () => {
      const { store } = await openForTest(open);
      await commitEach(store, put("/a", "1"), put("/a", "2"), put("/a", "3"));
      await store.compact(3);
      await store.compact(2);
      await store.compact(0);
      expect(store.compactedRevision).toBe(3);
      await expect(store.compact(4)).rejects.toThrow(new FutureRevisionError(4, 3));
    });

    it("keeps revisions growing when all that is left are deletions", async () => {
      const { store } = await openForTest(open);
      await commitEach(store, put("/a", "1"), remove("/a"));
      await store.compact(2);
      expect(readablePage(await store.list({ prefix: "/" }))).toEqual({ entries: [], revision: 2, remaining: 0 });
      expect(await store.commit([put("/a", "3", { expectedRevision: 0 })])).toEqual({ committed: true, revision: 3 });
    });

    it("lets a list that has begun come to its end", async () => {
      const { store } = await openForTest(open);
      const keys = Array.from({ length: 1800 }, (_unused, index) => `/${String(index).padStart(4, "0")}`);
      await Promise.all(keys.map((key) => store.commit([put(key, "old")])));
      const atRevision = store.revision;
      // From the last key on, so that the second compaction begins where the list has yet to come.
      await store.compact(atRevision);
      await Promise.all(keys.toReversed().map((key) => store.commit([put(key, "new")])));
      const listing = store.list({ prefix: "/", atRevision });
      const compacting = store.compact(store.revision);
      expect((await listing).entries.map((entry) => entry.key)).toEqual(keys);
      await compacting;
      await expect(store.list({ prefix: "/", atRevision })).rejects.toThrow(CompactedError);
    });

    it("goes on beside writes, and takes several at once", async () => {
      const { store } = await openForTest(open);
      for (let round = 0; round < 5; round += 1) {
        const writes = Array.from({ length: 300 }, (_unused, index) => store.commit([put(`/${index}`, `${round}`)]));
        await writes[0];
        await Promise.all([store.compact(store.revision), store.compact(Math.max(0, store.revision - 10)), ...writes]);
      }
      const page = await store.list({ prefix: "/" });
      expect([page.entries.length, page.revision, store.compactedRevision > 1200]).toEqual([300, 1500, true]);
    });
  });
}
