import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { createVirtualClock } from "../base/virtual-clock.ts";
import { bytes, commitEach, put, readable, readablePage, recordWatch, remove } from "./contract/fixtures.node.ts";
import { openSqliteStore, StoreOpenError } from "./sqlite-store.node.ts";
import { CompactedError, type Store, StoreFailedError } from "./store.ts";

const root = mkdtempSync(join(tmpdir(), "k8ts-store-"));
afterAll(() => rmSync(root, { recursive: true }));

let folders = 0;
function newFolder(): string {
  folders += 1;
  return join(root, `${folders}`);
}

async function openFolder(folder: string, clock = createVirtualClock()): Promise<Store> {
  const store = await openSqliteStore({ folder, clock });
  onTestFinished(() => store.close());
  return store;
}

/** Runs SQL on a store file that nobody has open. */
function edit(folder: string, sql: string): void {
  const database = new DatabaseSync(join(folder, "store.db"));
  database.exec(sql);
  database.close();
}

describe("SQLite store, opened again", () => {
  it("shows what was there, and goes on with the next revision", async () => {
    const folder = newFolder();
    const first = await openFolder(folder);
    await commitEach(first, put("/a", "1"), put("/b", "2"), put("/a", "3"), remove("/b"));
    await first.close();
    const second = await openFolder(folder);
    expect(readable(await second.get("/a"))).toEqual({ key: "/a", value: "3", revision: 3, createRevision: 1 });
    const watch = await recordWatch(second, "", 0);
    expect(watch.groups.flat()).toEqual(["put /a=1@1", "put /b=2@2", "put /a=3@3", "delete /b=2@4"]);
    expect(await second.commit([put("/a", "5", { expectedRevision: 3 })])).toEqual({ committed: true, revision: 5 });
  });

  it("deletes keys whose time came while it was closed, and the others at theirs", async () => {
    const folder = newFolder();
    const clock = createVirtualClock();
    const at = (seconds: number) => ({ expiresAtMs: clock.nowMs() + seconds * 1000 });
    const first = await openFolder(folder, clock);
    await first.commit([put("/a", "", at(5)), put("/b", "", at(20)), put("/c", "")]);
    await first.close();
    await clock.advance(10_000);
    const second = await openFolder(folder, clock);
    const watch = await recordWatch(second);
    await clock.advance(0);
    await watch.heard(1);
    await clock.advance(10_000);
    await watch.heard(2);
    expect(watch.groups.flat()).toEqual(["delete /a=@2", "delete /b=@3"]);
  });

  it("remembers a compaction, and never takes a revision that was deleted with its row", async () => {
    const folder = newFolder();
    const first = await openFolder(folder);
    await commitEach(first, put("/a", "1"), remove("/a"));
    await first.compact(2);
    await first.close();
    const second = await openFolder(folder);
    expect([second.revision, second.compactedRevision]).toEqual([2, 2]);
    await expect(recordWatch(second, "", 1)).rejects.toThrow(CompactedError);
    expect(await second.commit([put("/a", "3", { expectedRevision: 0 })])).toEqual({ committed: true, revision: 3 });
  });

  it("finishes a compaction that was interrupted", async () => {
    const folder = newFolder();
    const first = await openFolder(folder);
    for (let round = 0; round < 4; round += 1)
      await Promise.all(Array.from({ length: 250 }, (_unused, index) => first.commit([put(`/${index}`, `${round}`)])));
    await commitEach(first, put("/deleted", ""), remove("/deleted"));
    await first.close();
    edit(folder, "UPDATE facts SET number = 900 WHERE name = 'compacted_revision'");
    const second = await openFolder(folder);
    await second.compact(1002);
    await second.close();
    const database = new DatabaseSync(join(folder, "store.db"));
    onTestFinished(() => database.close());
    expect({ ...database.prepare("SELECT count(*) AS rows, min(id >> 10) AS first FROM writes").get() }).toEqual({
      rows: 250,
      first: 751,
    });
  });
});

