import { describe, expect, it } from "vitest";
import { CompactedError, StoreClosedError, type StoreEvent } from "../store.ts";
import { commitEach, type OpenStore, openForTest, put, readableEvent, recordWatch, remove } from "./fixtures.node.ts";

/** What every store promises about watches, and about its end. */
export function describeWatches(open: OpenStore): void {
  describe("watch", () => {
    it("tells of an event everything that a cache needs", async () => {
      const { store } = await openForTest(open);
      const watch = await recordWatch(store);
      const attachment = { decoded: true };
      await commitEach(store, put("/a", "1", { attachment }), put("/a", "2"), remove("/a", { attachment }));
      await store.commit([put("/a", "4")]);
      const event = { key: "/a", createRevision: 1 };
      const value = (letter: string): Uint8Array => new TextEncoder().encode(letter);
      expect(watch.events).toEqual([
        { ...event, type: "put", revision: 1, value: value("1"), previousRevision: 0, attachment },
        { ...event, type: "put", revision: 2, value: value("2"), previousRevision: 1 },
        { ...event, type: "delete", revision: 3, value: value("2"), previousRevision: 2, attachment },
        { ...event, type: "put", revision: 4, value: value("4"), previousRevision: 0, createRevision: 4 },
      ]);
      expect(watch.events[0]?.attachment).toBe(attachment);
    });

    it("tells the past in the same words, but for attachments", async () => {
      const { store } = await openForTest(open);
      const live = await recordWatch(store);
      await commitEach(store, put("/a", "1", { attachment: 1 }), put("/b", "2"), put("/a", "3"), remove("/a"));
      await store.commit([put("/a", "5"), remove("/b")]);
      const past = await recordWatch(store, "", 0);
      expect(past.events).toEqual(live.events.map(({ attachment: _attachment, ...event }) => event));
      expect(past.events).toHaveLength(6);
    });

    it("starts behind the revision it is given and filters by prefix", async () => {
      const { store } = await openForTest(open);
      await commitEach(store, put("/a/1", "1"), put("/b/1", "2"), put("/a/2", "3"), remove("/a/1"));
      const watch = await recordWatch(store, "/a/", 1);
      await commitEach(store, put("/b/1", "5"), put("/a/2", "6"), put("/a", "7"));
      expect(watch.events.map(readableEvent)).toEqual(["put /a/2=3@3", "delete /a/1=1@4", "put /a/2=6@6"]);
    });

    it("waits for a revision that has not been reached", async () => {
      const { store } = await openForTest(open);
      const watch = await recordWatch(store, "", 2);
      await commitEach(store, put("/a", "1"), put("/a", "2"), put("/a", "3"));
      expect(watch.events.map(readableEvent)).toEqual(["put /a=3@3"]);
    });

    it("goes from the past to the present without a gap or a repeat while writes go on", async () => {
      const { store } = await openForTest(open);
      const writes: Promise<unknown>[] = [];
      const write = (count: number): void => {
        for (let index = 0; index < count; index += 1)
          writes.push(store.commit([put(`/${index % 7}`, `${writes.length}`)]));
      };
      write(1500);
      await writes[0];
      const starting: Promise<Awaited<ReturnType<typeof recordWatch>>>[] = [];
      for (let round = 0; round < 20; round += 1) {
        starting.push(recordWatch(store, "", round * 50));
        write(20);
        await Promise.any(writes.slice(-20));
      }
      const watches = await Promise.all(starting);
      await Promise.all(writes);
      const expected = Array.from({ length: writes.length }, (_unused, index) => index + 1);
      for (const [round, watch] of watches.entries())
        expect(watch.events.map((event) => event.revision)).toEqual(expected.slice(round * 50));
    });

    it("has told the past when it is handed over", async () => {
      const { store } = await openForTest(open);
      await Promise.all(Array.from({ length: 3000 }, (_unused, index) => store.commit([put(`/${index}`, "")])));
      const watch = await recordWatch(store, "", 0);
      expect(watch.events).toHaveLength(3000);
    });

    it("never tells a part of a commit alone", async () => {
      const { store } = await openForTest(open);
      const width = 300;
      const operations = Array.from({ length: width }, (_unused, index) => put(`/${index}`, ""));
      for (let round = 0; round < 8; round += 1) await store.commit(operations);
      const watch = await recordWatch(store, "", 0);
      expect(watch.groups.map((group) => group.length % width)).toEqual(watch.groups.map(() => 0));
      expect(watch.events).toHaveLength(8 * width);
    });

    it("serves several watchers, each until it stops", async () => {
      const { store } = await openForTest(open);
      const [first, second] = [await recordWatch(store), await recordWatch(store)];
      await store.commit([put("/a", "1")]);
      first.stop();
      first.stop();
      await store.commit([put("/a", "2")]);
      expect([first.groups, second.groups]).toEqual([[["put /a=1@1"]], [["put /a=1@1"], ["put /a=2@2"]]]);
      expect([first.ends, second.ends]).toEqual([[], []]);
    });

    it("says nothing more to a watcher that another has stopped in the same group", async () => {
      const { store } = await openForTest(open);
      const heard: string[] = [];
      let stopSecond: () => void = () => undefined;
      const watcher = (name: string, act: () => void) => ({
        onEvents: (events: readonly StoreEvent[]) => {
          heard.push(`${name} ${events.length}`);
          act();
        },
        onEnd: () => undefined,
      });
      const from = { prefix: "", afterRevision: 0 };
      await store.watch(
        from,
        watcher("first", () => stopSecond()),
      );
      stopSecond = await store.watch(
        from,
        watcher("second", () => undefined),
      );
      await store.commit([put("/a", "1")]);
      expect(heard).toEqual(["first 1"]);
    });

    it("keeps the order, and misses nothing, when a handler takes long", async () => {
      const { store } = await openForTest(open);
      const slow: number[] = [];
      const onEvents = (events: readonly StoreEvent[]): void => {
        let work = 0;
        for (let step = 0; step < 2_000_000; step += 1) work = (work * 31 + step) % 1_000_003;
        for (const event of events) slow.push(work < 0 ? -1 : event.revision);
      };
      await store.watch({ prefix: "", afterRevision: 0 }, { onEvents, onEnd: () => undefined });
      const quick = await recordWatch(store);
      const write = async (key: string): Promise<void> => {
        for (let round = 0; round < 10; round += 1) await store.commit([put(key, `${round}`)]);
      };
      await Promise.all(["/a", "/b", "/c", "/d"].map(write));
      const revisions = Array.from({ length: 40 }, (_unused, index) => index + 1);
      expect([slow, quick.events.map((event) => event.revision)]).toEqual([revisions, revisions]);
    });

    it("drops a watcher that throws, tells it so, and spares the others and the writer", async () => {
      const { store } = await openForTest(open);
      const failure = new Error("handler broke");
      const ends: unknown[] = [];
      const broken = {
        onEvents: (): void => {
          throw failure;
        },
        onEnd: (error: Error | undefined): void => void ends.push(error),
      };
      await store.watch({ prefix: "", afterRevision: 0 }, broken);
      const healthy = await recordWatch(store);
      await commitEach(store, put("/a", "1"), put("/a", "2"));
      expect(ends).toEqual([failure]);
      await store.watch({ prefix: "", afterRevision: 0 }, broken);
      expect([ends, healthy.events.length]).toEqual([[failure, failure], 2]);
    });

    it("lets a watcher commit, and tells it of that in another group", async () => {
      const { store } = await openForTest(open);
      const revisions: number[][] = [];
      const followUps: Promise<unknown>[] = [];
      await store.watch(
        { prefix: "", afterRevision: 0 },
        {
          onEvents(events) {
            revisions.push(events.map((event) => event.revision));
            expect(store.revision).toBe(events.at(-1)?.revision);
            if (revisions.length < 4) followUps.push(store.commit([put("/a", "again"), remove("/b")]));
          },
          onEnd: () => undefined,
        },
      );
      await store.commit([put("/a", "1")]);
      while (followUps.length > 0) await followUps.shift();
      expect(revisions).toEqual([[1], [2], [3], [4]]);
    });

    it("lets a watcher start a watch, from the present or the past", async () => {
      const { store } = await openForTest(open);
      const started: Promise<Awaited<ReturnType<typeof recordWatch>>>[] = [];
      await store.watch(
        { prefix: "", afterRevision: 0 },
        {
          onEvents() {
            if (started.length === 0) started.push(recordWatch(store), recordWatch(store, "", 0));
          },
          onEnd: () => undefined,
        },
      );
      await Promise.all([store.commit([put("/a", "1")]), store.commit([put("/a", "2")])]);
      const [present, past] = await Promise.all(started);
      await store.commit([put("/a", "3")]);
      expect(present?.events.map(readableEvent)).toEqual(["put /a=3@3"]);
      expect(past?.events.map(readableEvent)).toEqual(["put /a=1@1", "put /a=2@2", "put /a=3@3"]);
    });

    it("refuses to start before what is kept, and starts at it", async () => {
      const { store } = await openForTest(open);
      await commitEach(store, put("/a", "1"), put("/b", "2"), remove("/a"), put("/b", "4"), remove("/b"));
      await store.compact(3);
      await expect(recordWatch(store, "", 2)).rejects.toThrow(new CompactedError(2, 3));
      const watch = await recordWatch(store, "", 3);
      expect(watch.events.map(readableEvent)).toEqual(["put /b=4@4", "delete /b=4@5"]);
    });

    it("goes on over a compaction", async () => {
      const { store } = await openForTest(open);
      const watch = await recordWatch(store);
      await commitEach(store, put("/a", "1"), put("/a", "2"));
      await store.compact(2);
      await commitEach(store, put("/a", "3"), remove("/a"));
      expect(watch.groups.flat()).toEqual(["put /a=1@1", "put /a=2@2", "put /a=3@3", "delete /a=3@4"]);
    });
  });

  describe("close", () => {
    it("makes durable what was asked for, tells watchers of it, and then ends them", async () => {
      const { store } = await openForTest(open);
      const watch = await recordWatch(store);
      const commits = Promise.all(Array.from({ length: 50 }, () => store.commit([put("/a", "1")])));
      const closing = store.close();
      expect((await commits).map((result) => result.committed)).not.toContain(false);
      await closing;
      expect([watch.events.length, watch.ends]).toEqual([50, [undefined]]);
    });

    it("brings what is being read to its end", async () => {
      const { store } = await openForTest(open);
      await Promise.all(Array.from({ length: 1200 }, (_unused, index) => store.commit([put(`/${index}`, "")])));
      const reading = Promise.all([store.list({ prefix: "" }), recordWatch(store, "", 0), store.get("/1")]);
      await store.close();
      const [page, watch, entry] = await reading;
      expect([page.entries.length, watch.events.length, watch.ends, entry?.key]).toEqual([
        1200,
        1200,
        [undefined],
        "/1",
      ]);
    });

    it("refuses everything afterwards, and closes but once", async () => {
      const { store } = await openForTest(open);
      await store.commit([put("/a", "1")]);
      await Promise.all([store.close(), store.close()]);
      await store.close();
      const attempts = [
        store.commit([put("/a", "2")]),
        store.get("/a"),
        store.list({ prefix: "" }),
        store.compact(1),
        recordWatch(store),
      ];
      for (const attempt of attempts) await expect(attempt).rejects.toThrow(StoreClosedError);
      expect(store.revision).toBe(1);
    });
  });
}
