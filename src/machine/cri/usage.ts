import type { Decoded } from "../../api/protobuf.ts";
import { RuntimeError } from "../../kubelet/runtime.ts";
import type { GrpcChannel } from "./channel.ts";
import type { containerStats, podSandboxStats } from "./image-messages.ts";
import { methods } from "./methods.ts";

/** What a container uses now. Times are milliseconds since 1970; sizes bytes. */
export interface ContainerUsage {
  readonly containerId: string;
  readonly cpu?: CpuUsage;
  readonly memory?: MemoryUsage;
  readonly writableLayer?: DiskUsage;
}

/** What a pod uses now, its containers together. */
export interface SandboxUsage {
  readonly sandboxId: string;
  readonly cpu?: CpuUsage;
  readonly memory?: MemoryUsage;
  readonly network?: {
    readonly timeMs: number;
    readonly name: string;
    readonly rxBytes: number;
    readonly rxErrors: number;
    readonly txBytes: number;
    readonly txErrors: number;
  };
  readonly processCount?: number;
  readonly containers: readonly ContainerUsage[];
}

export interface CpuUsage {
  readonly timeMs: number;
  /** CPU time since the start, in nanoseconds. */
  readonly totalNanoseconds: bigint;
  /** Billionths of a core, averaged since the last look; undefined at the first. */
  readonly nanoCores?: number;
}

export interface MemoryUsage {
  readonly timeMs: number;
  readonly usageBytes: number;
  readonly workingSetBytes: number;
  readonly rssBytes: number;
  /** What the limit leaves; undefined without limit. */
  readonly availableBytes?: number;
  readonly pageFaults: number;
  readonly majorPageFaults: number;
}

export interface DiskUsage {
  readonly timeMs: number;
  readonly usedBytes: number;
  readonly inodesUsed: number;
  /** A path on the file system that is used. */
  readonly path: string;
}

/** Statistics of the runtime. */
export interface RuntimeUsage {
  /** Every running container. */
  containers(signal?: AbortSignal): Promise<readonly ContainerUsage[]>;
  /** Every running pod. */
  sandboxes(signal?: AbortSignal): Promise<readonly SandboxUsage[]>;
  /** Where images are kept. */
  imageFilesystem(signal?: AbortSignal): Promise<DiskUsage | undefined>;
}

type WireContainerStats = Decoded<typeof containerStats>;
type WireSandboxStats = Decoded<typeof podSandboxStats>;

/** Reads statistics over the runtime's wire interface. */
export function createRuntimeUsage(channel: GrpcChannel): RuntimeUsage {
  return {
    async containers(signal) {
      const { stats } = await channel.call(methods.listContainerStats, {}, { signal });
      return stats.map(readContainerUsage);
    },
    async sandboxes(signal) {
      // The runtime's list of statistics fails as a whole when one sandbox is not ready: each is asked alone.
      const { items } = await channel.call(methods.listPodSandbox, {}, { signal });
      const ready = items.filter((item) => item.state === 0);
      const usages = await Promise.all(ready.map((item) => readSandbox(channel, item.id, signal)));
      return usages.filter((usage) => usage !== undefined);
    },
    async imageFilesystem(signal) {
      const { imageFilesystems } = await channel.call(methods.imageFsInfo, {}, { signal });
      return readDisk(imageFilesystems[0]);
    },
  };
}

/** One pod's usage; undefined when it has ended meanwhile. */
async function readSandbox(
  channel: GrpcChannel,
  id: string,
  signal: AbortSignal | undefined,
): Promise<SandboxUsage | undefined> {
  try {
    const { stats } = await channel.call(methods.podSandboxStats, { podSandboxId: id }, { signal });
    return stats === undefined ? undefined : readSandboxUsage(stats);
  } catch (error) {
    if (error instanceof RuntimeError && error.code !== "timeout" && error.code !== "unavailable") return undefined;
    throw error;
  }
}

function readContainerUsage(stats: WireContainerStats): ContainerUsage {
  return {
    containerId: stats.attributes?.id ?? "",
    ...present("cpu", readCpu(stats.cpu)),
    ...present("memory", readMemory(stats.memory)),
    ...present("writableLayer", readDisk(stats.writableLayer)),
  };
}

function readSandboxUsage(stats: WireSandboxStats): SandboxUsage {
  const { linux } = stats;
  const link = linux?.network?.defaultInterface;
  const count = linux?.process?.processCount;
  return {
    sandboxId: stats.attributes?.id ?? "",
    ...present("cpu", readCpu(linux?.cpu)),
    ...present("memory", readMemory(linux?.memory)),
    ...present(
      "network",
      link && {
        timeMs: toMs(linux?.network?.timestamp ?? 0),
        name: link.name,
        rxBytes: Number(link.rxBytes?.value ?? 0),
        rxErrors: Number(link.rxErrors?.value ?? 0),
        txBytes: Number(link.txBytes?.value ?? 0),
        txErrors: Number(link.txErrors?.value ?? 0),
      },
    ),
    ...present("processCount", count && Number(count.value)),
    containers: (linux?.containers ?? []).map(readContainerUsage),
  };
}

function readCpu(cpu: WireContainerStats["cpu"]): CpuUsage | undefined {
  if (cpu === undefined) return undefined;
  return {
    timeMs: toMs(cpu.timestamp),
    totalNanoseconds: BigInt(cpu.usageCoreNanoSeconds?.value ?? 0),
    ...present("nanoCores", cpu.usageNanoCores && Number(cpu.usageNanoCores.value)),
  };
}

function readMemory(memory: WireContainerStats["memory"]): MemoryUsage | undefined {
  if (memory === undefined) return undefined;
  const available = Number(memory.availableBytes?.value ?? 0);
  return {
    timeMs: toMs(memory.timestamp),
    usageBytes: Number(memory.usageBytes?.value ?? 0),
    workingSetBytes: Number(memory.workingSetBytes?.value ?? 0),
    rssBytes: Number(memory.rssBytes?.value ?? 0),
    ...(available === 0 ? {} : { availableBytes: available }),
    pageFaults: Number(memory.pageFaults?.value ?? 0),
    majorPageFaults: Number(memory.majorPageFaults?.value ?? 0),
  };
}

function readDisk(disk: WireContainerStats["writableLayer"]): DiskUsage | undefined {
  if (disk === undefined) return undefined;
  return {
    timeMs: toMs(disk.timestamp),
    usedBytes: Number(disk.usedBytes?.value ?? 0),
    inodesUsed: Number(disk.inodesUsed?.value ?? 0),
    path: disk.fsId?.mountpoint ?? "",
  };
}

function toMs(nanoseconds: number | bigint): number {
  return Number(BigInt(nanoseconds) / 1_000_000n);
}

function present<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [key in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [key in Key]: Value });
}
