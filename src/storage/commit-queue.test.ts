import { describe, expect, it } from "vitest";
import { type CommitLimits, type CommitQueue, createCommitQueue, defaultCommitLimits } from "./commit-queue.ts";
import { bytes, put, remove } from "./contract/fixtures.node.ts";
import { createMemoryLog } from "./memory-log.ts";
import type { WriteOperation } from "./store.ts";
import type { Completion, LogRow, WriteLog } from "./write-log.ts";

/** A log whose appends succeed or fail when the test says so. */
interface ManualLog {
  readonly log: WriteLog;
  /** Keys of each append that has been asked for. */
  readonly appended: string[][];
  /** Ends the oldest append under way. */
  succeed(): Promise<void>;
  fail(message: string): Promise<void>;
}

function createManualLog(): ManualLog {
  const memory = createMemoryLog();
  const appended: string[][] = [];
  const underWay: { readonly rows: readonly LogRow[]; readonly completion: Completion<readonly Uint8Array[]> }[] = [];
  const next = () => {
    const append = underWay.shift();
    if (append === undefined) throw new Error("no append is under way");
    return append;
  };
  return {
    appended,
    log: {
      ...memory,
      append(rows, completion) {
        appended.push(rows.map((row) => row.key));
        underWay.push({ rows, completion });
      },
    },
    async succeed() {
      const { rows, completion } = next();
      await new Promise<void>((resolve, reject) =>
        memory.append(rows, {
          resolve(deletedValues) {
            completion.resolve(deletedValues);
            resolve();
          },
          reject,
        }),
      );
      await settle();
    },
    async fail(message) {
      next().completion.reject(new Error(message));
      await settle();
    },
  };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await undefined;
}

interface Bench extends ManualLog {
  readonly queue: CommitQueue;
  /** What became of each commit so far, by the name it was given. */
  readonly outcomes: Record<string, string>;
  readonly published: string[];
  commit(name: string, ...operations: readonly WriteOperation[]): void;
}

function createBench(limits: Partial<CommitLimits> = {}): Bench {
  const manual = createManualLog();
  const published: string[] = [];
  const outcomes: Record<string, string> = {};
  const queue = createCommitQueue({
    log: manual.log,
    heads: [],
    revision: 0,
    limits: { ...defaultCommitLimits, ...limits },
    endTurn: queueMicrotask,
    onDurable: (_rows, events) => published.push(...events.map((event) => `${event.key}@${event.revision}`)),
  });
  const follow = async (name: string, operations: readonly WriteOperation[]): Promise<void> => {
    try {
      const result = await queue.commit(operations);
      outcomes[name] = result.committed ? `revision ${result.revision}` : `conflict at ${result.current?.revision}`;
    } catch (error) {
      outcomes[name] = (error as Error).name;
    }
  };
  return { ...manual, queue, outcomes, published, commit: (name, ...operations) => void follow(name, operations) };
}

