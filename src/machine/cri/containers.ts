import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Decoded } from "../../api/protobuf.ts";
import { type ContainerState, type Runtime, RuntimeError } from "../../kubelet/runtime.ts";
import type { GrpcChannel } from "./channel.ts";
import { methods } from "./methods.ts";
import { podUidOf, readContainer, readContainerStateName } from "./read-state.ts";
import { type NodeLayout, renderContainerConfig, renderResources, renderSandboxConfig } from "./render-config.ts";
import type { listContainersResponse } from "./runtime-messages.ts";
import { ignoreMissing } from "./sandboxes.ts";
import type { TaskIndex } from "./task-index.ts";

type WireContainer = Decoded<typeof listContainersResponse>["containers"][number];

type ContainerVerbs = Pick<
  Runtime,
  | "listContainers"
  | "inspectContainer"
  | "createContainer"
  | "startContainer"
  | "stopContainer"
  | "removeContainer"
  | "updateContainerResources"
  | "execSync"
>;

/** The verbs of containers, over the runtime's wire interface. */
export function createContainers(channel: GrpcChannel, index: TaskIndex, node: NodeLayout): ContainerVerbs {
  const readStatus = async (
    id: string,
    sandboxId: string,
    signal?: AbortSignal,
  ): Promise<ContainerState | undefined> => {
    try {
      const { status } = await channel.call(methods.containerStatus, { containerId: id }, { signal });
      if (status === undefined) return undefined;
      const state = readContainer(status, sandboxId);
      index.remember(id, { kind: "container", sandboxId, podUid: podUidOf(status.labels) });
      index.rememberContainer(state);
      return withKnownReason(state, index);
    } catch (error) {
      if (error instanceof RuntimeError && error.code === "notFound") return undefined;
      throw error;
    }
  };

  /** The list tells the state alone: the rest comes from the last status, when that was in the same state. */
  const complete = async (item: WireContainer, signal?: AbortSignal): Promise<ContainerState | undefined> => {
    const known = index.container(item.id);
    if (known !== undefined && known.state === readContainerStateName(item.state)) return withKnownReason(known, index);
    return readStatus(item.id, item.podSandboxId, signal);
  };

  const sandboxOf = async (id: string, signal?: AbortSignal): Promise<string | undefined> => {
    const known = index.find(id);
    if (known !== undefined) return known.sandboxId;
    const { containers } = await channel.call(methods.listContainers, { filter: { id } }, { signal });
    return containers[0]?.podSandboxId;
  };

  return {
    async listContainers(signal) {
      const mark = index.mark();
      const { containers } = await channel.call(methods.listContainers, {}, { signal });
      for (const item of containers)
        index.remember(item.id, {
          kind: "container",
          sandboxId: item.podSandboxId,
          podUid: podUidOf(item.labels),
        });
      index.keepOnly("container", new Set(containers.map((item) => item.id)), mark);
      const states = await Promise.all(containers.map((item) => complete(item, signal)));
      return states.filter((state) => state !== undefined);
    },
    async inspectContainer(id, signal) {
      const sandboxId = await sandboxOf(id, signal);
      return sandboxId === undefined ? undefined : readStatus(id, sandboxId, signal);
    },
    async createContainer(sandboxId, config, signal) {
      await mkdir(dirname(join(config.sandbox.logDirectory, config.logPath)), { recursive: true });
      const request = {
        podSandboxId: sandboxId,
        config: renderContainerConfig(config, node),
        sandboxConfig: renderSandboxConfig(config.sandbox, node),
      };
      const { containerId } = await channel.call(methods.createContainer, request, { signal });
      index.remember(containerId, { kind: "container", sandboxId, podUid: config.sandbox.uid });
      return containerId;
    },
    async startContainer(id, signal) {
      await channel.call(methods.startContainer, { containerId: id }, { signal });
    },
    async stopContainer(id, graceSeconds, signal) {
      index.expectKill(id);
      await ignoreMissing(
        channel.call(
          methods.stopContainer,
          { containerId: id, timeout: graceSeconds },
          { extraTimeoutMs: graceSeconds * 1_000, signal },
        ),
      );
    },
    async removeContainer(id, signal) {
      index.expectKill(id);
      await ignoreMissing(channel.call(methods.removeContainer, { containerId: id }, { signal }));
    },
    async updateContainerResources(id, resources, signal) {
      await channel.call(
        methods.updateContainerResources,
        { containerId: id, linux: renderResources(resources) },
        { signal },
      );
    },
    async execSync(id, command, timeoutMs, signal) {
      const timeout = Math.ceil(timeoutMs / 1_000);
      const extraTimeoutMs = timeoutMs === 0 ? Number.POSITIVE_INFINITY : timeoutMs;
      const { exitCode, stdout, stderr } = await channel.call(
        methods.execSync,
        { containerId: id, cmd: command, timeout },
        { extraTimeoutMs, signal },
      );
      return { exitCode, stdout, stderr };
    },
  };
}

/** The kernel's killing is known from its own event, which may be younger than the runtime's status. */
export function withKnownReason(state: ContainerState, index: TaskIndex): ContainerState {
  const isKilled = state.state === "exited" && state.exitCode !== 0 && index.isOomKilled(state.id);
  return isKilled ? { ...state, reason: "OOMKilled" } : state;
}
