import type { Container, ContainerStatus, Pod, PodStatus, VolumeMountStatus } from "../../api/types/core-v1.ts";
import { isSidecar } from "../../resources/pod-status.ts";
import { hasCreatedAny, latestContainer, type ObservedPod } from "../pods/observed-pod.ts";
import { shouldStart } from "../pods/pod-plan.ts";
import type { ContainerState } from "../runtime.ts";
import { restartCountOf } from "../runtime-labels.ts";
import { containerIdOf, lostState, renderState, stateReasons } from "./container-state.ts";

/** Why a container could not be started, until it is tried again. */
export interface StartFailure {
  /** For example `CrashLoopBackOff`. */
  readonly reason: string;
  readonly message: string;
}

/** What the status of containers is told from, besides the pod itself. */
export interface StatusContext {
  readonly observed: ObservedPod;
  /** What was last reported. */
  readonly before: PodStatus;
  /** By container name. */
  readonly startFailures: ReadonlyMap<string, StartFailure>;
  /** All containers are being started over. */
  readonly isRestartingAll: boolean;
  /** The runtime can make mounts read-only with all below them. */
  readonly supportsRecursiveReadOnly: boolean;
  /** What a running container really has of cpu and memory. */
  readonly resourcesInForce: (container: Container, running: ContainerState) => Container["resources"];
}

type Group = "containers" | "initContainers" | "ephemeralContainers";

const statusLists = {
  containers: "containerStatuses",
  initContainers: "initContainerStatuses",
  ephemeralContainers: "ephemeralContainerStatuses",
} as const;

