import type { Container, ContainerStatus, Pod } from "../../api/types/core-v1.ts";
import { isSidecar } from "../../resources/pod-status.ts";
import { restartsAfterExit } from "../pods/restart-rules.ts";
import { isStaticPod } from "../pods/static-pod.ts";
import { stateReasons } from "./container-state.ts";

export type PodPhase = "Pending" | "Running" | "Succeeded" | "Failed";

/** How far a container has come, as the phase counts it. */
type Progress = "absent" | "waiting" | "running" | "ended";

/**
 * The phase that the states of containers mean.
 * @param isOver no container will be started again, whatever the restart policy says
 * @param wasInitialized a container of the present sandbox has been made before
 */
export function podPhase(
  pod: Pod,
  statuses: readonly ContainerStatus[],
  isOver: boolean,
  wasInitialized: boolean,
): PodPhase {
  const find = (container: Container): ContainerStatus | undefined =>
    statuses.find((status) => status.name === container.name);
  const init = (pod.spec.initContainers ?? []).filter((container) => !isSidecar(container));
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar).map(find);
  const mains = pod.spec.containers.map(find);

  const endedForGood = (container: Container): boolean => {
    const status = find(container);
    const ended = status?.state.terminated ?? (status?.state.waiting && status.lastState.terminated);
    return ended !== undefined && !isRestartable(pod, container, ended);
  };
  if (init.some((container) => endedForGood(container) && exitCodeOf(find(container)) !== 0)) return "Failed";

  const isInitPending = init.some((container) => progressOf(find(container)) !== "ended");
  const isSidecarPending = sidecars.some(isPendingSidecar);
  const isWaiting = [...sidecars, ...mains].some((status) => progressOf(status) === "waiting");
  if (isInitPending || (isSidecarPending && !wasInitialized) || isWaiting) return "Pending";

  const isUnknown = [...sidecars, ...mains].some((status) => progressOf(status) === "absent");
  if (isUnknown) return "Pending";
  if ([...sidecars, ...mains].some((status) => progressOf(status) === "running")) return "Running";
  if (mains.length === 0) return "Pending";
  const succeeded = mains.every((status) => status?.state.terminated?.exitCode === 0);
  const willRestart = pod.spec.containers.some((container) => !endedForGood(container));
  if (!(isOver && !isStaticPod(pod)) && willRestart) return "Running";
  return succeeded ? "Succeeded" : "Failed";
}

/** A container that waits to be started again counts as ended. */
function progressOf(status: ContainerStatus | undefined): Progress {
  if (status === undefined) return "absent";
  if (status.state.running !== undefined) return "running";
  if (status.state.terminated !== undefined) return "ended";
  if (status.state.waiting === undefined) return "absent";
  return status.lastState.terminated === undefined ? "waiting" : "ended";
}

function isPendingSidecar(status: ContainerStatus | undefined): boolean {
  const progress = progressOf(status);
  if (progress === "running") return status?.started !== true;
  return status !== undefined && (progress === "waiting" || progress === "absent");
}

function exitCodeOf(status: ContainerStatus | undefined): number {
  return (status?.state.terminated ?? status?.lastState.terminated)?.exitCode ?? 0;
}

function isRestartable(
  pod: Pod,
  container: Container,
  ended: NonNullable<ContainerStatus["state"]["terminated"]>,
): boolean {
  return ended.reason === stateReasons.restartingAll || restartsAfterExit(container, pod.spec, ended.exitCode);
}
