import { formatTime } from "../../base/clock.ts";
import type { ContainerState } from "../../kubelet/runtime.ts";
import type { ContainerUsage, CpuUsage, DiskUsage, MemoryUsage, SandboxUsage } from "../cri/usage.ts";
import type { NodeUsage } from "./node-usage.ts";

/** Everything that a summary is made of, read at about the same time. */
export interface SummaryInput {
  readonly nodeName: string;
  readonly node: NodeUsage;
  /** Billionths of a core, averaged since the last summary; undefined in the first. */
  readonly nodeNanoCores?: number;
  readonly sandboxes: readonly SandboxUsage[];
  readonly containers: readonly ContainerState[];
  readonly images?: DiskUsage;
  /** Bytes of each container's log files, by container id. */
  readonly logBytes: ReadonlyMap<string, number>;
}

/** Statistics of the node and its pods, as `/stats/summary` answers. Source: the kubelet's stats API, v1alpha1. */
export interface Summary {
  readonly node: object;
  readonly pods: readonly PodSummary[];
}

export interface PodSummary {
  readonly podRef: { readonly name: string; readonly namespace: string; readonly uid: string };
  readonly startTime: string;
  readonly containers: readonly ContainerSummary[];
  readonly cpu?: CpuSummary;
  readonly memory?: MemorySummary;
  readonly network?: object;
  /** What the containers have written and logged. */
  readonly "ephemeral-storage": object;
  readonly process_stats?: { readonly process_count: number };
}

interface ContainerSummary {
  readonly name: string;
  readonly startTime: string;
  readonly cpu?: CpuSummary;
  readonly memory?: MemorySummary;
}

interface CpuSummary {
  readonly time: string;
  readonly usageNanoCores?: number;
  readonly usageCoreNanoSeconds: number;
}

interface MemorySummary {
  readonly time: string;
  readonly availableBytes?: number;
  readonly usageBytes: number;
  readonly workingSetBytes: number;
  readonly rssBytes: number;
  readonly pageFaults: number;
  readonly majorPageFaults: number;
}

/** Renders the summary. Only running containers have one. */
export function renderSummary(input: SummaryInput): Summary {
  const { node } = input;
  const time = formatTime(node.timeMs);
  const fs = {
    time,
    availableBytes: node.disk.availableBytes,
    capacityBytes: node.disk.capacityBytes,
    usedBytes: node.disk.capacityBytes - node.disk.availableBytes,
    inodesFree: node.disk.inodesFree,
    inodes: node.disk.inodes,
    inodesUsed: node.disk.inodes - node.disk.inodesFree,
  };
  const imageFs = {
    ...fs,
    ...(input.images === undefined
      ? {}
      : {
          usedBytes: input.images.usedBytes,
          inodesUsed: input.images.inodesUsed,
          time: formatTime(input.images.timeMs),
        }),
  };
  const [mainLink, ...otherLinks] = node.network;
  return {
    node: {
      nodeName: input.nodeName,
      startTime: formatTime(node.bootTimeMs),
      cpu: {
        time,
        ...(input.nodeNanoCores === undefined ? {} : { usageNanoCores: input.nodeNanoCores }),
        usageCoreNanoSeconds: Number(node.cpuNanoseconds),
      },
      memory: { time, ...node.memory },
      ...(mainLink === undefined ? {} : { network: { time, ...mainLink, interfaces: [mainLink, ...otherLinks] } }),
      fs,
      runtime: { imageFs, containerFs: imageFs },
      rlimit: { time, maxpid: node.maxProcesses, curproc: node.processes },
    },
    pods: input.sandboxes.flatMap((sandbox) => renderPod(sandbox, input)),
  };
}

function renderPod(usage: SandboxUsage, input: SummaryInput): readonly PodSummary[] {
  const running = input.containers.filter((item) => item.sandboxId === usage.sandboxId && item.state === "running");
  const [first] = running;
  if (first === undefined) return [];
  const usages = new Map(usage.containers.map((item) => [item.containerId, item]));
  const containers = running.map((state) => renderContainer(state, usages.get(state.id), input));
  const written = usage.containers.reduce((sum, item) => sum + (item.writableLayer?.usedBytes ?? 0), 0);
  const logged = running.reduce((sum, item) => sum + (input.logBytes.get(item.id) ?? 0), 0);
  const { network } = usage;
  return [
    {
      podRef: podReference(first),
      startTime: formatTime(Math.min(...running.map((item) => item.createdAtMs))),
      containers,
      ...renderUse(usage),
      ...(network === undefined ? {} : { network: renderNetwork(network) }),
      "ephemeral-storage": {
        time: formatTime(input.node.timeMs),
        availableBytes: input.node.disk.availableBytes,
        capacityBytes: input.node.disk.capacityBytes,
        usedBytes: written + logged,
      },
      ...(usage.processCount === undefined ? {} : { process_stats: { process_count: usage.processCount } }),
    },
  ];
}

function renderContainer(state: ContainerState, usage: ContainerUsage | undefined, input: SummaryInput) {
  const disk = input.node.disk;
  const space = { availableBytes: disk.availableBytes, capacityBytes: disk.capacityBytes };
  const layer = usage?.writableLayer;
  return {
    name: state.labels["io.kubernetes.container.name"] ?? state.name,
    startTime: formatTime(state.startedAtMs),
    ...renderUse(usage ?? {}),
    ...(layer === undefined
      ? {}
      : {
          rootfs: {
            time: formatTime(layer.timeMs),
            ...space,
            usedBytes: layer.usedBytes,
            inodesUsed: layer.inodesUsed,
          },
        }),
    logs: { time: formatTime(input.node.timeMs), ...space, usedBytes: input.logBytes.get(state.id) ?? 0 },
  };
}

function podReference(container: ContainerState): PodSummary["podRef"] {
  return {
    name: container.labels["io.kubernetes.pod.name"] ?? "",
    namespace: container.labels["io.kubernetes.pod.namespace"] ?? "",
    uid: container.labels["io.kubernetes.pod.uid"] ?? "",
  };
}

function renderUse(usage: { readonly cpu?: CpuUsage; readonly memory?: MemoryUsage }) {
  const { cpu, memory } = usage;
  return {
    ...(cpu === undefined ? {} : { cpu: renderCpu(cpu) }),
    ...(memory === undefined ? {} : { memory: renderMemory(memory) }),
  };
}

function renderCpu(cpu: CpuUsage): CpuSummary {
  return {
    time: formatTime(cpu.timeMs),
    ...(cpu.nanoCores === undefined ? {} : { usageNanoCores: cpu.nanoCores }),
    usageCoreNanoSeconds: Number(cpu.totalNanoseconds),
  };
}

function renderMemory({ timeMs, ...memory }: MemoryUsage): MemorySummary {
  return { time: formatTime(timeMs), ...memory };
}

function renderNetwork({ timeMs, ...link }: NonNullable<SandboxUsage["network"]>) {
  return { time: formatTime(timeMs), ...link, interfaces: [link] };
}
