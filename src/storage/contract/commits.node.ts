import { describe, expect, it } from "vitest";
import { maxKeyLength, maxOperationsPerCommit, maxValueBytes, type WriteOperation } from "../store.ts";
import { bytes, commitEach, type OpenStore, openForTest, put, readable, recordWatch, remove } from "./fixtures.node.ts";

/** What every store promises about commits. */
export function describeCommits(open: OpenStore): void {
  describe("commit", () => {
    it("gives each commit the next revision and each key the revision of its creation", async () => {
      const { store } = await openForTest(open);
      expect(store.revision).toBe(0);
      expect(await store.commit([put("/a", "one", { expectedRevision: 0 })])).toEqual({ committed: true, revision: 1 });
      expect(await store.commit([put("/b", "other")])).toEqual({ committed: true, revision: 2 });
      expect(await store.commit([put("/a", "two", { expectedRevision: 1 })])).toEqual({ committed: true, revision: 3 });
      expect(readable(await store.get("/a"))).toEqual({ key: "/a", value: "two", revision: 3, createRevision: 1 });
      expect(store.revision).toBe(3);
    });

    it("begins a new life for a key that is created again", async () => {
      const { store } = await openForTest(open);
      await commitEach(store, put("/a", "one"), remove("/a"), put("/a", "two", { expectedRevision: 0 }));
      expect(readable(await store.get("/a"))).toEqual({ key: "/a", value: "two", revision: 3, createRevision: 3 });
    });

    const conflicts: readonly { name: string; operation: WriteOperation; current: unknown }[] = [
      {
        name: "a create of what is there",
        operation: put("/a", "new", { expectedRevision: 0 }),
        current: { key: "/a", value: "two", revision: 2, createRevision: 1 },
      },
      {
        name: "an update of an old revision",
        operation: put("/a", "new", { expectedRevision: 1 }),
        current: { key: "/a", value: "two", revision: 2, createRevision: 1 },
      },
      {
        name: "a delete of an old revision",
        operation: remove("/a", { expectedRevision: 1 }),
        current: { key: "/a", value: "two", revision: 2, createRevision: 1 },
      },
      {
        name: "an update of what is not there",
        operation: put("/x", "new", { expectedRevision: 1 }),
        current: undefined,
      },
      { name: "a delete of what is not there", operation: remove("/x", { expectedRevision: 1 }), current: undefined },
      {
        name: "an update of what was deleted",
        operation: put("/gone", "new", { expectedRevision: 3 }),
        current: undefined,
      },
    ];
    it.each(conflicts)("refuses $name and says what stands there", async ({ operation, current }) => {
      const { store } = await openForTest(open);
      await commitEach(store, put("/a", "one"), put("/a", "two"), put("/gone", "x"), remove("/gone"));
      const result = await store.commit([operation]);
      expect(result.committed ? result : { ...result, current: readable(result.current) }).toEqual({
        committed: false,
        key: operation.key,
        current,
      });
      expect(store.revision).toBe(4);
    });

    it("deletes what is there without an expectation, and succeeds without an event on what is not", async () => {
      const { store } = await openForTest(open);
      const watch = await recordWatch(store);
      await store.commit([put("/a", "one")]);
      expect(await store.commit([remove("/x")])).toEqual({ committed: true, revision: 1 });
      expect(await store.commit([remove("/x", { expectedRevision: 0 })])).toEqual({ committed: true, revision: 1 });
      expect(await store.commit([])).toEqual({ committed: true, revision: 1 });
      expect(await store.commit([remove("/a")])).toEqual({ committed: true, revision: 2 });
      expect(await store.get("/a")).toBeUndefined();
      expect(watch.groups).toEqual([["put /a=one@1"], ["delete /a=one@2"]]);
    });

    it("writes all operations of a commit under one revision", async () => {
      const { store } = await openForTest(open);
      const watch = await recordWatch(store);
      await store.commit([put("/a", "one")]);
      const result = await store.commit([remove("/a"), put("/b", "two", { expectedRevision: 0 }), remove("/x")]);
      expect(result).toEqual({ committed: true, revision: 2 });
      expect(watch.groups).toEqual([["put /a=one@1"], ["delete /a=one@2", "put /b=two@2"]]);
    });

    it("writes none of the operations when one does not meet its expectation", async () => {
      const { store } = await openForTest(open);
      await store.commit([put("/b", "standing")]);
      const result = await store.commit([
        put("/a", "one"),
        put("/b", "two", { expectedRevision: 0 }),
        put("/c", "three"),
      ]);
      expect(result).toMatchObject({ committed: false, key: "/b", current: { revision: 1 } });
      expect({ a: await store.get("/a"), c: await store.get("/c"), revision: store.revision }).toEqual({
        a: undefined,
        c: undefined,
        revision: 1,
      });
    });

    it("checks against commits that are not durable yet", async () => {
      const { store } = await openForTest(open);
      const results = await Promise.all([
        store.commit([put("/a", "one", { expectedRevision: 0 })]),
        store.commit([put("/a", "two", { expectedRevision: 0 })]),
        store.commit([put("/a", "three", { expectedRevision: 1 })]),
        store.commit([remove("/a", { expectedRevision: 2 })]),
        store.commit([remove("/a")]),
        store.commit([put("/a", "four", { expectedRevision: 0 })]),
      ]);
      expect(results.map((result) => (result.committed ? result.revision : readable(result.current)))).toEqual([
        1,
        { key: "/a", value: "one", revision: 1, createRevision: 1 },
        2,
        3,
        4,
        4,
      ]);
      expect(readable(await store.get("/a"))).toEqual({ key: "/a", value: "four", revision: 4, createRevision: 4 });
    });

    it("tells watchers of all commits of one turn as one group, before any of them resolves", async () => {
      const { store } = await openForTest(open);
      const order: string[] = [];
      await store.watch(
        { prefix: "", afterRevision: 0 },
        { onEvents: (events) => void order.push(`${events.length} events`), onEnd: () => undefined },
      );
      const commits = ["/a", "/b", "/c"].map(async (key) => {
        await store.commit([put(key, key)]);
        order.push(key);
      });
      await Promise.all(commits);
      expect(order).toEqual(["3 events", "/a", "/b", "/c"]);
    });

    it("calls encode once, with the revision that the commit takes, and never on a conflict", async () => {
      const { store } = await openForTest(open);
      const told: [string, number][] = [];
      const write = (key: string, expectedRevision: number): WriteOperation => ({
        key,
        expectedRevision,
        encode(revision) {
          told.push([key, revision]);
          return bytes(`${key} at ${revision}`);
        },
      });
      await Promise.all([
        store.commit([write("/a", 0)]),
        store.commit([write("/a", 0)]),
        store.commit([write("/b", 0), write("/c", 7)]),
        store.commit([write("/b", 0), write("/c", 0)]),
      ]);
      expect(told).toEqual([
        ["/a", 1],
        ["/b", 2],
        ["/c", 2],
      ]);
      expect(readable(await store.get("/c"))).toMatchObject({ value: "/c at 2", revision: 2 });
    });

    it("fails only the commit whose encode throws, and gives its revision to the next", async () => {
      const { store } = await openForTest(open);
      const encode = (): Uint8Array => {
        throw new Error("no such object");
      };
      const results = await Promise.allSettled([
        store.commit([put("/a", "one")]),
        store.commit([put("/b", "two"), { key: "/c", encode }]),
        store.commit([put("/d", "three", { expectedRevision: 0 })]),
      ]);
      expect(results).toEqual([
        { status: "fulfilled", value: { committed: true, revision: 1 } },
        { status: "rejected", reason: new Error("no such object") },
        { status: "fulfilled", value: { committed: true, revision: 2 } },
      ]);
      expect(await store.get("/b")).toBeUndefined();
    });

    it("leaves the bytes that encode gave usable, and hands the same to watchers", async () => {
      const { store } = await openForTest(open);
      const watch = await recordWatch(store);
      const value = bytes("shared");
      await store.commit([{ key: "/a", encode: () => value }]);
      expect({ value, isSame: watch.events[0]?.value === value }).toEqual({ value: bytes("shared"), isSame: true });
    });

    it.each([
      { name: "empty", value: new Uint8Array() },
      { name: "of every byte", value: Uint8Array.from({ length: 256 }, (_unused, index) => index) },
      { name: "of one mebibyte", value: new Uint8Array(1024 * 1024).fill(7) },
      { name: "that is part of a larger buffer", value: new Uint8Array(64).fill(1).subarray(8, 24) },
    ])("returns a value $name as it was", async ({ value }) => {
      const { store } = await openForTest(open);
      await store.commit([{ key: "/a", encode: () => value }]);
      expect(Buffer.compare((await store.get("/a"))?.value ?? bytes("missing"), value)).toBe(0);
    });

    const unfit: readonly { name: string; operations: readonly WriteOperation[]; message: RegExp }[] = [
      { name: "a key written twice", operations: [put("/a", "1"), remove("/a")], message: /written twice/ },
      { name: "an empty key", operations: [put("", "1")], message: /well-formed/ },
      { name: "a key too long", operations: [put("k".repeat(maxKeyLength + 1), "1")], message: /4096 characters/ },
      { name: "half a character as key", operations: [put("/\ud83d", "1")], message: /well-formed/ },
      {
        name: "too many operations",
        operations: Array.from({ length: maxOperationsPerCommit + 1 }, (_unused, index) => put(`/${index}`, "")),
        message: /1001 operations/,
      },
      {
        name: "a value too large",
        operations: [{ key: "/a", encode: () => new Uint8Array(maxValueBytes + 1) }],
        message: /16777217 bytes/,
      },
    ];
    it.each(unfit)("refuses $name and goes on", async ({ operations, message }) => {
      const { store } = await openForTest(open);
      await expect(store.commit(operations)).rejects.toThrow(message);
      expect(await store.commit([put("/b", "next")])).toEqual({ committed: true, revision: 1 });
    });

    it("takes a commit of as many operations as are allowed", async () => {
      const { store } = await openForTest(open);
      const operations = Array.from({ length: maxOperationsPerCommit }, (_unused, index) =>
        put(`/${index}`, `${index}`),
      );
      expect(await store.commit(operations)).toEqual({ committed: true, revision: 1 });
      expect(await store.commit(operations)).toEqual({ committed: true, revision: 2 });
      expect((await store.list({ prefix: "/", limit: 0 })).remaining).toBe(maxOperationsPerCommit);
    });

    it("gives thousands of concurrent commits distinct revisions without a gap", async () => {
      const { store } = await openForTest(open);
      const watch = await recordWatch(store);
      const count = 5000;
      const results = await Promise.all(
        Array.from({ length: count }, (_unused, index) => store.commit([put(`/${index % 500}`, `${index}`)])),
      );
      expect(results).toEqual(results.map((_unused, index) => ({ committed: true, revision: index + 1 })));
      expect(watch.events.map((event) => event.revision)).toEqual(results.map((_unused, index) => index + 1));
      expect((await store.list({ prefix: "/" })).entries).toHaveLength(500);
    });

    it("lets exactly one of many rivals through", async () => {
      const { store } = await openForTest(open);
      const rivals = await Promise.all(
        Array.from({ length: 200 }, (_unused, index) => store.commit([put("/a", `${index}`, { expectedRevision: 0 })])),
      );
      expect(rivals.filter((result) => result.committed)).toEqual([{ committed: true, revision: 1 }]);
    });
  });
}
