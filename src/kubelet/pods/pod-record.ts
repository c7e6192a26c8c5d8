import type { Pod, PodStatus } from "../../api/types/core-v1.ts";
import type { CgroupLimits } from "../cgroups.ts";
import type { EffectiveResources } from "../resize/effective-resources.ts";
import type { StartFailure } from "../status/container-status.ts";

/** How far a pod's life on the node has come. Phases only go forward. */
export type WorkerPhase = "syncing" | "terminating" | "terminated" | "finished";

/** Why the agent itself makes a pod fail. */
export interface PodVerdict {
  readonly reason: string;
  readonly message: string;
  /** The reason of a `DisruptionTarget` condition; left out where the pod itself is to blame. */
  readonly disruption?: string;
}

/** What a pod's worker knows. Only the worker writes to it. */
export interface PodRecord {
  /** The newest version, with the resources that the node has granted. */
  pod: Pod;
  phase: WorkerPhase;
  /** By container name. */
  readonly startFailures: Map<string, StartFailure>;
  verdict: PodVerdict | undefined;
  /** What is left of the wishes for a quick end, in seconds; 0 before any. */
  graceSeconds: number;
  /** The pod's cgroup stands with these limits; undefined while that is not known. */
  cgroupLimits: CgroupLimits | undefined;
  /** What running containers have, by id. */
  readonly actuated: Map<string, EffectiveResources>;
  /** How often in a row volumes could not be made. */
  volumeFailures: number;
  /** Pod no longer exists in its source: nobody is to be told any more. */
  isForgotten: boolean;
  /** The node is going down: containers are stopped, and nothing else changes. */
  isPaused: boolean;
}

/** A record of a pod that has just been seen. */
export function createPodRecord(pod: Pod): PodRecord {
  return {
    pod,
    phase: "syncing",
    startFailures: new Map(),
    verdict: undefined,
    graceSeconds: 0,
    cgroupLimits: undefined,
    actuated: new Map(),
    volumeFailures: 0,
    isForgotten: false,
    isPaused: false,
  };
}

/** What status says of a pod now, or what the API knows of it where nothing was said yet. */
export function lastStatus(record: PodRecord, known: PodStatus | undefined): PodStatus {
  return known ?? record.pod.status;
}
