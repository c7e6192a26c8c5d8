import type { Input } from "../../api/draft.ts";
import { formatQuantity, parseQuantity } from "../../api/quantity.ts";
import type { Node, NodeCondition, NodeStatus } from "../../api/types/core-v1.ts";
import { formatTime } from "../../base/clock.ts";
import type { ResourceList } from "../../resources/resource-list.ts";
import { formatBytes, formatMillis } from "../containers/amounts.ts";
import type { MachineCapacity, MachineInfo } from "../node-facts.ts";
import type { Image, RuntimeStatus } from "../runtime.ts";
import type { NodeSettings } from "./node-settings.ts";

/** What a node's status is told from. */
export interface NodeStatusInput {
  readonly info: MachineInfo;
  readonly capacity: MachineCapacity;
  /** Undefined when the runtime does not answer. */
  readonly runtime: RuntimeStatus | undefined;
  readonly images: readonly Image[];
  readonly pressure: NodePressure;
  /** Kept free by eviction: not for pods. */
  readonly evictionReserve: ResourceList;
}

/** What the node is short of. */
export interface NodePressure {
  readonly memory: boolean;
  readonly disk: boolean;
  readonly pid: boolean;
}

/** A node as it registers. */
export function renderNode(settings: NodeSettings, input: NodeStatusInput, nowMs: number): Input<Node> {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: settings.nodeName,
      labels: { ...ownLabels(settings, input.info), ...settings.labels },
      annotations: { "volumes.kubernetes.io/controller-managed-attach-detach": "true" },
    },
    spec: {
      ...(settings.taints === undefined || settings.taints.length === 0 ? {} : { taints: settings.taints }),
      ...(settings.providerId === undefined ? {} : { providerID: settings.providerId }),
    },
    status: renderNodeStatus(settings, input, undefined, nowMs),
  };
}

/** Labels that the agent keeps on its node. Source: Kubernetes documentation, "Well-Known Labels". */
export function ownLabels(settings: NodeSettings, info: MachineInfo): Record<string, string> {
  const { operatingSystem, architecture } = info;
  return {
    "beta.kubernetes.io/arch": architecture,
    "beta.kubernetes.io/os": operatingSystem,
    "kubernetes.io/arch": architecture,
    "kubernetes.io/hostname": settings.hostname ?? settings.nodeName,
    "kubernetes.io/os": operatingSystem,
  };
}

/** What of KEP-5328's list this agent can do, by name. */
const declaredFeatures = [
  "InPlacePodLevelResourcesVerticalScaling",
  "InPlacePodVerticalScalingInitContainers",
  "RestartAllContainersOnContainerExits",
];
const defaultMaxPods = 110;
const defaultServerPort = 10250;
/** Images that are listed, the largest first, and names of each. */
const maxImages = 50;
const maxImageNames = 5;

/** The status of a node now. Conditions that stay as they are keep the time of their last change. */
export function renderNodeStatus(
  settings: NodeSettings,
  input: NodeStatusInput,
  before: Pick<NodeStatus, "conditions"> | undefined,
  nowMs: number,
): NodeStatus {
  const { info, runtime } = input;
  const capacity = {
    cpu: formatMillis(input.capacity.cpuMillis),
    "ephemeral-storage": formatBytes(input.capacity.ephemeralStorageBytes),
    memory: formatBytes(input.capacity.memoryBytes),
    pods: String(settings.maxPods ?? defaultMaxPods),
  };
  return {
    capacity,
    allocatable: subtract(subtract(capacity, settings.reserved ?? {}), input.evictionReserve),
    conditions: renderConditions(input, before?.conditions ?? [], nowMs),
    addresses: [
      ...settings.nodeIps.map((address) => ({ type: "InternalIP" as const, address })),
      { type: "Hostname", address: settings.hostname ?? settings.nodeName },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: settings.serverPort ?? defaultServerPort } },
    nodeInfo: {
      machineID: info.machineId,
      systemUUID: info.systemUuid,
      bootID: info.bootId,
      kernelVersion: info.kernelVersion,
      osImage: info.osImage,
      containerRuntimeVersion: `${runtime?.name ?? "containerd"}://${runtime?.version ?? "Unknown"}`,
      kubeletVersion: settings.version,
      kubeProxyVersion: "",
      operatingSystem: info.operatingSystem,
      architecture: info.architecture,
    },
    images: renderImages(input.images),
    runtimeHandlers: (runtime?.handlers ?? []).map(({ name, recursiveReadOnlyMounts, userNamespaces }) => ({
      name,
      features: { recursiveReadOnlyMounts, userNamespaces },
    })),
    ...(runtime?.supplementalGroupsPolicy === undefined
      ? {}
      : { features: { supplementalGroupsPolicy: runtime.supplementalGroupsPolicy } }),
    declaredFeatures,
  };
}