/** The status of one group of a pod's containers: init containers in their order, the others by name. */
export function containerStatuses(pod: Pod, group: Group, context: StatusContext): readonly ContainerStatus[] {
  const before = new Map((context.before[statusLists[group]] ?? []).map((status) => [status.name, status]));
  const containers = (pod.spec[group] ?? []) as readonly Container[];
  const statuses = containers.map((container) => {
    const status = containerStatus(pod, container, before.get(container.name), context);
    return withStartFailure(pod, group, container, status, context);
  });
  return group === "initContainers" ? statuses : statuses.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function containerStatus(
  pod: Pod,
  container: Container,
  before: ContainerStatus | undefined,
  context: StatusContext,
): ContainerStatus {
  const known = context.observed.containers.filter(({ name }) => name === container.name);
  const [latest, previous] = known;
  if (latest === undefined) return missingStatus(pod, container, before, context);
  const status = observedStatus(container, latest, before, context);
  return previous === undefined ? status : { ...status, lastState: renderState(previous) };
}

/** A container that the runtime does not know: not made yet, or gone. */
function missingStatus(
  pod: Pod,
  container: Container,
  before: ContainerStatus | undefined,
  context: StatusContext,
): ContainerStatus {
  const waiting = waitingStatus(pod, container, before, context);
  if (before === undefined) return waiting;
  if (context.isRestartingAll && before.state.waiting === undefined) {
    const message = "The container is removed because RestartAllContainers in place";
    return {
      ...waiting,
      state: { waiting: { reason: stateReasons.restartingAll, message } },
      lastState: lostState(stateReasons.restartingAll, message),
      restartCount: before.restartCount + 1,
    };
  }
  if (before.state.terminated !== undefined) return before;
  if (before.state.running === undefined || waiting.lastState.terminated !== undefined) return waiting;
  const message = "The container could not be located when the pod was deleted.  The container used to be Running";
  return {
    ...waiting,
    lastState: lostState(stateReasons.unknown, message),
    restartCount: waiting.restartCount + (pod.metadata.deletionTimestamp === undefined ? 1 : 0),
  };
}

function waitingStatus(
  pod: Pod,
  container: Container,
  before: ContainerStatus | undefined,
  context: StatusContext,
): ContainerStatus {
  const hasInit = (pod.spec.initContainers?.length ?? 0) > 0;
  return {
    name: container.name,
    state: { waiting: { reason: hasInit ? stateReasons.initializing : stateReasons.creating } },
    lastState: before?.lastState ?? {},
    ready: false,
    restartCount: before?.restartCount ?? 0,
    image: container.image ?? "",
    imageID: "",
    ...mountStatuses(container, context),
  };
}

/** A container that the runtime knows. */
function observedStatus(
  container: Container,
  latest: ContainerState,
  before: ContainerStatus | undefined,
  context: StatusContext,
): ContainerStatus {
  const containerID = containerIdOf(latest);
  const isSame = before?.containerID === containerID;
  const ended = isSame ? undefined : before?.state.terminated;
  const lastTerminated = ended ?? before?.lastState.terminated;
  const isLost = latest.state === "unknown" && before?.state.running !== undefined;
  const lostReason = context.isRestartingAll ? stateReasons.restartingAll : stateReasons.unknown;
  const lostMessage = "The container could not be located when the pod was terminated";
  const requests = container.resources.requests ?? {};
  return {
    name: latest.name,
    state: isLost ? lostState(lostReason, lostMessage) : renderState(latest),
    lastState: lastTerminated === undefined ? {} : { terminated: lastTerminated },
    ready: false,
    restartCount: restartCount(latest, before, isLost),
    image: latest.image,
    imageID: latest.imageRef,
    containerID,
    ...(isSame && latest.state === "running" && before?.started !== undefined ? { started: before.started } : {}),
    ...(Object.keys(requests).length === 0 ? {} : { allocatedResources: requests }),
    resources: latest.state === "running" ? context.resourcesInForce(container, latest) : container.resources,
    ...mountStatuses(container, context),
    ...(latest.user === undefined ? {} : { user: { linux: latest.user } }),
  };
}

/** Counts never go back, also when the runtime has lost those that ran before. */
function restartCount(latest: ContainerState, before: ContainerStatus | undefined, isLost: boolean): number {
  const counted = restartCountOf(latest);
  if (before === undefined) return counted;
  if (isLost) return before.restartCount + 1;
  const isNewAfterEnd = latest.state === "running" && before.state.terminated !== undefined;
  if (isNewAfterEnd && before.restartCount >= counted) return before.restartCount + 1;
  return Math.max(counted, before.restartCount);
}

function mountStatuses(
  container: Container,
  context: Pick<StatusContext, "supportsRecursiveReadOnly">,
): { readonly volumeMounts?: readonly VolumeMountStatus[] } {
  const mounts = container.volumeMounts ?? [];
  if (mounts.length === 0) return {};
  return {
    volumeMounts: mounts.map((mount) => {
      const { name, mountPath } = mount;
      if (mount.readOnly !== true) return { name, mountPath };
      const recursiveReadOnly = isRecursive(mount, context.supportsRecursiveReadOnly) ? "Enabled" : "Disabled";
      return { name, mountPath, readOnly: true, recursiveReadOnly };
    }),
  };
}

/** Whether everything below a read-only mount is read-only too. */
export function isRecursive(mount: NonNullable<Container["volumeMounts"]>[number], isSupported: boolean): boolean {
  const mode = mount.recursiveReadOnly ?? "Disabled";
  return mode !== "Disabled" && mount.readOnly === true && isSupported;
}

/** A container that is to be started and cannot waits, and says why. */
function withStartFailure(
  pod: Pod,
  group: Group,
  container: Container,
  status: ContainerStatus,
  context: StatusContext,
): ContainerStatus {
  const latest = latestContainer(context.observed, container.name);
  if (group === "initContainers") {
    if (latest?.state === "exited" && latest.exitCode === 0) return status;
    if (latest === undefined && isForgottenInit(pod, container, status, context.observed))
      return { ...status, state: forgottenInitState };
  }
  if (!shouldStart(pod, container, latest)) return status;
  const failure = context.startFailures.get(container.name);
  if (failure === undefined) return status;
  const lastState = status.state.terminated === undefined ? status.lastState : status.state;
  return { ...status, lastState, state: { waiting: failure } };
}

/** An init container of which nothing is left, though containers behind it were made: it must have completed. */
function isForgottenInit(pod: Pod, container: Container, status: ContainerStatus, observed: ObservedPod): boolean {
  return !isSidecar(container) && status.state.waiting !== undefined && hasCreatedAny(observed, pod.spec.containers);
}

const forgottenInitState: ContainerStatus["state"] = {
  terminated: {
    exitCode: 0,
    reason: "Completed",
    message:
      "Unable to get init container status from container runtime and pod has been initialized, treat it as exited normally",
    startedAt: null,
    finishedAt: null,
  },
};
