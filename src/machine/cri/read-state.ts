import type { Decoded } from "../../api/protobuf.ts";
import type { ContainerState, Image, Sandbox } from "../../kubelet/runtime.ts";
import type { listImagesResponse } from "./image-messages.ts";
import { imageNameAnnotation } from "./render-config.ts";
import type { containerStatus, listPodSandboxResponse, podSandboxStatus } from "./runtime-messages.ts";

type WireImage = Decoded<typeof listImagesResponse>["images"][number];
export type WireSandbox = Decoded<typeof listPodSandboxResponse>["items"][number];
export type WireSandboxStatus = Decoded<typeof podSandboxStatus>;
export type WireContainerStatus = Decoded<typeof containerStatus>;

type WireUser = NonNullable<WireContainerStatus["user"]>["linux"] | undefined;
type WireLimits = NonNullable<WireContainerStatus["resources"]>["linux"] | undefined;

const containerStates = ["created", "running", "exited", "unknown"] as const;

/** A container's state by its number on the wire. */
export function readContainerStateName(number: number): ContainerState["state"] {
  return containerStates[number] ?? "unknown";
}

/** Reads a sandbox as the runtime tells it. */
export function readSandbox(wire: WireSandbox | WireSandboxStatus, ips: readonly string[]): Sandbox {
  return {
    id: wire.id,
    name: wire.metadata?.name ?? "",
    namespace: wire.metadata?.namespace ?? "",
    uid: wire.metadata?.uid ?? "",
    attempt: wire.metadata?.attempt ?? 0,
    ready: wire.state === 0,
    createdAtMs: millisecondsOf(wire.createdAt),
    ips,
    labels: wire.labels,
    annotations: wire.annotations,
  };
}

/** Addresses of a sandbox, the main one first; none on the node's own network. */
export function readSandboxIps(status: WireSandboxStatus): readonly string[] {
  const { network } = status;
  if (network === undefined || network.ip === "") return [];
  return [network.ip, ...network.additionalIps.map((address) => address.ip)];
}

/** Reads a container's status. `sandboxId` is not part of it. */
export function readContainer(wire: WireContainerStatus, sandboxId: string): ContainerState {
  const startedAtMs = millisecondsOf(wire.startedAt);
  return {
    id: wire.id,
    sandboxId,
    name: wire.metadata?.name ?? "",
    attempt: wire.metadata?.attempt ?? 0,
    state: readContainerStateName(wire.state),
    createdAtMs: millisecondsOf(wire.createdAt),
    startedAtMs,
    // The runtime notes the start when it has returned from starting: a short command has ended by then.
    finishedAtMs: Number(wire.finishedAt) === 0 ? 0 : Math.max(startedAtMs, millisecondsOf(wire.finishedAt)),
    exitCode: wire.exitCode,
    reason: wire.reason,
    message: wire.message,
    image: wire.annotations[imageNameAnnotation] ?? wire.image?.image ?? "",
    imageRef: wire.imageRef,
    labels: wire.labels,
    annotations: wire.annotations,
    logPath: wire.logPath,
    ...readUser(wire.user?.linux),
    ...readLimits(wire.resources?.linux),
  };
}

function readUser(user: WireUser): Pick<ContainerState, "user"> {
  if (user === undefined) return {};
  const supplementalGroups = user.supplementalGroups.map(Number);
  return { user: { uid: Number(user.uid), gid: Number(user.gid), supplementalGroups } };
}

function readLimits(limits: WireLimits): Pick<ContainerState, "resources"> {
  if (limits === undefined) return {};
  return {
    resources: {
      cpuShares: Number(limits.cpuShares),
      cpuQuotaMicros: Number(limits.cpuQuota),
      cpuPeriodMicros: Number(limits.cpuPeriod),
      memoryLimitBytes: Number(limits.memoryLimitInBytes),
      oomScoreAdj: Number(limits.oomScoreAdj),
    },
  };
}

/** Reads an image of the node. */
export function readImage(wire: WireImage): Image {
  return {
    id: wire.id,
    tags: wire.repoTags,
    digests: wire.repoDigests,
    sizeBytes: Number(wire.size),
    ...(wire.uid === undefined ? {} : { uid: Number(wire.uid.value) }),
    ...(wire.username === "" ? {} : { username: wire.username }),
    ...(wire.pinned ? { pinned: true } : {}),
  };
}

/** The pod that a sandbox or container belongs to; undefined when the runtime does not say. */
export function podUidOf(labels: Readonly<Record<string, string>>): string | undefined {
  return labels["io.kubernetes.pod.uid"];
}

/** Nanoseconds since 1970 as milliseconds, with fractions. */
function millisecondsOf(nanoseconds: number | bigint): number {
  return Number(BigInt(nanoseconds) / 1_000n) / 1_000;
}
