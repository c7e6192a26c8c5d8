import type { ContainerState, ContainerStatus, Pod, PodCondition, PodStatus } from "../../api/types/core-v1.ts";
import { formatTime } from "../../base/clock.ts";
import { isPodConditionTrue, isPodTerminal, isSidecar, withPodCondition } from "../../resources/pod-status.ts";
import { mayRestartAllContainers, restartsAfterExit } from "../pods/restart-rules.ts";
import { isStaticPod } from "../pods/static-pod.ts";
import { lostState, stateReasons } from "./container-state.ts";
import { isOwnCondition } from "./pod-conditions.ts";

/** Last words of all containers of a pod together; each gets its share. */
const maxMessagesLength = 12 * 1024;

/** Gives a new status its times: those of what has not changed stay. Overlong messages are cut. */
export function stampStatus(pod: Pod, status: PodStatus, before: PodStatus, nowMs: number): PodStatus {
  const now = formatTime(nowMs);
  const count =
    pod.spec.containers.length + (pod.spec.initContainers?.length ?? 0) + (pod.spec.ephemeralContainers?.length ?? 0);
  const maxLength = Math.floor(maxMessagesLength / Math.max(1, count));
  const cut = (statuses: readonly ContainerStatus[] | undefined) =>
    statuses?.map((entry) => ({
      ...entry,
      state: cutMessage(entry.state, maxLength),
      lastState: cutMessage(entry.lastState, maxLength),
    }));
  const { initContainerStatuses, containerStatuses, ephemeralContainerStatuses } = status;
  return {
    ...status,
    conditions: status.conditions?.map((condition) => stampCondition(condition, before, now)) ?? [],
    startTime: before.startTime ?? status.startTime ?? now,
    observedGeneration: Math.max(before.observedGeneration ?? 0, status.observedGeneration ?? 0),
    ...(initContainerStatuses === undefined ? {} : { initContainerStatuses: cut(initContainerStatuses) ?? [] }),
    ...(containerStatuses === undefined ? {} : { containerStatuses: cut(containerStatuses) ?? [] }),
    ...(ephemeralContainerStatuses === undefined
      ? {}
      : { ephemeralContainerStatuses: cut(ephemeralContainerStatuses) ?? [] }),
  };
}

function stampCondition(condition: PodCondition, before: PodStatus, now: string): PodCondition {
  if (condition.lastTransitionTime !== null) return condition;
  const known = before.conditions?.find(({ type }) => type === condition.type);
  const lastTransitionTime =
    known?.status === condition.status && known.lastTransitionTime !== null ? known.lastTransitionTime : now;
  return { ...condition, lastTransitionTime };
}

function cutMessage(state: ContainerState, maxLength: number): ContainerState {
  const message = state.terminated?.message;
  if (state.terminated === undefined || message === undefined || message.length <= maxLength) return state;
  return { terminated: { ...state.terminated, message: message.slice(0, maxLength) } };
}

/**
 * Finds a change that must not be: a container that has ended for good is shown as alive again. It means that the
 * agent has contradicted itself, and the older word stands.
 */
export function isIllegalChange(pod: Pod, before: PodStatus, after: PodStatus): boolean {
  if (pod.spec.restartPolicy === "Always" || mayRestartAllContainers(pod.spec)) return false;
  const containers = [
    ...pod.spec.containers,
    ...(pod.spec.initContainers ?? []).filter((container) => !isSidecar(container)),
  ];
  const next = [...(after.initContainerStatuses ?? []), ...(after.containerStatuses ?? [])];
  return [...(before.initContainerStatuses ?? []), ...(before.containerStatuses ?? [])].some((status) => {
    const container = containers.find(({ name }) => name === status.name);
    if (status.state.terminated === undefined || container === undefined) return false;
    if (restartsAfterExit(container, pod.spec, status.state.terminated.exitCode)) return false;
    return next.some(({ name, state }) => name === status.name && state.terminated === undefined);
  });
}

/**
 * The last status of a pod whose containers are gone for good: what is not known of them counts as a failure, and the
 * phase is a final one.
 */
