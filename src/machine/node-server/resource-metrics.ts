import type { ContainerState } from "../../kubelet/runtime.ts";
import type { ContainerUsage, SandboxUsage } from "../cri/usage.ts";
import type { NodeUsage } from "./node-usage.ts";

/** One measured value. */
interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Left out for values that hold at any time. */
  readonly timeMs?: number;
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  readonly samples: readonly Sample[];
}

/**
 * Renders CPU and memory of the node, its pods and containers in Prometheus' text format, as `/metrics/resource`
 * answers. Source: KEP-1867; names, help texts and stability of v1.36.
 */
export function renderResourceMetrics(input: {
  readonly node: NodeUsage;
  readonly containers: readonly ContainerState[];
  readonly sandboxes: readonly SandboxUsage[];
}): string {
  const { node } = input;
  const running = input.containers.filter((item) => item.state === "running");
  const usages = new Map(input.sandboxes.flatMap((pod) => pod.containers).map((item) => [item.containerId, item]));
  const ofContainers = (read: (state: ContainerState, usage: ContainerUsage | undefined) => Measured): Sample[] =>
    running.flatMap((state) => sample(containerLabels(state), read(state, usages.get(state.id))));
  const ofPods = (read: (usage: SandboxUsage) => Measured): Sample[] =>
    input.sandboxes.flatMap((usage) => {
      const member = running.find((state) => state.sandboxId === usage.sandboxId);
      return member === undefined ? [] : sample(namespaceAndPod(member), read(usage));
    });
  const families: readonly Family[] = [
    {
      name: "container_cpu_usage_seconds_total",
      help: "[STABLE] Cumulative cpu time consumed by the container in core-seconds",
      type: "counter",
      samples: ofContainers((_state, usage) => cpuOf(usage)),
    },
    {
      name: "container_memory_working_set_bytes",
      help: "[STABLE] Current working set of the container in bytes",
      type: "gauge",
      samples: ofContainers((_state, usage) => memoryOf(usage)),
    },
    {
      name: "container_start_time_seconds",
      help: "[STABLE] Start time of the container since unix epoch in seconds",
      type: "gauge",
      samples: ofContainers((state) => ({ value: state.startedAtMs / 1_000 })),
    },
    {
      name: "node_cpu_usage_seconds_total",
      help: "[STABLE] Cumulative cpu time consumed by the node in core-seconds",
      type: "counter",
      samples: [{ labels: {}, value: seconds(node.cpuNanoseconds), timeMs: node.timeMs }],
    },
    {
      name: "node_memory_working_set_bytes",
      help: "[STABLE] Current working set of the node in bytes",
      type: "gauge",
      samples: [{ labels: {}, value: node.memory.workingSetBytes, timeMs: node.timeMs }],
    },
    {
      name: "pod_cpu_usage_seconds_total",
      help: "[STABLE] Cumulative cpu time consumed by the pod in core-seconds",
      type: "counter",
      samples: ofPods(cpuOf),
    },
    {
      name: "pod_memory_working_set_bytes",
      help: "[STABLE] Current working set of the pod in bytes",
      type: "gauge",
      samples: ofPods(memoryOf),
    },
    {
      name: "resource_scrape_error",
      help: "[STABLE] 1 if there was an error while getting container metrics, 0 otherwise",
      type: "gauge",
      samples: [{ labels: {}, value: 0 }],
    },
  ];
  return families.map(renderFamily).join("");
}

type Measured = { readonly value: number; readonly timeMs?: number } | undefined;

function cpuOf(usage: Pick<ContainerUsage, "cpu"> | undefined): Measured {
  const cpu = usage?.cpu;
  return cpu === undefined ? undefined : { value: seconds(cpu.totalNanoseconds), timeMs: cpu.timeMs };
}

function memoryOf(usage: Pick<ContainerUsage, "memory"> | undefined): Measured {
  const memory = usage?.memory;
  return memory === undefined ? undefined : { value: memory.workingSetBytes, timeMs: memory.timeMs };
}

function sample(labels: Sample["labels"], measured: Measured): Sample[] {
  return measured === undefined ? [] : [{ labels, ...measured }];
}

function seconds(nanoseconds: bigint): number {
  return Number(nanoseconds / 1_000n) / 1_000_000;
}

function containerLabels(state: ContainerState): Sample["labels"] {
  const container = state.labels["io.kubernetes.container.name"] ?? state.name;
  return { container, ...namespaceAndPod(state) };
}

function namespaceAndPod(state: ContainerState): Sample["labels"] {
  return {
    namespace: state.labels["io.kubernetes.pod.namespace"] ?? "",
    pod: state.labels["io.kubernetes.pod.name"] ?? "",
  };
}

function renderFamily({ name, help, type, samples }: Family): string {
  if (samples.length === 0) return "";
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.map((item) => renderSample(name, item)).join("")}`;
}

function renderSample(name: string, { labels, value, timeMs }: Sample): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}=${JSON.stringify(text)}`);
  const time = timeMs === undefined ? "" : ` ${Math.floor(timeMs)}`;
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}${time}\n`;
}
