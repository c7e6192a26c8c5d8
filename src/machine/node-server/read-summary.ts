import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import type { ContainerState } from "../../kubelet/runtime.ts";
import type { CriRuntime } from "../cri-runtime.ts";
import { readNodeUsage } from "./node-usage.ts";
import { renderResourceMetrics } from "./resource-metrics.ts";
import { renderSummary, type Summary } from "./summary.ts";

/** Reads the statistics that the node's server answers with. */
export interface SummaryReader {
  readSummary(signal: AbortSignal): Promise<Summary>;
  readMetrics(signal: AbortSignal): Promise<string>;
}

/** Two summaries closer together than this share their CPU rate: a shorter time tells nothing. */
const leastRateMs = 500;

/** Creates a reader. It remembers the node's CPU time of the summary before, for the rate. */
export function createSummaryReader(parts: {
  readonly nodeName: string;
  readonly runtime: Pick<CriRuntime, "listContainers" | "usage">;
  readonly dataFolder: string;
  readonly clock: Clock;
}): SummaryReader {
  let before: { readonly timeMs: number; readonly cpuNanoseconds: bigint } | undefined;
  let nanoCores: number | undefined;
  return {
    async readSummary(signal) {
      const [node, containers, sandboxes, images] = await Promise.all([
        readNodeUsage(parts.dataFolder, parts.clock),
        parts.runtime.listContainers(signal),
        parts.runtime.usage.sandboxes(signal),
        parts.runtime.usage.imageFilesystem(signal),
      ]);
      if (before === undefined) before = node;
      else if (node.timeMs - before.timeMs >= leastRateMs) {
        nanoCores = Math.round(
          Number(node.cpuNanoseconds - before.cpuNanoseconds) / ((node.timeMs - before.timeMs) / 1_000),
        );
        before = node;
      }
      return renderSummary({
        nodeName: parts.nodeName,
        node,
        ...(nanoCores === undefined ? {} : { nodeNanoCores: nanoCores }),
        containers,
        sandboxes,
        ...(images === undefined ? {} : { images }),
        logBytes: await readLogSizes(containers),
      });
    },
    async readMetrics(signal) {
      const [node, containers, sandboxes] = await Promise.all([
        readNodeUsage(parts.dataFolder, parts.clock),
        parts.runtime.listContainers(signal),
        parts.runtime.usage.sandboxes(signal),
      ]);
      return renderResourceMetrics({ node, containers, sandboxes });
    },
  };
}

/** Sizes of the logs of running containers, with the files that were put aside. */
async function readLogSizes(containers: readonly ContainerState[]): Promise<ReadonlyMap<string, number>> {
  const running = containers.filter((item) => item.state === "running" && item.logPath !== "");
  return new Map(await Promise.all(running.map(async (item) => [item.id, await logSize(item.logPath)] as const)));
}

async function logSize(path: string): Promise<number> {
  const folder = dirname(path);
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith(basename(path)));
  const sizes = await Promise.all(
    names.map(async (name) => (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
