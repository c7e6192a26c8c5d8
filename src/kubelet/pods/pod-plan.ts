import type { Container, Pod } from "../../api/types/core-v1.ts";
import type { ResizeAction } from "../resize/effective-resources.ts";
import type { ContainerState } from "../runtime.ts";
import { restartsAfterExit } from "./restart-rules.ts";

/** Why a container is killed; decides over its grace period. */
export type KillReason =
  | "startupProbe"
  | "livenessProbe"
  | "failedPostStartHook"
  | "restartAllContainers"
  | "definitionChanged"
  | "resize"
  | "unknownState"
  | "podStops";

/** A container that is to be stopped while its pod goes on. */
export interface ContainerKill {
  readonly id: string;
  readonly name: string;
  readonly reason: KillReason;
  /** Shown in the event. */
  readonly message: string;
}

/** A container that is removed because all of the pod's start over. */
export interface ContainerReset {
  readonly id: string;
  readonly name: string;
  /** It still runs, or may. */
  readonly kill: boolean;
}

/** A container that is given other resources while it runs. */
export interface ContainerUpdate {
  readonly id: string;
  readonly name: string;
}

/** What is to be done to bring a pod from what is observed to what it should be, in this order. */
export interface PodPlan {
  /** Stop all containers and the sandbox first. With `createSandbox` unset the pod is over. */
  readonly killPod: boolean;
  readonly kill: readonly ContainerKill[];
  readonly reset: readonly ContainerReset[];
  readonly createSandbox: boolean;
  /** Number of the sandbox that is to be made, or that runs. */
  readonly attempt: number;
  /** The newest sandbox; undefined when there never was one. */
  readonly sandboxId: string | undefined;
  /** Positions in the spec's lists. */
  readonly startEphemeral: readonly number[];
  readonly startInit: readonly number[];
  readonly update: readonly ContainerUpdate[];
  readonly start: readonly number[];
}

/** What probes have found of a running container; undefined where no probe has an opinion yet. */
export interface ProbeVerdicts {
  liveness(containerId: string): ProbeVerdict | undefined;
  startup(containerId: string): ProbeVerdict | undefined;
  readiness(containerId: string): ProbeVerdict | undefined;
}

export type ProbeVerdict = "success" | "failure" | "unknown";

/** What the decision depends on beside the pod and what runs of it. */
export interface PodPlanContext {
  readonly probes: ProbeVerdicts;
  /** A rule has asked to start all containers over, and that is not done yet. */
  readonly restartAllContainers: boolean;
  /** How a running container gets the resources that it was granted. */
  readonly resizeAction: (container: Container, running: ContainerState) => ResizeAction;
}

/** Whether a container that does not run is to be started. */
export function shouldStart(pod: Pod, container: Container, latest: ContainerState | undefined): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false;
  if (latest === undefined || latest.state === "unknown" || latest.state === "created") return true;
  return latest.state === "exited" && restartsAfterExit(container, pod.spec, latest.exitCode);
}

/** A container of unknown state may run: stop it before its like is started. */
export function killOfUnknown(subject: "Container" | "Init container", container: ContainerState): ContainerKill {
  const message = `${subject} is in "${container.state}" state, try killing it before restart`;
  return { id: container.id, name: container.name, reason: "unknownState", message };
}
