import { type Clock, sleep } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import type { RuntimeEvent } from "../../kubelet/runtime.ts";
import type { ContainerdEvent } from "./containerd-events.ts";

/** Who an id of containerd's is. */
export interface KnownTask {
  readonly kind: "sandbox" | "container";
  readonly sandboxId: string;
  readonly podUid: string | undefined;
}

/** What turning containerd's events into the agent's needs to look up. */
export interface StateLookups {
  /** What is known without asking; undefined when nothing is. */
  knownTask(id: string): KnownTask | undefined;
  /** Undefined when there is no such container or sandbox. May ask the runtime. */
  findTask(id: string): Promise<KnownTask | undefined>;
  /** Whether the runtime itself tells of the end of this container or sandbox yet. */
  hasEnded(id: string, kind: KnownTask["kind"]): Promise<boolean>;
  /** The container was killed with signal 9, not by us, and nobody has named the reason so far. */
  mayBeOomKill(id: string): boolean;
  forget(id: string): void;
}

/** Waits between two looks at a task that has just ended: together about two seconds. */
const settleDelaysMs = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024];

/** How long the news of a kill by the kernel may come behind the end of the process. */
const oomGraceMs = 100;

/**
 * Turns one event of containerd into one of the agent's, after the runtime's own view has caught up with it: who looks
 * at the container upon an `exited` event sees it exited, with the right reason.
 */
export async function settleEvent(
  event: ContainerdEvent,
  parts: { readonly lookups: StateLookups; readonly clock: Clock; readonly logger: Logger },
  signal: AbortSignal,
): Promise<RuntimeEvent | undefined> {
  if (event.type === "connected") return { type: "resync" };
  const { lookups, clock, logger } = parts;
  // The agent itself starts what starts: when it does not know it yet, it is just about to.
  const task = event.type === "started" ? lookups.knownTask(event.id) : await lookups.findTask(event.id);
  if (task === undefined) return undefined;
  if (event.type === "ended") {
    const settled = await waitUntilEnded(event.id, task.kind, lookups, clock, signal);
    if (!settled) logger.warn("the runtime is late to tell that a task has ended", { id: event.id });
    for (let waitedMs = 0; waitedMs < oomGraceMs && lookups.mayBeOomKill(event.id); waitedMs += 5)
      await sleep(clock, 5, signal);
  }
  if (event.type === "deleted") lookups.forget(event.id);
  return {
    type: event.type === "ended" ? "exited" : event.type,
    ...(task.kind === "container" ? { containerId: event.id } : {}),
    sandboxId: task.sandboxId,
    ...(task.podUid === undefined ? {} : { podUid: task.podUid }),
  };
}

async function waitUntilEnded(
  id: string,
  kind: KnownTask["kind"],
  lookups: StateLookups,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  for (const delayMs of settleDelaysMs) {
    if (delayMs > 0) await sleep(clock, delayMs, signal);
    if (await lookups.hasEnded(id, kind)) return true;
  }
  return false;
}
