import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLogger } from "../base/log.ts";
import { createVirtualClock } from "../base/virtual-clock.ts";
import type { ContainerState } from "../kubelet/runtime.ts";
import { planRotation, rotateOnce } from "./log-rotation.ts";

describe("rotation of a log", () => {
  const cases = [
    { name: "nothing yet", folder: ["0.log"], remove: [], compress: [] },
    { name: "one older file", folder: ["0.log", "0.log.1"], remove: [], compress: ["0.log.1"] },
    {
      name: "as many as may stay",
      folder: ["0.log", "0.log.1.gz", "0.log.2.gz", "0.log.3"],
      remove: [],
      compress: ["0.log.3"],
    },
    {
      name: "too many: the oldest go",
      folder: ["0.log", "0.log.1.gz", "0.log.2.gz", "0.log.3.gz", "0.log.4"],
      remove: ["0.log.1.gz"],
      compress: ["0.log.4"],
    },
    {
      name: "what an interruption left",
      folder: ["0.log", "0.log.1", "0.log.1.gz", "0.log.2.tmp", "0.log.2"],
      remove: ["0.log.1", "0.log.2.tmp"],
      compress: ["0.log.2"],
    },
    { name: "logs of another attempt", folder: ["1.log", "1.log.1", "10.log"], remove: [], compress: [] },
  ];
  it.each(cases)("deals with $name", ({ folder, remove, compress }) => {
    expect(planRotation("0.log", folder, 5)).toEqual({ remove, compress });
  });
});

describe("rotating logs", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "k8ts-rotation-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const clock = createVirtualClock(Date.UTC(2026, 3, 22, 10, 0, 0));
  const containerAt = (logPath: string, state: ContainerState["state"]): ContainerState =>
    ({ id: logPath, state, logPath }) as ContainerState;

  async function rotate(states: readonly ContainerState[], reopen: (path: string) => Promise<void>): Promise<void> {
    await rotateOnce(
      {
        runtime: { listContainers: () => Promise.resolve(states), reopenContainerLog: reopen },
        policy: { maxBytes: 10, maxFiles: 3, periodMs: 1_000 },
        clock,
        logger: silentLogger,
      },
      new AbortController().signal,
    );
  }

  it("puts large logs of running containers aside and keeps as many as allowed", async () => {
    const path = join(folder, "0.log");
    for (const text of ["first round", "second round", "third round"]) {
      await writeFile(path, text);
      await rotate([containerAt(path, "running")], (name) => writeFile(name, ""));
      await clock.advance(1_000);
    }
    expect([
      (await readdir(folder)).toSorted(),
      gunzipSync(await readFile(join(folder, "0.log.20260422-100001.gz"))).toString(),
      await readFile(join(folder, "0.log.20260422-100002"), "utf8"),
    ]).toEqual([["0.log", "0.log.20260422-100001.gz", "0.log.20260422-100002"], "second round", "third round"]);
  });

  it("leaves small logs and those of ended containers alone", async () => {
    const [small, ended] = [join(folder, "small.log"), join(folder, "ended.log")];
    await writeFile(small, "few");
    await writeFile(ended, "a lot of text");
    await rotate([containerAt(small, "running"), containerAt(ended, "exited")], () => Promise.reject(new Error("no")));
    expect((await readdir(folder)).toSorted()).toEqual(["ended.log", "small.log"]);
  });

  it("gives the log its name back when the runtime cannot open a new one", async () => {
    const path = join(folder, "0.log");
    await writeFile(path, "a lot of text");
    await rotate([containerAt(path, "running")], () => Promise.reject(new Error("no")));
    expect(await readdir(folder)).toEqual(["0.log"]);
    expect((await stat(path)).size).toBe(13);
  });
});
