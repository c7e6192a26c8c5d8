import { createReadStream, createWriteStream } from "node:fs";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type Clock, sleep } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { CriRuntime } from "./cri-runtime.ts";

/** When a log file is put aside, and how many are kept. Source: kubelet's `containerLogMaxSize`, `containerLogMaxFiles`. */
export interface RotationPolicy {
  readonly maxBytes: number;
  /** With the one that is being written. */
  readonly maxFiles: number;
  readonly periodMs: number;
}

/** Upstream's defaults. */
export const defaultRotationPolicy: RotationPolicy = {
  maxBytes: 10 * 1024 * 1024,
  maxFiles: 5,
  periodMs: 10_000,
};

interface RotationParts {
  readonly runtime: Pick<CriRuntime, "listContainers" | "reopenContainerLog">;
  readonly policy: RotationPolicy;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Keeps the log files of running containers small until the signal is aborted. */
export async function rotateLogs(parts: RotationParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await sleep(parts.clock, parts.policy.periodMs, signal);
      await rotateOnce(parts, signal);
    } catch (error) {
      if (!signal.aborted) parts.logger.warn("container logs could not be rotated", { error });
    }
  }
}

/** Looks once at the log of every running container. */
export async function rotateOnce(parts: RotationParts, signal: AbortSignal): Promise<void> {
  for (const container of await parts.runtime.listContainers(signal)) {
    if (container.state !== "running" || container.logPath === "") continue;
    try {
      await rotateContainer(container.id, container.logPath, parts, signal);
    } catch (error) {
      parts.logger.warn("a container's log could not be rotated", { containerId: container.id, error });
    }
  }
}

async function rotateContainer(id: string, path: string, parts: RotationParts, signal: AbortSignal): Promise<void> {
  const file = await stat(path).catch(() => undefined);
  // A file that was removed under the runtime's hands is made anew.
  if (file === undefined) await parts.runtime.reopenContainerLog(id, signal);
  if (file === undefined || file.size < parts.policy.maxBytes) return;
  const plan = planRotation(basename(path), await readdir(dirname(path)), parts.policy.maxFiles);
  const inFolder = (name: string): string => join(dirname(path), name);
  for (const name of plan.remove) await rm(inFolder(name), { force: true });
  for (const name of plan.compress) await compressFile(inFolder(name));
  const aside = `${path}.${renderStamp(parts.clock.nowMs())}`;
  await rename(path, aside);
  try {
    await parts.runtime.reopenContainerLog(id, signal);
  } catch (error) {
    // The container still writes to the old file: it gets its name back, for another try next time.
    await rename(aside, path);
    throw error;
  }
}

/** What happens to the older files of a log before the newest is put aside. */
export interface RotationPlan {
  readonly remove: readonly string[];
  readonly compress: readonly string[];
}

/** Decides which files of a log's folder go. Names carry their time, so that their order is that of age. */
export function planRotation(name: string, folder: readonly string[], maxFiles: number): RotationPlan {
  const all = folder.filter((file) => file.startsWith(`${name}.`)).toSorted();
  const isHalfDone = (file: string): boolean => file.endsWith(".tmp") || all.includes(`${file}.gz`);
  const whole = all.filter((file) => !isHalfDone(file));
  // The file being written and the one that is about to be put aside come on top.
  const excess = Math.max(0, whole.length - Math.max(0, maxFiles - 2));
  return {
    remove: [...all.filter(isHalfDone), ...whole.slice(0, excess)],
    compress: whole.slice(excess).filter((file) => !file.endsWith(".gz")),
  };
}

async function compressFile(path: string): Promise<void> {
  const temporary = `${path}.tmp`;
  const { mode } = await stat(path);
  await pipeline(createReadStream(path), createGzip(), createWriteStream(temporary, { mode: mode & 0o777 }));
  await rename(temporary, `${path}.gz`);
  await rm(path);
}

/** `20260422-100000`: upstream's suffix of a log that was put aside. */
function renderStamp(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
}