function renderImages(images: readonly Image[]): NodeStatus["images"] {
  return [...images]
    .sort((a, b) => b.sizeBytes - a.sizeBytes)
    .slice(0, maxImages)
    .map(({ digests, tags, sizeBytes }) => ({ names: [...digests, ...tags].slice(0, maxImageNames), sizeBytes }));
}

interface Finding {
  readonly type: string;
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

function renderConditions(
  { pressure, runtime, capacity }: NodeStatusInput,
  before: readonly NodeCondition[],
  nowMs: number,
): readonly NodeCondition[] {
  const now = formatTime(nowMs);
  const findings = [
    pressure.memory
      ? finding("MemoryPressure", true, "KubeletHasInsufficientMemory", "kubelet has insufficient memory available")
      : finding("MemoryPressure", false, "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    pressure.disk
      ? finding("DiskPressure", true, "KubeletHasDiskPressure", "kubelet has disk pressure")
      : finding("DiskPressure", false, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    pressure.pid
      ? finding("PIDPressure", true, "KubeletHasInsufficientPID", "kubelet has insufficient PID available")
      : finding("PIDPressure", false, "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    readiness(runtime, capacity.cpuMillis > 0 && capacity.memoryBytes > 0),
  ];
  return findings.map(({ type, status, reason, message }) => {
    const known = before.find((condition) => condition.type === type);
    const lastTransitionTime = known?.status === status ? known.lastTransitionTime : now;
    return { type, status, lastHeartbeatTime: now, lastTransitionTime, reason, message };
  });
}

function finding(type: string, holds: boolean, reason: string, message: string): Finding {
  return { type, status: holds ? "True" : "False", reason, message };
}

function readiness(runtime: RuntimeStatus | undefined, hasCapacity: boolean): Finding {
  const faults = [
    ...(runtime === undefined ? ["container runtime is down"] : []),
    ...(runtime?.runtimeReady === false
      ? [`container runtime not ready: RuntimeReady=false reason: message:${runtime.message}`]
      : []),
    ...(runtime === undefined || runtime.networkReady ? [] : [networkFault(runtime)]),
    ...(hasCapacity ? [] : ["missing node capacity for resources: cpu, memory"]),
  ];
  if (faults.length === 0) return finding("Ready", true, "KubeletReady", "kubelet is posting ready status");
  const message = faults.length === 1 ? (faults[0] as string) : `[${faults.join(", ")}]`;
  return finding("Ready", false, "KubeletNotReady", message);
}

/** Why pods cannot get a network, in the words of the node's condition. */
export function networkFault(runtime: RuntimeStatus): string {
  return `container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:${runtime.message}`;
}

/** Events that tell of a condition's change, by type and status. */
const conditionEvents: Readonly<Record<string, string>> = {
  "MemoryPressure True": "NodeHasInsufficientMemory",
  "MemoryPressure False": "NodeHasSufficientMemory",
  "DiskPressure True": "NodeHasDiskPressure",
  "DiskPressure False": "NodeHasNoDiskPressure",
  "PIDPressure True": "NodeHasInsufficientPID",
  "PIDPressure False": "NodeHasSufficientPID",
  "Ready True": "NodeReady",
  "Ready False": "NodeNotReady",
};

/** The events that a change of status calls for. The first `Ready` of a node is no change. */
export function conditionChanges(
  before: Pick<NodeStatus, "conditions"> | undefined,
  after: Pick<NodeStatus, "conditions">,
): readonly string[] {
  return (after.conditions ?? []).flatMap(({ type, status }) => {
    const known = before?.conditions?.find((condition) => condition.type === type);
    if (known?.status === status || (known === undefined && type === "Ready")) return [];
    const event = conditionEvents[`${type} ${status}`];
    return event === undefined ? [] : [event];
  });
}

function subtract(from: ResourceList, amounts: ResourceList): Record<string, string> {
  const rest: Record<string, string> = { ...from };
  for (const name of Object.keys(amounts)) {
    const present = from[name];
    if (present === undefined) continue;
    const { nanos, format } = parseQuantity(present);
    const left = nanos - parseQuantity(amounts[name] ?? "0").nanos;
    rest[name] = formatQuantity({ nanos: left < 0n ? 0n : left, format });
  }
  return rest;
}
