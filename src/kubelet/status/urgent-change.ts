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
  if (isFlagChanged("Ready") || isFlagChanged("ContainersReady") || isFlagChanged("PodResizePending")) return true;
  const known = containersOf(before);
  return containersOf(after).some((status) => {
    const old = known.find(({ name }) => name === status.name);
    return newsOf(status) !== newsOf(old);
  });
}

function containersOf(status: PodStatus): readonly ContainerStatus[] {
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = status;
  return [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses];
}

/** What about a container is worth telling at once. */
function newsOf(status: ContainerStatus | undefined): string {
  if (status === undefined) return "";
  const { state, containerID = "" } = status;
  if (state.waiting !== undefined)
    return patientReasons.has(state.waiting.reason) ? "" : `waiting ${state.waiting.reason}`;
  return `${state.running === undefined ? "ended" : "runs"} ${containerID} ${status.started === true}`;
}
