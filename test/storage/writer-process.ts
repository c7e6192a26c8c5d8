import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { WriterOrder, WriterReport } from "./writer.ts";

/** A process that runs `writer.ts`. */
export interface WriterProcess {
  /** Resolves when the process can be started without delay. */
  readonly ready: Promise<void>;
  /** Lets it open the store and write. */
  start(order: WriterOrder): void;
  /** Resolves when it has opened the store, or has ended without. */
  readonly opened: Promise<void>;
  /** Kills it without warning; resolves like `gone`. */
  kill(): Promise<number | undefined>;
  /** Resolves when it is gone and everything that it said has been heard: to its exit code, undefined after a signal. */
  readonly gone: Promise<number | undefined>;
}

/**
 * Spawns a writer.
 * @param command what to run it with; default: this Node
 * @param onReport hears everything that it says
 */
export function spawnWriter(
  onReport: (report: WriterReport) => void,
  command: readonly string[] = [process.execPath],
): WriterProcess {
  const [file = process.execPath, ...flags] = command;
  const child: ChildProcess = spawn(file, [...flags, new URL("writer.ts", import.meta.url).pathname], {
    stdio: ["pipe", "pipe", "inherit"],
    // A group of its own, so that the kill reaches the writer also when another program runs it.
    detached: true,
  });
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error("the writer has no pipes");
  // The pipe breaks when the writer is killed before it has read its line.
  stdin.on("error", () => undefined);
  const ready = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  const lines = createInterface({ input: stdout });
  lines.on("line", (line) => {
    // A line that the kill has cut in two was never a promise.
    if (!line.endsWith("}")) return;
    const report = JSON.parse(line) as WriterReport;
    if (report.kind === "ready") ready.resolve();
    if (report.kind === "open") opened.resolve();
    onReport(report);
  });
  const heard = once(lines, "close");
  const gone = (async () => {
    const [code] = (await once(child, "exit")) as [number | null];
    await heard;
    opened.resolve();
    ready.resolve();
    return code ?? undefined;
  })();
  return {
    ready: ready.promise,
    opened: opened.promise,
    gone,
    start: (order) => void stdin.write(`${JSON.stringify(order)}\n`),
    kill() {
      const isRunning = child.exitCode === null && child.signalCode === null;
      if (isRunning && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      return gone;
    },
  };
}
