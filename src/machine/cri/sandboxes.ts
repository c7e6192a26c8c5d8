import { mkdir } from "node:fs/promises";
import { type Runtime, RuntimeError, type Sandbox } from "../../kubelet/runtime.ts";
import type { GrpcChannel } from "./channel.ts";
import { methods } from "./methods.ts";
import { podUidOf, readSandbox, readSandboxIps } from "./read-state.ts";
import { type NodeLayout, renderSandboxConfig } from "./render-config.ts";
import type { TaskIndex } from "./task-index.ts";

/** The verbs of sandboxes, over the runtime's wire interface. */
export function createSandboxes(
  channel: GrpcChannel,
  index: TaskIndex,
  node: NodeLayout,
): Pick<Runtime, "listSandboxes" | "inspectSandbox" | "runSandbox" | "stopSandbox" | "removeSandbox"> {
  const remember = (id: string, labels: Readonly<Record<string, string>>): void =>
    index.remember(id, { kind: "sandbox", sandboxId: id, podUid: podUidOf(labels) });

  const inspectSandbox = async (id: string, signal?: AbortSignal): Promise<Sandbox | undefined> => {
    try {
      const { status } = await channel.call(methods.podSandboxStatus, { podSandboxId: id }, { signal });
      if (status === undefined) return undefined;
      remember(id, status.labels);
      const ips = readSandboxIps(status);
      if (status.state === 0) index.rememberIps(id, ips);
      return readSandbox(status, ips);
    } catch (error) {
      if (error instanceof RuntimeError && error.code === "notFound") return undefined;
      throw error;
    }
  };

  /** Addresses are not part of the runtime's list. A sandbox that vanishes meanwhile has none. */
  const ipsOf = async (id: string, signal?: AbortSignal): Promise<readonly string[]> =>
    index.ips(id) ?? (await inspectSandbox(id, signal))?.ips ?? [];

  return {
    inspectSandbox,
    async listSandboxes(signal) {
      const mark = index.mark();
      const { items } = await channel.call(methods.listPodSandbox, {}, { signal });
      index.keepOnly("sandbox", new Set(items.map((item) => item.id)), mark);
      for (const item of items) remember(item.id, item.labels);
      const sandboxes = await Promise.all(
        items.map(async (item) => readSandbox(item, item.state === 0 ? await ipsOf(item.id, signal) : [])),
      );
      return sandboxes.sort((a, b) => b.createdAtMs - a.createdAtMs);
    },
    async runSandbox(config, signal) {
      await mkdir(config.logDirectory, { recursive: true });
      const rendered = renderSandboxConfig(config, node);
      const { podSandboxId } = await channel.call(
        methods.runPodSandbox,
        { config: rendered, runtimeHandler: config.runtimeHandler },
        { signal },
      );
      const sandbox = await inspectSandbox(podSandboxId, signal);
      if (sandbox === undefined) throw new RuntimeError("failed", `sandbox ${podSandboxId} has no status`);
      return sandbox;
    },
    async stopSandbox(id, signal) {
      await ignoreMissing(channel.call(methods.stopPodSandbox, { podSandboxId: id }, { signal }));
    },
    async removeSandbox(id, signal) {
      await ignoreMissing(channel.call(methods.removePodSandbox, { podSandboxId: id }, { signal }));
    },
  };
}

/** Waits for a call for which "not found" means that there is nothing left to do. */
export async function ignoreMissing(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof RuntimeError) || error.code !== "notFound") throw error;
  }
}
