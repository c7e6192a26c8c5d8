import type { ContainerState as ApiContainerState } from "../../api/types/core-v1.ts";
import { formatTime } from "../../base/clock.ts";
import type { ContainerState } from "../runtime.ts";

/** How container ids begin, as status writes them. */
const runtimeScheme = "containerd";

/** `containerd://<id>`. */
export function containerIdOf(container: Pick<ContainerState, "id">): string {
  return `${runtimeScheme}://${container.id}`;
}

/** The runtime's own id of a container that status names; the text itself when it has no scheme. */
export function runtimeIdOf(containerId: string): string {
  const end = containerId.indexOf("://");
  return end < 0 ? containerId : containerId.slice(end + 3);
}

/** Reasons of states that the agent makes up where the runtime has nothing to say. */
export const stateReasons = {
  creating: "ContainerCreating",
  initializing: "PodInitializing",
  unknown: "ContainerStatusUnknown",
  restartingAll: "RestartingAllContainers",
} as const;

/** How the API shows the state of a container; a state that is not known shows as waiting. */
export function renderState(container: ContainerState): ApiContainerState {
  switch (container.state) {
    case "running":
      return { running: { startedAt: timeOf(container.startedAtMs) } };
    case "exited":
      return {
        terminated: {
          exitCode: container.exitCode,
          ...(container.reason === "" ? {} : { reason: container.reason }),
          ...(container.message === "" ? {} : { message: container.message }),
          startedAt: timeOf(container.startedAtMs),
          finishedAt: timeOf(container.finishedAtMs),
          containerID: containerIdOf(container),
        },
      };
    case "created":
    case "unknown":
      return { waiting: {} };
  }
}

/** What a container is said to have ended with that is gone without a trace: killed. */
export function lostState(reason: string, message: string): ApiContainerState {
  return { terminated: { exitCode: 137, reason, message, startedAt: null, finishedAt: null } };
}

/** A container that never started has begun and ended at the beginning of time, as upstream shows it. */
function timeOf(epochMs: number): string | null {
  return formatTime(epochMs);
}