describe("commit queue", () => {
  it("gathers what comes while a group is under way into the next", async () => {
    const { commit, appended, succeed, outcomes, published } = createBench();
    commit("a", put("/a", "1"));
    commit("b", put("/b", "1"));
    await settle();
    commit("c", put("/c", "1"));
    commit("d", put("/d", "1"));
    await settle();
    expect([appended, outcomes]).toEqual([[["/a", "/b"]], {}]);
    await succeed();
    expect([appended, outcomes]).toEqual([
      [
        ["/a", "/b"],
        ["/c", "/d"],
      ],
      { a: "revision 1", b: "revision 2" },
    ]);
    await succeed();
    expect(outcomes).toEqual({ a: "revision 1", b: "revision 2", c: "revision 3", d: "revision 4" });
    expect(published).toEqual(["/a@1", "/b@2", "/c@3", "/d@4"]);
  });

  it("fails a group that the log refuses and all that rests on it, and nothing else", async () => {
    const { commit, fail, succeed, outcomes, published, queue } = createBench();
    commit("base", put("/a", "1"), put("/x", "1"));
    await settle();
    await succeed();
    commit("refused", put("/a", "2", { expectedRevision: 1 }));
    await settle();
    commit("rests on it by expectation", put("/a", "3", { expectedRevision: 2 }));
    commit("rests on it without one", put("/a", "4"));
    commit("rests on what rests on it", put("/b", "5"), remove("/a"));
    commit("rests on that in turn", put("/b", "6", { expectedRevision: 5 }));
    commit("conflict with it", put("/a", "7", { expectedRevision: 1 }));
    commit("stands alone", put("/x", "8", { expectedRevision: 1 }));
    commit("is new", put("/y", "9", { expectedRevision: 0 }));
    await settle();
    await fail("no space");
    expect(outcomes).toEqual({
      base: "revision 1",
      refused: "StoreFailedError",
      "rests on it by expectation": "StoreFailedError",
      "rests on it without one": "StoreFailedError",
      "rests on what rests on it": "StoreFailedError",
      "rests on that in turn": "StoreFailedError",
      "conflict with it": "StoreFailedError",
    });
    await succeed();
    expect(outcomes).toMatchObject({ "stands alone": "revision 7", "is new": "revision 8" });
    expect([published, queue.revision]).toEqual([["/a@1", "/x@1", "/x@7", "/y@8"], 8]);
  });

  it("stands where it stood before a refused group", async () => {
    const { commit, fail, succeed, outcomes } = createBench();
    commit("base", put("/a", "1"), put("/gone", "1"));
    await settle();
    await succeed();
    commit("refused update", put("/a", "2"));
    commit("refused update of that", put("/a", "3", { expectedRevision: 2 }));
    commit("refused delete", remove("/gone"));
    commit("refused create", put("/new", "2"));
    await settle();
    await fail("no space");
    commit("update", put("/a", "2", { expectedRevision: 1 }));
    commit("delete", remove("/gone", { expectedRevision: 1 }));
    commit("create", put("/new", "2", { expectedRevision: 0 }));
    commit("conflict", put("/gone", "2", { expectedRevision: 3 }));
    await settle();
    await succeed();
    expect(outcomes).toMatchObject({
      update: "revision 6",
      delete: "revision 7",
      create: "revision 8",
      conflict: "conflict at undefined",
    });
  });

  it("answers at once when the answer rests on nothing that is under way", async () => {
    const { commit, succeed, outcomes } = createBench();
    commit("base", put("/a", "1"));
    await settle();
    await succeed();
    commit("under way", put("/b", "1"));
    await settle();
    commit("conflict with what is durable", put("/a", "2", { expectedRevision: 0 }));
    commit("nothing to delete", remove("/x"));
    commit("conflict with what is under way", put("/b", "2", { expectedRevision: 0 }));
    await settle();
    const atOnce = { "conflict with what is durable": "conflict at 1", "nothing to delete": "revision 1" };
    expect(outcomes).toEqual({ base: "revision 1", ...atOnce });
    await succeed();
    expect(outcomes).toMatchObject({ "under way": "revision 2", "conflict with what is under way": "conflict at 2" });
  });

  it("never gives a revision twice that a refused commit has been told", async () => {
    const { commit, fail, succeed, outcomes } = createBench();
    const told: number[] = [];
    const encode = (revision: number): Uint8Array => {
      told.push(revision);
      return bytes("x");
    };
    commit("refused", { key: "/a", encode });
    await settle();
    await fail("no space");
    commit("next", { key: "/a", encode });
    await settle();
    await succeed();
    expect([told, outcomes]).toEqual([[1, 2], { refused: "StoreFailedError", next: "revision 2" }]);
  });

  it.each([
    { name: "bytes", limits: { maxBytesInFlight: 20 } },
    { name: "operations", limits: { maxOperationsInFlight: 2 } },
  ])("lets commits wait, not encoded, when too many $name are in flight", async ({ limits }) => {
    const { commit, succeed, outcomes, appended } = createBench(limits);
    const encoded: string[] = [];
    const write = (key: string): WriteOperation => ({
      key,
      encode() {
        encoded.push(key);
        return new Uint8Array(8);
      },
    });
    for (const key of ["/a", "/b", "/c", "/d", "/e"]) commit(key, write(key));
    await settle();
    expect([encoded, appended]).toEqual([["/a", "/b"], [["/a", "/b"]]]);
    await succeed();
    expect(encoded).toEqual(["/a", "/b", "/c", "/d"]);
    await succeed();
    await succeed();
    expect([appended, Object.keys(outcomes)]).toEqual([
      [["/a", "/b"], ["/c", "/d"], ["/e"]],
      ["/a", "/b", "/c", "/d", "/e"],
    ]);
  });

  it("turns commits away when too many are waiting, and takes them again later", async () => {
    const { commit, succeed, outcomes, queue } = createBench({ maxOperationsInFlight: 1, maxWaitingCommits: 1 });
    commit("under way", put("/a", "1"));
    commit("waiting", put("/a", "2"));
    commit("too many", put("/a", "3"));
    await settle();
    expect(outcomes).toEqual({ "too many": "StoreBusyError" });
    await succeed();
    await succeed();
    commit("later", put("/a", "4"));
    await settle();
    await succeed();
    expect(outcomes).toEqual({
      "too many": "StoreBusyError",
      "under way": "revision 1",
      waiting: "revision 2",
      later: "revision 3",
    });
    await queue.idle();
  });

  it("is idle only when the last commit has its answer", async () => {
    const { commit, succeed, fail, queue } = createBench({ maxOperationsInFlight: 1 });
    let isIdle = false;
    commit("under way", put("/a", "1"));
    commit("waiting", put("/b", "1"));
    void queue.idle().then(() => {
      isIdle = true;
    });
    await settle();
    await succeed();
    expect(isIdle).toBe(false);
    await fail("no space");
    expect(isIdle).toBe(true);
  });

  it("rejects a commit from within encode", async () => {
    const { commit, queue, outcomes, succeed } = createBench();
    let inner: Promise<unknown> = Promise.resolve();
    commit("outer", {
      key: "/a",
      encode() {
        inner = queue.commit([put("/b", "1")]);
        inner.catch(() => undefined);
        return bytes("x");
      },
    });
    await expect(inner).rejects.toThrow("encode must not commit");
    await settle();
    await succeed();
    expect(outcomes).toEqual({ outer: "revision 1" });
  });
});
