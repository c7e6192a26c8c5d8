import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { sleep } from "../../src/base/clock.ts";
import { createRealClock } from "../../src/base/real-clock.ts";
import { openSqliteStore } from "../../src/storage/sqlite-store.node.ts";
import { createHistoryCheck, type HistoryCheck } from "./history-check.ts";
import { spawnWriter, type WriterProcess } from "./writer-process.ts";

const hasStrace = spawnSync("strace", ["-V"]).status === 0;

/** How long a writer goes on under faults. */
const lifeMs = 1200;

const never = new AbortController().signal;

/** A writer whose system calls fail or kill as strace's `inject` expression says. */
function spawnInjected(history: HistoryCheck, inject: string): WriterProcess {
  const calls = inject.slice(0, inject.indexOf(":"));
  const flags = ["-f", "-qq", "-o", "/dev/null", "-e", `trace=${calls}`, "-e", `inject=${inject}`];
  return spawnWriter(
    (report) => {
      if (report.kind === "acknowledged") history.acknowledge(report);
      if (report.kind === "refused") history.refuse(report.seeds);
    },
    ["strace", ...flags, process.execPath],
  );
}

async function checkFolder(folder: string, history: HistoryCheck): Promise<void> {
  const store = await openSqliteStore({ folder, clock: createRealClock() });
  await history.check(store);
  await store.close();
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "k8ts-fault-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

describe.skipIf(!hasStrace)("store under injected faults (skipped where strace is missing)", () => {
  it.each([
    { name: "fails to sync", inject: "fsync:error=EIO:when=25..90+13" },
    { name: "has no space", inject: "pwrite64:error=ENOSPC:when=60..400+37" },
    { name: "fails to write", inject: "pwrite64:error=EIO:when=61..400+41" },
  ])("refuses just what cannot be made durable when the disk $name now and then", async ({ inject }) => {
    const folder = await newFolder();
    const history = createHistoryCheck();
    const writer = spawnInjected(history, inject);
    onTestFinished(async () => void (await writer.kill()));
    await writer.ready;
    writer.start({ folder, seed: 7 });
    await writer.opened;
    await sleep(createRealClock(), lifeMs, never);
    expect(await writer.kill()).toBeUndefined();
    await checkFolder(folder, history);
    expect(history.refusedCommits).toBeGreaterThan(0);
    expect(history.acknowledgedCommits).toBeGreaterThan(100);
  });

  it("lets nothing come back of a commit whose sync failed, even when the process is killed at once", async () => {
    const folder = await newFolder();
    const history = createHistoryCheck();
    for (const point of [20, 30, 40, 50]) {
      const writer = spawnInjected(history, `fsync:error=EIO:when=${point}+7`);
      onTestFinished(async () => void (await writer.kill()));
      await writer.ready;
      writer.start({ folder, seed: point, diesWhenRefused: true });
      expect(await writer.gone).toBeUndefined();
      await checkFolder(folder, history);
    }
    expect(history.refusedCommits).toBeGreaterThan(0);
  });

  it.each([
    {
      name: "write",
      call: "pwrite64",
      points: [1, 2, 3, 5, 8, 11, 14, 17, 20, 21, 22, 23, 24, 40, 41, 42, 43, 300, 600],
    },
    { name: "sync", call: "fsync", points: [3, 4, 5, 6, 7, 8, 9, 10, 25, 60] },
  ])("loses nothing that was acknowledged when its process is killed at a $name", async ({ call, points }) => {
    const folder = await newFolder();
    const history = createHistoryCheck();
    for (const point of points) {
      const writer = spawnInjected(history, `${call}:signal=SIGKILL:when=${point}`);
      onTestFinished(async () => void (await writer.kill()));
      await writer.ready;
      writer.start({ folder, seed: point });
      expect(await writer.gone, `killed at ${call} ${point}`).toBeUndefined();
      await checkFolder(folder, history);
    }
    expect(history.acknowledgedCommits).toBeGreaterThan(100);
  });
});