describe("SQLite store file", () => {
  it("is for its owner only, in a folder for its owner only", async () => {
    const folder = join(newFolder(), "state", "store");
    await (await openFolder(folder)).commit([put("/a", "secret")]);
    const mode = (name: string): string => (statSync(join(folder, name)).mode & 0o777).toString(8);
    expect([mode("."), mode("store.db"), mode("store.db-wal")]).toEqual(["700", "600", "600"]);
  });

  it("does not grow for ever while the same keys are written and the past is compacted", async () => {
    const folder = newFolder();
    const store = await openFolder(folder);
    const encode = (): Uint8Array => new Uint8Array(3400);
    const sizes: number[] = [];
    let logSize = 0;
    for (let round = 0; round < 12; round += 1) {
      for (let pass = 0; pass < 3; pass += 1)
        await Promise.all(
          Array.from({ length: 100 }, (_unused, index) => store.commit([{ key: `/${index}`, encode }])),
        );
      // Reads that end early must not hold the log's pages.
      (await recordWatch(store, "", store.compactedRevision)).stop();
      await store.compact(store.revision);
      logSize = Math.max(logSize, statSync(join(folder, "store.db-wal")).size);
      sizes.push(statSync(join(folder, "store.db")).size);
    }
    expect(sizes.at(-1)).toBeLessThanOrEqual(Math.max(...sizes.slice(0, 4)) * 1.1);
    expect(logSize).toBeLessThan(8_000_000);
  });

  it("is refused to a second store, in this process and in another, until the first is closed", async () => {
    const folder = newFolder();
    const first = await openFolder(folder);
    await first.commit([put("/a", "1")]);
    const inUse = new StoreOpenError("in-use", `${folder}/store.db is in use by another process`);
    await expect(openSqliteStore({ folder, clock: createVirtualClock() })).rejects.toThrow(inUse);
    const other = (): string => {
      const program = `
        import { openSqliteStore } from ${JSON.stringify(new URL("sqlite-store.node.ts", import.meta.url).href)};
        import { createVirtualClock } from ${JSON.stringify(new URL("../base/virtual-clock.ts", import.meta.url).href)};
        try {
          const store = await openSqliteStore({ folder: process.argv[1], clock: createVirtualClock() });
          console.log("opened at " + store.revision);
          await store.close();
        } catch (error) {
          console.log(error.reason + ": " + error.message);
        }`;
      return spawnSync(process.execPath, ["--input-type=module-typescript", "-e", program, folder], {
        encoding: "utf8",
      }).stdout;
    };
    expect(other()).toBe(`in-use: ${inUse.message}\n`);
    expect(await first.commit([put("/a", "2")])).toEqual({ committed: true, revision: 2 });
    await first.close();
    expect(other()).toBe("opened at 2\n");
  });

  it("is made anew when its creation was interrupted", async () => {
    const folder = newFolder();
    await (await openFolder(folder)).close();
    rmSync(join(folder, "store.db"));
    edit(folder, "PRAGMA journal_mode = WAL");
    const store = await openFolder(folder);
    expect(await store.commit([put("/a", "1")])).toEqual({ committed: true, revision: 1 });
  });

  const unfit: readonly { name: string; prepare: (folder: string) => void; reason: string; message: RegExp }[] = [
    {
      name: "written by a newer version",
      prepare: (folder) => edit(folder, "PRAGMA user_version = 2"),
      reason: "newer-version",
      message: /store\.db was written by a newer version of k8ts \(store version 2, this one reads 1\)$/,
    },
    {
      name: "of another program",
      prepare: (folder) => edit(folder, "PRAGMA application_id = 1"),
      reason: "not-a-store",
      message: /store\.db is not a store of k8ts$/,
    },
    {
      name: "that is no database",
      prepare: (folder) => writeFileSync(join(folder, "store.db"), "Dear diary, ".repeat(1000)),
      reason: "not-a-store",
      message: /store\.db is not a store of k8ts$/,
    },
    {
      name: "that cannot be opened",
      prepare(folder) {
        rmSync(folder, { recursive: true });
        writeFileSync(folder, "a file where the folder should be");
      },
      reason: "disk",
      message: /store\.db cannot be opened: EEXIST/,
    },
  ];
  it.each(unfit)("is refused when it is one $name", async ({ prepare, reason, message }) => {
    const folder = newFolder();
    const first = await openFolder(folder);
    await first.commit([put("/a", "1")]);
    await first.close();
    prepare(folder);
    const error: unknown = await openSqliteStore({ folder, clock: createVirtualClock() }).catch((reason) => reason);
    expect(error).toBeInstanceOf(StoreOpenError);
    expect(error).toMatchObject({ reason, message: expect.stringMatching(message) });
  });
});

describe("SQLite store whose worker dies", () => {
  it("fails what is under way and all that follows, and ends watches with the reason", async () => {
    const folder = newFolder();
    // A worker that answers until it is asked to write a certain key.
    const workerUrl = new URL(
      `data:text/javascript,${encodeURIComponent(`
      import { parentPort } from "node:worker_threads";
      parentPort.on("message", ({ name, question }) => {
        if (name === "append" && question.keys.includes("/poison")) process.exit(3);
      });
      await import(${JSON.stringify(new URL("sqlite-worker.node.ts", import.meta.url).href)});
    `)}`,
    );
    const store = await openSqliteStore({ folder, clock: createVirtualClock(), workerUrl });
    const watch = await recordWatch(store);
    expect(await store.commit([put("/a", "1")])).toEqual({ committed: true, revision: 1 });
    const failing = [store.commit([put("/poison", "1")]), store.commit([put("/b", "1")])];
    await expect(Promise.all(failing)).rejects.toThrow(
      new StoreFailedError("the write could not be made durable: the store's worker is gone: it exited with code 3"),
    );
    expect((await Promise.allSettled(failing)).map((result) => result.status)).toEqual(["rejected", "rejected"]);
    for (const attempt of [store.commit([put("/c", "1")]), store.get("/a"), store.list({ prefix: "" })])
      await expect(attempt).rejects.toThrow(StoreFailedError);
    expect(watch.ends).toEqual([expect.any(StoreFailedError)]);
    await store.close();
    const again = await openFolder(folder);
    expect(readablePage(await again.list({ prefix: "" }))).toEqual({ entries: ["/a=1@1"], revision: 1, remaining: 0 });
    expect(bytes("1")).toEqual((await again.get("/a"))?.value);
  });
});
