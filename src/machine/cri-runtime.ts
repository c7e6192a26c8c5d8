import { existsSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Runtime, RuntimeEvent, RuntimeStatus } from "../kubelet/runtime.ts";
import { readContainerLog } from "./container-logs.ts";
import { createGrpcChannel, type GrpcChannel } from "./cri/channel.ts";
import { type ContainerdEvent, followContainerdEvents } from "./cri/containerd-events.ts";
import { createContainers } from "./cri/containers.ts";
import { createEventHub, type EventHub } from "./cri/event-hub.ts";
import { createImages } from "./cri/images.ts";
import { methods } from "./cri/methods.ts";
import type { NodeLayout } from "./cri/render-config.ts";
import { createSandboxes } from "./cri/sandboxes.ts";
import { type KnownTask, type StateLookups, settleEvent } from "./cri/state-events.ts";
import { createTaskIndex, type TaskIndex } from "./cri/task-index.ts";
import { createRuntimeUsage, type RuntimeUsage } from "./cri/usage.ts";

/** The runtime of a real node: containerd behind its Container Runtime Interface. */
export interface CriRuntime extends Runtime {
  readonly usage: RuntimeUsage;

  /** Makes the runtime open the log file anew, after it was moved away. */
  reopenContainerLog(id: string, signal?: AbortSignal): Promise<void>;

  /** Prepares a command with streams. @returns the address of the runtime's own streaming server, good for one minute */
  openExec(request: ExecStreams, signal?: AbortSignal): Promise<string>;
  /** Prepares streams to the container's own process. @returns as above */
  openAttach(request: Omit<ExecStreams, "command">, signal?: AbortSignal): Promise<string>;
  /** Prepares streams to ports of a pod. @returns as above */
  openPortForward(sandboxId: string, ports: readonly number[], signal?: AbortSignal): Promise<string>;
}

export interface ExecStreams {
  readonly containerId: string;
  readonly command: readonly string[];
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  /** Never together with `tty`. */
  readonly stderr: boolean;
}

interface RuntimeParts {
  /** containerd's socket. */
  readonly socketPath: string;
  /** The node's own cgroup, below which every pod's lies: for example `/k8ts-dev`. */
  readonly cgroupRoot: string;
  /** As containerd was told. */
  readonly sandboxImage: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Connects to containerd. The connection is kept, and renewed when containerd comes back, until the signal is aborted.
 */
export function createCriRuntime(parts: RuntimeParts, signal: AbortSignal): CriRuntime {
  const channel = createGrpcChannel(`unix:${parts.socketPath}`, parts.clock);
  signal.addEventListener("abort", () => channel.close(), { once: true });
  const index = createTaskIndex();
  const hub = createEventHub<RuntimeEvent>({ type: "resync" });
  const node: NodeLayout = { cgroupRoot: parts.cgroupRoot, extraMaskedPaths: findThermalPaths() };
  const runtime: CriRuntime = {
    ...createSandboxes(channel, index, node),
    ...createContainers(channel, index, node),
    images: createImages(channel, parts.sandboxImage),
    usage: createRuntimeUsage(channel),
    events: (listenerSignal) => hub.listen(listenerSignal),
    status: (callSignal) => readRuntimeStatus(channel, callSignal),
    async tailLog(id, limits, callSignal) {
      const state = await runtime.inspectContainer(id, callSignal);
      return state === undefined ? "" : readLogEnd(state.logPath, limits, callSignal ?? signal);
    },
    async removePodLogs(logDirectory) {
      await rm(logDirectory, { recursive: true, force: true });
    },
    async reopenContainerLog(id, callSignal) {
      await channel.call(methods.reopenContainerLog, { containerId: id }, { signal: callSignal });
    },
    async openExec(request, callSignal) {
      const { url } = await channel.call(methods.exec, { ...request, cmd: request.command }, { signal: callSignal });
      return url;
    },
    async openAttach(request, callSignal) {
      return (await channel.call(methods.attach, request, { signal: callSignal })).url;
    },
    async openPortForward(sandboxId, ports, callSignal) {
      const request = { podSandboxId: sandboxId, port: ports };
      return (await channel.call(methods.portForward, request, { signal: callSignal })).url;
    },
  };
  void forwardEvents({ ...parts, channel, index, hub, runtime }, signal);
  return runtime;
}

/** What tells of the processor's heat, and so of what others compute. Source: kubelet v1.36's default masked paths. */
function findThermalPaths(): readonly string[] {
  const folder = "/sys/devices/system/cpu";
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^cpu\d+$/.test(name)) : [];
  return names.map((name) => `${folder}/${name}/thermal_throttle`).filter((path) => existsSync(path));
}

