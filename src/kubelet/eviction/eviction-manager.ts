import type { Pod } from "../../api/types/core-v1.ts";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import type { EventRecorder } from "../../client/event-recorder.ts";
import type { Cgroups } from "../cgroups.ts";
import { podCgroupPath } from "../containers/container-resources.ts";
import type { NodePressure } from "../node/render-node.ts";
import type { MachinePressure } from "../node-facts.ts";
import { podReference } from "../pods/pod-words.ts";
import type { KillRequest } from "../pods/pod-worker.ts";
import { evictedReason, planEviction } from "./plan-eviction.ts";
import { type EvictionThresholds, findShortages } from "./thresholds.ts";

/** Keeps the node from running out of memory and disk by evicting pods. */
export interface EvictionManager {
  /** What the node counts as short of: a condition stays for a while after it is over. */
  readonly pressure: NodePressure;
  /** Looks at what is left, and evicts one pod where need be. */
  check(left: MachinePressure): Promise<void>;
}

/** A condition is reported this much longer than it lasts, so that it does not flap. Source: upstream's default. */
const transitionMs = 5 * 60_000;
/** What an evicted pod gets to end. */
const graceSeconds = 1;

export interface EvictionManagerOptions {
  readonly thresholds: EvictionThresholds;
  readonly cgroups: Pick<Cgroups, "memoryUsageBytes">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly recorder: EventRecorder;
  readonly activePods: () => readonly Pod[];
  readonly kill: (podUid: string, request: KillRequest) => Promise<void>;
  /** Frees disk space without harm to pods. @returns whether that made a difference */
  readonly reclaimDisk: () => Promise<boolean>;
}

/** Creates a manager that sees no pressure. */
export function createEvictionManager(options: EvictionManagerOptions): EvictionManager {
  const { clock, recorder, logger } = options;
  /** When each was last seen, on the monotonic clock. */
  const seen = new Map<"memory" | "disk", number>();
  const counts = (kind: "memory" | "disk"): boolean => {
    const atMs = seen.get(kind);
    return atMs !== undefined && clock.monotonicMs() - atMs < transitionMs;
  };

  return {
    get pressure() {
      return { memory: counts("memory"), disk: counts("disk"), pid: false };
    },
    async check(left) {
      const shortages = findShortages(left, options.thresholds);
      for (const { resource } of shortages) seen.set(resource === "memory" ? "memory" : "disk", clock.monotonicMs());
      const [shortage] = shortages;
      if (shortage === undefined) return;
      if (shortage.resource !== "memory" && (await options.reclaimDisk())) return;
      const ranked = await Promise.all(
        options.activePods().map(async (pod) => ({
          pod,
          memoryBytes: await options.cgroups.memoryUsageBytes(podCgroupPath(pod)),
        })),
      );
      const eviction = planEviction(shortage, ranked);
      if (eviction === undefined) {
        logger.warn("node is short of a resource and no pod can be evicted", { ...shortage });
        return;
      }
      const { pod, message } = eviction;
      recorder.record(podReference(pod), "Warning", evictedReason, message);
      const verdict = { reason: evictedReason, message, disruption: "TerminationByKubelet" };
      await options.kill(pod.metadata.uid, { graceSeconds, verdict });
    },
  };
}