export function finishStatus(pod: Pod, status: PodStatus): PodStatus {
  const message = "The container could not be located when the pod was terminated";
  const end = (entry: ContainerStatus): ContainerStatus =>
    entry.state.terminated === undefined ? { ...entry, state: lostState(stateReasons.unknown, message) } : entry;
  const { containerStatuses, initContainerStatuses } = status;
  const started = initContainerStatuses?.findLastIndex(hasStarted) ?? -1;
  return {
    ...status,
    ...(containerStatuses === undefined || !wasInitialized(pod)
      ? {}
      : { containerStatuses: containerStatuses.map(end) }),
    ...(initContainerStatuses === undefined
      ? {}
      : {
          initContainerStatuses: initContainerStatuses.map((entry, index) =>
            index <= Math.max(0, started) ? end(entry) : entry,
          ),
        }),
    ...(isPodTerminal({ status }) || isStaticPod(pod) ? {} : { phase: "Failed" }),
  };
}

function hasStarted({ state, lastState }: ContainerStatus): boolean {
  return state.waiting === undefined || lastState.terminated !== undefined;
}

/** Whether the API has ever seen the pod get past its init containers. */
function wasInitialized(pod: Pod): boolean {
  const init = pod.spec.initContainers ?? [];
  if (init.length === 0) return true;
  if (pod.status.containerStatuses?.some(hasStarted) === true) return true;
  const last = init[init.length - 1];
  const status = pod.status.initContainerStatuses?.find(({ name }) => name === last?.name);
  if (last === undefined || status === undefined) return false;
  if (isSidecar(last)) return status.state.running !== undefined && status.started === true;
  return status.state.terminated?.exitCode === 0 || status.lastState.terminated?.exitCode === 0;
}

/**
 * What may be written of a status now. Conditions of others stay as the API has them, and a final phase waits until
 * no container of the pod can run any more.
 */
export function mergeStatus(
  current: PodStatus,
  wanted: PodStatus,
  mayHaveRunningContainers: boolean,
  nowMs: number,
): PodStatus {
  const becomesFinal = !isPodTerminal({ status: current }) && isPodTerminal({ status: wanted });
  const own = (wanted.conditions ?? []).filter(({ type }) => isOwnCondition(type));
  let foreign: readonly PodCondition[] = (current.conditions ?? []).filter(({ type }) => !isOwnCondition(type));
  const disruption = wanted.conditions?.find(({ type }) => type === "DisruptionTarget");
  if (disruption !== undefined && becomesFinal && !mayHaveRunningContainers)
    foreign = withPodCondition(foreign, { ...disruption, lastTransitionTime: formatTime(nowMs) });
  const merged: PodStatus = { ...wanted, conditions: [...foreign, ...own] };
  if (becomesFinal && mayHaveRunningContainers) return withPhaseOf(merged, current);
  return isPodTerminal({ status: merged }) ? withoutReadiness(merged, nowMs) : merged;
}

function withPhaseOf(status: PodStatus, { phase, reason, message }: PodStatus): PodStatus {
  const { reason: _reason, message: _message, ...rest } = status;
  return {
    ...rest,
    ...(phase === undefined ? {} : { phase }),
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  };
}

/** A pod that has ended is not ready. */
function withoutReadiness(status: PodStatus, nowMs: number): PodStatus {
  const isReady = isPodConditionTrue({ status }, "Ready") || isPodConditionTrue({ status }, "ContainersReady");
  if (!isReady) return status;
  const reason = status.phase === "Failed" ? "PodFailed" : "PodCompleted";
  return {
    ...status,
    conditions: (status.conditions ?? []).map((condition) => {
      if (condition.type !== "Ready" && condition.type !== "ContainersReady") return condition;
      const { message: _message, ...rest } = condition;
      const since = condition.status === "False" ? condition.lastTransitionTime : formatTime(nowMs);
      return { ...rest, status: "False", reason, lastTransitionTime: since };
    }),
  };
}
