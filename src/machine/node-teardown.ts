import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Cgroups } from "../kubelet/cgroups.ts";
import type { Runtime } from "../kubelet/runtime.ts";
import { stopContainerd } from "./containerd-process.ts";
import { closeDiskVolumes } from "./disk-volumes.ts";

/** Sandboxes that are ended at the same time: more only wait for each other. */
const maxAtOnce = 8;

/** Stops and removes every pod of the runtime. One that cannot be removed is logged; what is left of it falls with the rest. */
export async function removeAllPods(
  parts: { readonly runtime: Runtime; readonly logger: Logger },
  signal: AbortSignal,
): Promise<void> {
  const waiting = [...(await parts.runtime.listSandboxes(signal))];
  const work = async (): Promise<void> => {
    for (let sandbox = waiting.pop(); sandbox !== undefined; sandbox = waiting.pop()) {
      try {
        await parts.runtime.stopSandbox(sandbox.id, signal);
        await parts.runtime.removeSandbox(sandbox.id, signal);
      } catch (error) {
        signal.throwIfAborted();
        parts.logger.warn("a pod could not be removed", { pod: `${sandbox.namespace}/${sandbox.name}`, error });
      }
    }
  };
  await Promise.all(Array.from({ length: maxAtOnce }, work));
}

/**
 * Takes away everything that a node has put on the machine: pods, containerd, processes, cgroups, mounts. Works also
 * when containerd is dead, and may be repeated. Files in the data folder stay.
 */
export async function tearDownNode(
  parts: {
    /** Left out, or not answering: pods are killed instead of being stopped. */
    readonly runtime?: Runtime;
    readonly containerdFolder: string;
    /** Of the node alone. */
    readonly cgroups: Cgroups;
    readonly dataFolder: string;
    readonly clock: Clock;
    readonly logger: Logger;
  },
  signal: AbortSignal,
): Promise<void> {
  if (parts.runtime !== undefined) {
    try {
      await removeAllPods({ runtime: parts.runtime, logger: parts.logger }, signal);
    } catch (error) {
      signal.throwIfAborted();
      parts.logger.warn("the runtime does not answer: its pods are killed", { error });
    }
  }
  await stopContainerd(parts.containerdFolder, { clock: parts.clock }, signal);
  await parts.cgroups.remove("/");
  // Processes are gone: what they kept busy can be let go now.
  await stopContainerd(parts.containerdFolder, { clock: parts.clock }, signal);
  await closeDiskVolumes(parts.dataFolder);
}
