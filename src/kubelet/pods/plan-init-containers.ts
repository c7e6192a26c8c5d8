import type { Container, Pod } from "../../api/types/core-v1.ts";
import { isSidecar } from "../../resources/pod-status.ts";
import type { ContainerState } from "../runtime.ts";
import { hashContainer, hashOf } from "../runtime-labels.ts";
import { latestContainer, type ObservedPod } from "./observed-pod.ts";
import { type ContainerKill, killOfUnknown, type PodPlanContext, shouldStart } from "./pod-plan.ts";
import { restartsAfterKill } from "./restart-rules.ts";

/** What is to be done for init containers and sidecars. */
export interface InitPlan {
  /** Containers may start: all init containers have completed and all sidecars have started. */
  readonly initialized: boolean;
  /** An init container failed for good: the pod is over. */
  readonly podFails: boolean;
  /** Positions in `spec.initContainers`, in their order. */
  readonly start: readonly number[];
  readonly kill: readonly ContainerKill[];
}

/** What one init container makes the plan do. */
interface Step {
  /** Start this one, or start it again. */
  readonly start?: boolean;
  /** This one is done, or up: the one behind it may start. */
  readonly passes?: boolean;
  readonly podFails?: boolean;
  readonly kill?: ContainerKill;
}

/**
 * Decides on init containers. They are looked at from the last to the first, because completed ones may be gone from
 * the runtime: the last that is known tells how far the pod has come; before it only sidecars matter.
 */
export function planInitContainers(pod: Pod, observed: ObservedPod, context: PodPlanContext): InitPlan {
  const containers = pod.spec.initContainers ?? [];
  const last = containers.length - 1;
  let initialized = containers.length === 0 || hasLiveMain(pod, observed);
  /** Some init container behind the one looked at has been started before. */
  let isPast = initialized;
  const start: number[] = [];
  const kill: ContainerKill[] = [];
  for (let index = last; index >= 0; index -= 1) {
    const container = containers[index] as Container;
    const latest = latestContainer(observed, container.name);
    if (latest === undefined) {
      if (isPast && isSidecar(container)) start.push(index);
      continue;
    }
    if (isPast && !isSidecar(container)) continue;
    const step = isSidecar(container)
      ? planSidecar(container, latest, context)
      : planInitContainer(pod, container, latest);
    if (step.podFails === true) return { initialized: false, podFails: true, start: [], kill };
    if (step.passes === true) {
      if (index === last) initialized = true;
      else if (!isPast) start.push(index + 1);
    }
    if (step.start === true) start.push(index);
    if (step.kill !== undefined) kill.push(step.kill);
    isPast = true;
  }
  if (!isPast) start.push(0);
  return { initialized, podFails: false, start: start.reverse(), kill };
}

/** A main container that was made or runs proves that initialization is over. One that ended may belong to an earlier sandbox. */
function hasLiveMain(pod: Pod, observed: ObservedPod): boolean {
  return pod.spec.containers.some((container) => {
    const state = latestContainer(observed, container.name)?.state;
    return state === "created" || state === "running";
  });
}

function planInitContainer(pod: Pod, container: Container, latest: ContainerState): Step {
  switch (latest.state) {
    case "running":
      return {};
    case "created":
      // Made but never started: the runtime failed in between.
      return { start: true };
    case "exited":
      if (!hasFailed(latest)) return { passes: true };
      return shouldStart(pod, container, latest) ? { start: true } : { podFails: true };
    case "unknown":
      if (!restartsAfterKill(container, pod.spec)) return { podFails: true };
      return { start: true, kill: killOfUnknown("Init container", latest) };
  }
}

/** Exit code 0 does not count when memory ran out. */
function hasFailed(exited: ContainerState): boolean {
  return exited.exitCode !== 0 || exited.reason === "OOMKilled";
}

function planSidecar(container: Container, latest: ContainerState, context: PodPlanContext): Step {
  if (latest.state === "unknown") return { start: true, kill: killOfUnknown("Init container", latest) };
  if (latest.state !== "running") return { start: true };
  const subject = `Init container ${container.name}`;
  const restart = (reason: ContainerKill["reason"], why: string, passes: boolean): Step => ({
    start: true,
    passes,
    kill: { id: latest.id, name: latest.name, reason, message: `${subject} ${why}` },
  });
  if (container.startupProbe !== undefined) {
    const started = context.probes.startup(latest.id);
    if (started === "failure") return restart("startupProbe", "failed startup probe", false);
    if (started !== "success") return {};
  }
  if (hashOf(latest) !== hashContainer(container)) return restart("definitionChanged", "definition changed", true);
  if (container.livenessProbe !== undefined && context.probes.liveness(latest.id) === "failure")
    return restart("livenessProbe", "failed liveness probe", true);
  if (context.resizeAction(container, latest) === "restart") return restart("resize", "resize requires restart", true);
  return { passes: true };
}