/** The end of a log, whole lines as far as they fit; empty when there is no log. */
async function readLogEnd(
  path: string,
  limits: { readonly maxLines: number; readonly maxBytes: number },
  signal: AbortSignal,
): Promise<string> {
  let end: Buffer = Buffer.alloc(0);
  try {
    for await (const piece of readContainerLog(path, { tailLines: limits.maxLines }, signal)) {
      end = Buffer.concat([end, piece]);
      if (end.length > limits.maxBytes) end = end.subarray(end.length - limits.maxBytes);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return end.toString("utf8");
}

async function readRuntimeStatus(channel: GrpcChannel, signal?: AbortSignal): Promise<RuntimeStatus> {
  const [version, { status, runtimeHandlers, features }] = await Promise.all([
    channel.call(methods.version, {}, { signal }),
    channel.call(methods.status, {}, { signal }),
  ]);
  const conditions = status?.conditions ?? [];
  const isTrue = (type: string): boolean => conditions.some((item) => item.type === type && item.status);
  return {
    name: version.runtimeName,
    version: version.runtimeVersion,
    runtimeReady: isTrue("RuntimeReady"),
    networkReady: isTrue("NetworkReady"),
    message: conditions
      .filter((item) => !item.status)
      .map((item) => `${item.type}=false reason:${item.reason} message:${item.message}`)
      .join("; "),
    ...(runtimeHandlers.length === 0
      ? {}
      : {
          handlers: runtimeHandlers.map((handler) => ({
            name: handler.name,
            recursiveReadOnlyMounts: handler.features?.recursiveReadOnlyMounts ?? false,
            userNamespaces: handler.features?.userNamespaces ?? false,
          })),
        }),
    ...(features === undefined ? {} : { supplementalGroupsPolicy: features.supplementalGroupsPolicy }),
  };
}

type ForwardParts = RuntimeParts & {
  readonly channel: GrpcChannel;
  readonly index: TaskIndex;
  readonly hub: EventHub<RuntimeEvent>;
  readonly runtime: Runtime;
};

async function forwardEvents(parts: ForwardParts, signal: AbortSignal): Promise<void> {
  const lookups = createLookups(parts, signal);
  const forward = async (event: ContainerdEvent): Promise<void> => {
    try {
      const settled = await settleEvent(event, { ...parts, lookups }, signal);
      if (settled !== undefined) parts.hub.publish(settled);
    } catch (error) {
      if (signal.aborted) return;
      parts.logger.warn("an event of the runtime could not be placed", { error });
      parts.hub.publish({ type: "resync" });
    }
  };
  for await (const event of followContainerdEvents(parts, signal)) {
    if (event.type === "oomKilled") parts.index.markOomKilled(event.id);
    void forward(event);
  }
}

function createLookups(parts: ForwardParts, signal: AbortSignal): StateLookups {
  const { channel, index, runtime } = parts;
  /** One list serves all events that ask while it is under way. */
  let listing: Promise<unknown> | undefined;
  const list = (): Promise<unknown> => {
    listing ??= Promise.all([runtime.listContainers(signal), runtime.listSandboxes(signal)]).finally(() => {
      listing = undefined;
    });
    return listing;
  };
  return {
    knownTask: (id) => index.find(id),
    async findTask(id): Promise<KnownTask | undefined> {
      if (index.find(id) === undefined) await list();
      return index.find(id);
    },
    async hasEnded(id, kind) {
      if (kind === "container") {
        const state = await runtime.inspectContainer(id, signal);
        return state === undefined || state.state === "exited";
      }
      const { items } = await channel.call(methods.listPodSandbox, { filter: { id } }, { signal });
      return items[0]?.state !== 0;
    },
    mayBeOomKill(id) {
      const state = index.container(id);
      return state?.exitCode === 137 && !index.isKillExpected(id) && !index.isOomKilled(id);
    },
    forget: (id) => index.forget(id),
  };
}
