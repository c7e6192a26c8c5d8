import { appendFile, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRealClock } from "../base/real-clock.ts";
import { followContainerLog, type LogOptions, readContainerLog } from "./container-logs.ts";
import { fixedWidthTime, parseLogLine } from "./logs/log-line.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "k8ts-logs-"));
  path = join(folder, "0.log");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const never = new AbortController().signal;
const line = (second: number, text: string, stream = "stdout", tag = "F"): string =>
  `2026-04-22T10:00:${String(second).padStart(2, "0")}.5Z ${stream} ${tag} ${text}\n`;

async function read(options: LogOptions = {}): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of readContainerLog(path, options, never)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

describe("a log line", () => {
  const cases = [
    { name: "a whole line", text: "2026-04-22T10:00:00.123456789Z stdout F hi\n", content: "hi\n" },
    { name: "a part of a line", text: "2026-04-22T10:00:00Z stderr P hi\n", content: "hi" },
    { name: "more tags", text: "2026-04-22T10:00:00Z stdout F:x:y hi\n", content: "hi\n" },
    { name: "an empty line", text: "2026-04-22T10:00:00Z stdout F \n", content: "\n" },
    { name: "a zone", text: "2026-04-22T10:00:00+02:00 stdout F x\n", content: "x\n" },
    { name: "another stream", text: "2026-04-22T10:00:00Z stdin F x\n", content: undefined },
    { name: "no time", text: "yesterday stdout F x\n", content: undefined },
    { name: "too few words", text: "2026-04-22T10:00:00Z stdout\n", content: undefined },
  ];
  it.each(cases)("is read: $name", ({ text, content }) => {
    expect(parseLogLine(Buffer.from(text))?.content.toString()).toBe(content);
  });

  it("has nine digits of fraction when its time is printed", () => {
    expect(["2026-04-22T10:00:00Z", "2026-04-22T10:00:00.12+02:00"].map(fixedWidthTime)).toEqual([
      "2026-04-22T10:00:00.000000000Z",
      "2026-04-22T10:00:00.120000000+02:00",
    ]);
  });
});

describe("reading a log", () => {
  beforeEach(() =>
    writeFile(
      path,
      [
        line(1, "one"),
        line(2, "two", "stderr"),
        line(3, "thr", "stdout", "P"),
        line(4, "ee"),
        "rubbish\n",
        line(5, "five"),
      ].join(""),
    ),
  );

  const cases: readonly { name: string; options: LogOptions; text: string }[] = [
    { name: "everything", options: {}, text: "one\ntwo\nthree\nfive\n" },
    { name: "one stream", options: { streams: ["stderr"] }, text: "two\n" },
    { name: "the last line", options: { tailLines: 1 }, text: "five\n" },
    { name: "the last lines as they are in the file", options: { tailLines: 3 }, text: "ee\nfive\n" },
    { name: "no lines", options: { tailLines: 0 }, text: "" },
    { name: "more lines than there are", options: { tailLines: 100 }, text: "one\ntwo\nthree\nfive\n" },
    { name: "lines from a time on", options: { sinceMs: Date.UTC(2026, 3, 22, 10, 0, 3, 500) }, text: "three\nfive\n" },
    { name: "a number of bytes", options: { limitBytes: 6 }, text: "one\ntw" },
    {
      name: "time stamps, once for a joined line",
      options: { timestamps: true, tailLines: 4 },
      text: "2026-04-22T10:00:03.500000000Z three\n2026-04-22T10:00:05.500000000Z five\n",
    },
    {
      name: "bytes with the time stamps counted",
      options: { timestamps: true, limitBytes: 33 },
      text: "2026-04-22T10:00:01.500000000Z on",
    },
  ];
  it.each(cases)("gives $name", async ({ options, text }) => {
    expect(await read(options)).toBe(text);
  });

  it("gives a last line that is not finished", async () => {
    await appendFile(path, "2026-04-22T10:00:06Z stdout F end");
    expect(await read({ tailLines: 1 })).toBe("five\n");
    expect(await read()).toBe("one\ntwo\nthree\nfive\nend");
  });

  it("finds the last lines of a large file across its blocks", async () => {
    const texts = Array.from({ length: 5_000 }, (_unused, index) => `line ${index} ${"x".repeat(index % 97)}`);
    await writeFile(path, texts.map((text) => line(1, text)).join(""));
    for (const count of [1, 400, 4_999, 5_000])
      expect(await read({ tailLines: count })).toBe(
        texts
          .slice(-count)
          .map((text) => `${text}\n`)
          .join(""),
      );
  });

  it("fails when there is no file", async () => {
    await rm(path);
    await expect(read()).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("following a log", () => {
  /** Follows in the background. */
  function follow(options: LogOptions = {}) {
    const ended = new AbortController();
    const abort = new AbortController();
    let text = "";
    const done = (async () => {
      const log = followContainerLog(path, options, { ended: ended.signal, clock: createRealClock() }, abort.signal);
      for await (const piece of log) text += piece.toString();
    })();
    return { seen: () => text, end: () => ended.abort(), abort: () => abort.abort(new Error("gone")), done };
  }

  it("gives what is written, and ends with the container", async () => {
    await writeFile(path, line(1, "one") + line(2, "two"));
    const log = follow({ tailLines: 1 });
    await expect.poll(log.seen).toBe("two\n");
    await appendFile(path, line(3, "three"));
    await expect.poll(log.seen).toBe("two\nthree\n");
    await appendFile(path, "2026-04-22T10:00:04Z stdout F fo");
    await appendFile(path, `ur\n${line(5, "five")}`);
    log.end();
    await log.done;
    expect(log.seen()).toBe("two\nthree\nfour\nfive\n");
  });

  it("goes on with the new file when the log is rotated, and loses nothing of the old one", async () => {
    await writeFile(path, line(1, "one"));
    const log = follow();
    await expect.poll(log.seen).toBe("one\n");
    await rename(path, `${path}.20260422-100000`);
    await appendFile(`${path}.20260422-100000`, line(2, "late"));
    await writeFile(path, line(3, "new"));
    await expect.poll(log.seen).toBe("one\nlate\nnew\n");
    await appendFile(path, line(4, "newer"));
    log.end();
    await log.done;
    expect(log.seen()).toBe("one\nlate\nnew\nnewer\n");
  });

  it("stops at a number of bytes", async () => {
    await writeFile(path, line(1, "one"));
    const log = follow({ limitBytes: 6 });
    await expect.poll(log.seen).toBe("one\n");
    await appendFile(path, line(2, "two"));
    await log.done;
    expect(log.seen()).toBe("one\ntw");
  });

  it("stops when nobody listens any more", async () => {
    await writeFile(path, line(1, "one"));
    const log = follow();
    await expect.poll(log.seen).toBe("one\n");
    log.abort();
    await expect(log.done).rejects.toThrow("gone");
  });
});
