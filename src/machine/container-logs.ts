import { type FSWatcher, watch } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { Clock } from "../base/clock.ts";
import { fixedWidthTime, type LogLine, lineTimeMs, parseLogLine } from "./logs/log-line.ts";
import { findTailStart } from "./logs/tail-start.ts";

/** Which part of a container's log is wanted, and how. Source: PodLogOptions of the API. */
export interface LogOptions {
  /** The last so many lines; left out: all. */
  readonly tailLines?: number;
  /** At most so many bytes, time stamps included; left out: all. */
  readonly limitBytes?: number;
  /** Lines of this time or later, in milliseconds since 1970. */
  readonly sinceMs?: number;
  /** Each line begins with its time. */
  readonly timestamps?: boolean;
  /** Default: both. */
  readonly streams?: readonly LogLine["stream"][];
}

/** What following a log needs beside the file. */
export interface FollowOptions {
  /** Aborted when the container has ended: the log then ends with what has been written by that time. */
  readonly ended: AbortSignal;
  readonly clock: Clock;
}

/** Bytes read at a time. */
const readBytes = 65_536;

/** How often the file is looked at when no change is reported. Source: kubelet's force-check period. */
const checkPeriodMs = 1_000;

/** Longest line that is kept while its end is missing. The runtime itself splits at 16 KiB. */
const maxLineBytes = 1024 * 1024;

const newline = 0x0a;

/**
 * Reads a container's log: pieces of text as the container wrote it. Parts of long lines are joined again. Lines of
 * another format are left out.
 * @throws the file system's error when there is no such file; the signal's reason
 */
export async function* readContainerLog(path: string, options: LogOptions, signal: AbortSignal): AsyncIterable<Buffer> {
  yield* read(path, options, undefined, signal);
}

/** As `readContainerLog`, and then what is still written, across rotation of the file, until the container ends. */
export async function* followContainerLog(
  path: string,
  options: LogOptions,
  follow: FollowOptions,
  signal: AbortSignal,
): AsyncIterable<Buffer> {
  yield* read(path, options, follow, signal);
}

async function* read(
  path: string,
  options: LogOptions,
  follow: FollowOptions | undefined,
  signal: AbortSignal,
): AsyncIterable<Buffer> {
  const writer = createLineWriter(options);
  const file = await openLog(path, options.tailLines);
  const changes = follow === undefined ? undefined : watchFile(path, follow, signal);
  try {
    let linesLeft = follow === undefined ? (options.tailLines ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
    if (options.limitBytes === 0) return;
    for (;;) {
      // Asked before the last look at the file: what was written until then is still read.
      const isOver = follow === undefined || follow.ended.aborted;
      for await (const lines of file.readLines(isOver)) {
        signal.throwIfAborted();
        const text = writer.render(lines.slice(0, linesLeft));
        linesLeft -= lines.length;
        if (text.length > 0) yield text;
        if (writer.isFull() || linesLeft <= 0) return;
      }
      if (await file.switchWhenRotated()) continue;
      if (isOver) return;
      await changes?.next();
      signal.throwIfAborted();
    }
  } finally {
    changes?.close();
    await file.close();
  }
}

interface OpenLog {
  /** Whole lines up to the end of the file, in batches; at the very end also one without newline. */
  readLines(isOver: boolean): AsyncIterable<readonly Buffer[]>;
  /** Goes on with the new file, when another one has taken the name. */
  switchWhenRotated(): Promise<boolean>;
  close(): Promise<void>;
}

async function openLog(path: string, tailLines: number | undefined): Promise<OpenLog> {
  let file: FileHandle = await open(path, "r");
  let position = tailLines === undefined ? 0 : await findTailStart(file, tailLines);
  let rest: Buffer = Buffer.alloc(0);
  return {
    async *readLines(isOver) {
      for (;;) {
        const buffer = Buffer.allocUnsafe(readBytes);
        const { bytesRead } = await file.read(buffer, 0, readBytes, position);
        if (bytesRead === 0) break;
        position += bytesRead;
        const { lines, remainder } = splitLines(Buffer.concat([rest, buffer.subarray(0, bytesRead)]));
        rest = remainder.length > maxLineBytes ? Buffer.alloc(0) : remainder;
        if (lines.length > 0) yield lines;
      }
      if (isOver && rest.length > 0) {
        yield [rest];
        rest = Buffer.alloc(0);
      }
    },
    async switchWhenRotated() {
      const [current, named] = await Promise.all([file.stat(), stat(path).catch(() => undefined)]);
      if (named === undefined || (named.ino === current.ino && named.dev === current.dev)) return false;
      // Something may have been written between the last read and the rotation.
      if (current.size > position) return true;
      await file.close();
      file = await open(path, "r");
      position = 0;
      rest = Buffer.alloc(0);
      return true;
    },
    close: () => file.close(),
  };
}

function splitLines(bytes: Buffer): { lines: Buffer[]; remainder: Buffer } {
  const lines: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
    lines.push(bytes.subarray(start, end + 1));
    start = end + 1;
  }
  return { lines, remainder: bytes.subarray(start) };
}

interface LineWriter {
  render(lines: readonly Buffer[]): Buffer;
  /** As many bytes as were asked for have been rendered. */
  isFull(): boolean;
}

function createLineWriter(options: LogOptions): LineWriter {
  let bytesLeft = options.limitBytes ?? Number.POSITIVE_INFINITY;
  let atLineStart = true;
  const render = (line: LogLine): Buffer[] => {
    const isWanted = options.streams === undefined || options.streams.includes(line.stream);
    const isLate = options.sinceMs === undefined || lineTimeMs(line.time) >= options.sinceMs;
    const stamp = options.timestamps === true && atLineStart ? Buffer.from(`${fixedWidthTime(line.time)} `) : undefined;
    atLineStart = line.content.length === 0 || line.content[line.content.length - 1] === newline;
    if (!isWanted || !isLate) return [];
    const whole = stamp === undefined ? line.content : Buffer.concat([stamp, line.content]);
    const part = whole.subarray(0, Math.min(whole.length, bytesLeft));
    bytesLeft -= part.length;
    return [part];
  };
  return {
    render(lines) {
      const parts: Buffer[] = [];
      for (const bytes of lines) {
        if (bytesLeft <= 0) break;
        const line = parseLogLine(bytes);
        if (line !== undefined) parts.push(...render(line));
      }
      return Buffer.concat(parts);
    },
    isFull: () => bytesLeft <= 0,
  };
}

interface Changes {
  /** Resolves when the file may have changed since the last call, at the latest after the check period. */
  next(): Promise<void>;
  close(): void;
}

/** Watches the folder: the name may come to stand for another file. */
function watchFile(path: string, { ended, clock }: FollowOptions, signal: AbortSignal): Changes {
  let changed = true;
  let wake: (() => void) | undefined;
  const notice = (): void => {
    changed = true;
    wake?.();
  };
  const name = basename(path);
  let watcher: FSWatcher | undefined = watch(dirname(path), (_kind, file) => {
    if (file === null || file === name) notice();
  });
  // A folder that vanishes ends the watching; the periodic look goes on.
  watcher.on("error", () => {
    watcher?.close();
    watcher = undefined;
    notice();
  });
  for (const end of [signal, ended]) end.addEventListener("abort", notice, { once: true });
  return {
    async next() {
      if (!changed) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        const timer = clock.setTimer(checkPeriodMs, resolve);
        await promise;
        timer.cancel();
      }
      changed = false;
    },
    close() {
      watcher?.close();
      for (const end of [signal, ended]) end.removeEventListener("abort", notice);
    },
  };
}
