import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { sleep } from "../../src/base/clock.ts";
import { createSeededRandom, randomInteger } from "../../src/base/random.ts";
import { createRealClock } from "../../src/base/real-clock.ts";
import { openSqliteStore } from "../../src/storage/sqlite-store.node.ts";
import { createHistoryCheck } from "./history-check.ts";
import { spawnWriter, type WriterProcess } from "./writer-process.ts";

const kills = 100;

/** Repeats a run: `K8TS_SEED=123 npx vitest run --project storage kill`. */
const seed = Number(process.env["K8TS_SEED"] ?? Date.now() % 1_000_000);

/** Longest life of a writer after it has opened the store; one in six is killed while it opens. */
const longestLifeMs = 100;
const longestOpeningMs = 80;

const never = new AbortController().signal;

it(`loses nothing that was acknowledged when its process is killed ${kills} times under load (seed ${seed})`, async () => {
  const clock = createRealClock();
  const random = createSeededRandom(seed);
  const folder = await mkdtemp(join(tmpdir(), "k8ts-kill-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const history = createHistoryCheck();
  const spawn = (): WriterProcess =>
    spawnWriter((report) => {
      if (report.kind === "acknowledged") history.acknowledge(report);
      if (report.kind === "refused") history.refuse(report.seeds);
    });
  let next = spawn();
  onTestFinished(async () => void (await next.kill()));
  let livesOpened = 0;
  for (let life = 1; life <= kills; life += 1) {
    const writer = next;
    await writer.ready;
    writer.start({ folder, seed: seed + life * 1000 });
    if (randomInteger(random, 6) === 0) await sleep(clock, random.next() * longestOpeningMs, never);
    else {
      await writer.opened;
      livesOpened += 1;
      await sleep(clock, random.next() * longestLifeMs, never);
    }
    expect(await writer.kill(), "the writer lived until it was killed").toBeUndefined();
    next = spawn();
    const store = await openSqliteStore({ folder, clock });
    await history.check(store);
    await store.close();
  }
  // Lives that wrote nothing would prove nothing.
  expect(history.acknowledgedCommits).toBeGreaterThan(livesOpened * 10);
  expect(history.refusedCommits).toBe(0);
}, 120_000);
