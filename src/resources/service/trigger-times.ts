import type { Pod, Service } from "../../api/types/core-v1.ts";
import { formatTime, parseTime } from "../../base/clock.ts";
import { podCondition } from "../pod-status.ts";

/** Says when the change happened that led to new endpoints, for those who measure how long that takes. */
export const triggerTimeAnnotation = "endpoints.kubernetes.io/last-change-trigger-time";

/** When the pods of services last became ready or not, as far as it has been told already. */
export interface TriggerTimes {
  /** The earliest change since this was last asked, in API time; undefined when there was none. */
  next(key: string, service: Service, pods: readonly Pod[]): string | undefined;
  forget(key: string): void;
}

/** Creates an empty record. */
export function createTriggerTimes(): TriggerTimes {
  const known = new Map<string, ReadonlyMap<string, number>>();
  return {
    next(key, service, pods) {
      const before = known.get(key);
      const times = new Map<string, number>();
      let earliestMs = Number.POSITIVE_INFINITY;
      for (const pod of pods) {
        const changedMs = parseTime(podCondition(pod, "Ready")?.lastTransitionTime);
        if (changedMs === undefined) continue;
        times.set(pod.metadata.name, changedMs);
        if (changedMs > (before?.get(pod.metadata.name) ?? 0)) earliestMs = Math.min(earliestMs, changedMs);
      }
      known.set(key, times);
      if (before === undefined) return service.metadata.creationTimestamp;
      return earliestMs === Number.POSITIVE_INFINITY ? undefined : formatTime(earliestMs);
    },
    forget: (key) => void known.delete(key),
  };
}
