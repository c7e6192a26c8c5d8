import type { ContainerStatus, PodStatus } from "../../api/types/core-v1.ts";
import { podCondition } from "../../resources/pod-status.ts";
import { stateReasons } from "./container-state.ts";

/** States that say no more than: be patient. */
const patientReasons: ReadonlySet<string | undefined> = new Set([
  stateReasons.creating,
  stateReasons.initializing,
  undefined,
]);

/**
 * Whether somebody waits for what a new status says. A pod that is only on its way, with or without an address, is no
 * news; one that runs, ends, becomes ready or cannot go on is.
 */
export function isUrgentChange(before: PodStatus, after: PodStatus): boolean {
  if (before.phase !== after.phase && after.phase !== "Pending") return true;
  const isFlagChanged = (type: string): boolean => {
    const status = podCondition({ status: after }, type)?.status;
    return (podCondition({ status: before }, type)?.status ?? "False") !== status && status !== undefined;
  };
  if (isFlagChanged("Ready") || isFlagChanged("ContainersReady")) return true;
  const isOver = (type: string): boolean =>
    podCondition({ status: before }, type) !== undefined && podCondition({ status: after }, type) === undefined;
  if (isFlagChanged("PodResizePending") || isOver("PodResizePending") || isOver("PodResizeInProgress")) return true;
  return (
    hasNews(before.initContainerStatuses, after.initContainerStatuses, newsOfInit) ||
    hasNews(before.containerStatuses, after.containerStatuses, newsOf) ||
    hasNews(before.ephemeralContainerStatuses, after.ephemeralContainerStatuses, newsOf)
  );
}

function hasNews(
  before: readonly ContainerStatus[] | undefined,
  after: readonly ContainerStatus[] | undefined,
  tell: (status: ContainerStatus) => string,
): boolean {
  return (after ?? []).some((status) => {
    const old = before?.find(({ name }) => name === status.name);
    return tell(status) !== (old === undefined ? "" : tell(old));
  });
}

/** What about a container is worth telling at once. */
function newsOf(status: ContainerStatus): string {
  const { state, containerID = "" } = status;
  if (state.waiting !== undefined) return newsOfWaiting(state.waiting.reason);
  return `${state.running === undefined ? "ended" : "runs"} ${containerID} ${status.started === true}`;
}

/** What goes well before the pod's work begins is on its way only. */
function newsOfInit({ state, containerID = "" }: ContainerStatus): string {
  if (state.waiting !== undefined) return newsOfWaiting(state.waiting.reason);
  const hasFailed = state.terminated !== undefined && state.terminated.exitCode !== 0;
  return hasFailed ? `failed ${containerID}` : "";
}

function newsOfWaiting(reason: string | undefined): string {
  return patientReasons.has(reason) ? "" : `waiting ${reason}`;
}
