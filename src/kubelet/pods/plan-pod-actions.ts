import type { Container, Pod } from "../../api/types/core-v1.ts";
import type { ContainerState } from "../runtime.ts";
import { hashContainer, hashOf } from "../runtime-labels.ts";
import { hasCreatedAny, latestContainer, type ObservedPod, sandboxNeed } from "./observed-pod.ts";
import { planInitContainers } from "./plan-init-containers.ts";
import {
  type ContainerKill,
  type ContainerReset,
  type ContainerUpdate,
  type KillReason,
  killOfUnknown,
  type PodPlan,
  type PodPlanContext,
  shouldStart,
} from "./pod-plan.ts";
import { asksToRestartAll, restartsAfterKill } from "./restart-rules.ts";

/** Decides what to do for a pod that should run. */
export function planPodActions(pod: Pod, observed: ObservedPod, context: PodPlanContext): PodPlan {
  const need = sandboxNeed(observed, pod.spec.hostNetwork === true);
  const base: PodPlan = {
    killPod: need.needed,
    kill: [],
    reset: [],
    createSandbox: need.needed,
    attempt: need.attempt,
    sandboxId: need.sandboxId,
    startEphemeral: [],
    startInit: [],
    update: [],
    start: [],
  };
  if (context.restartAllContainers)
    return { ...base, killPod: false, createSandbox: false, reset: planReset(pod, observed) };
  if (need.needed) return { ...base, ...planNewSandbox(pod, observed, need.attempt) };

  const startEphemeral = (pod.spec.ephemeralContainers ?? []).flatMap((container, index) =>
    latestContainer(observed, container.name) === undefined ? [index] : [],
  );
  const init = planInitContainers(pod, observed, context);
  if (init.podFails || !init.initialized) {
    const { podFails: killPod, start: startInit, kill } = init;
    const update = killPod ? [] : planUpdates(pod, observed, kill, context);
    return { ...base, killPod, startInit, kill, startEphemeral, update };
  }
  const main = planMainContainers(pod, observed, context);
  const killPod = main.kept === 0 && main.start.length === 0;
  const kill = [...init.kill, ...main.kill];
  return {
    ...base,
    killPod,
    kill,
    startEphemeral,
    // Sidecars must not keep a pod alive whose work is over.
    startInit: killPod ? [] : init.start,
    update: killPod ? [] : planUpdates(pod, observed, kill, context),
    start: main.start,
  };
}

/** With a new sandbox everything starts from the beginning, unless there is nothing left to run. */
function planNewSandbox(pod: Pod, observed: ObservedPod, attempt: number): Partial<PodPlan> {
  const mayRestart = pod.spec.restartPolicy !== "Never";
  if (!mayRestart && attempt !== 0 && observed.containers.length > 0) return { createSandbox: false };
  const start = pod.spec.containers.flatMap((container, index) =>
    (container.restartPolicy ?? pod.spec.restartPolicy) === "OnFailure" && hasSucceeded(container, observed)
      ? []
      : [index],
  );
  if (start.length === 0 && hasCreatedAny(observed, pod.spec.containers)) return { createSandbox: false };
  return (pod.spec.initContainers?.length ?? 0) > 0 ? { startInit: [0] } : { start };
}

function hasSucceeded(container: Container, observed: ObservedPod): boolean {
  const latest = latestContainer(observed, container.name);
  return latest?.state === "exited" && latest.exitCode === 0;
}

interface MainPlan {
  readonly kill: readonly ContainerKill[];
  readonly start: readonly number[];
  /** Containers that run and go on running. */
  readonly kept: number;
}

/** What restarts a container whatever its restart policy says. */
const changesDefinition: ReadonlySet<KillReason> = new Set(["definitionChanged", "resize"]);

function planMainContainers(pod: Pod, observed: ObservedPod, context: PodPlanContext): MainPlan {
  const kill: ContainerKill[] = [];
  const start: number[] = [];
  let kept = 0;
  for (const [index, container] of pod.spec.containers.entries()) {
    const latest = latestContainer(observed, container.name);
    if (latest?.state === "running") {
      const fault = findFault(container, latest, context);
      if (fault === undefined) {
        kept += 1;
        continue;
      }
      const restart = changesDefinition.has(fault.reason) || restartsAfterKill(container, pod.spec);
      if (restart) start.push(index);
      const message = restart && fault.reason !== "resize" ? `${fault.message}, will be restarted` : fault.message;
      kill.push({ id: latest.id, name: latest.name, reason: fault.reason, message });
    } else if (shouldStart(pod, container, latest)) {
      start.push(index);
      if (latest?.state === "unknown") kill.push(killOfUnknown("Container", latest));
    }
  }
  return { kill, start, kept };
}

/** Why a running container cannot go on; undefined when it can. */
function findFault(
  container: Container,
  running: ContainerState,
  context: PodPlanContext,
): { readonly reason: KillReason; readonly message: string } | undefined {
  const subject = `Container ${container.name}`;
  if (hashOf(running) !== hashContainer(container))
    return { reason: "definitionChanged", message: `${subject} definition changed` };
  if (context.probes.liveness(running.id) === "failure")
    return { reason: "livenessProbe", message: `${subject} failed liveness probe` };
  if (context.probes.startup(running.id) === "failure")
    return { reason: "startupProbe", message: `${subject} failed startup probe` };
  if (context.resizeAction(container, running) === "restart")
    return { reason: "resize", message: `${subject} resize requires restart` };
  return undefined;
}

/** Containers that run on with other resources. */
function planUpdates(
  pod: Pod,
  observed: ObservedPod,
  kill: readonly ContainerKill[],
  context: PodPlanContext,
): readonly ContainerUpdate[] {
  return [...(pod.spec.initContainers ?? []), ...pod.spec.containers].flatMap((container) => {
    const latest = latestContainer(observed, container.name);
    if (latest?.state !== "running" || kill.some(({ id }) => id === latest.id)) return [];
    return context.resizeAction(container, latest) === "update" ? [{ id: latest.id, name: latest.name }] : [];
  });
}

/** Everything of the pod is removed; those whose exit asked for it last, so that the reason stays visible longest. */
function planReset(pod: Pod, observed: ObservedPod): readonly ContainerReset[] {
  const split = (containers: readonly Container[]) => {
    const sources: ContainerReset[] = [];
    const targets: ContainerReset[] = [];
    for (const container of containers)
      for (const found of observed.containers.filter(({ name }) => name === container.name)) {
        const exited = found.state === "exited";
        const isSource = exited && asksToRestartAll(container, found.exitCode);
        (isSource ? sources : targets).push({ id: found.id, name: found.name, kill: !exited });
      }
    return { sources, targets };
  };
  const init = split(pod.spec.initContainers ?? []);
  const main = split(pod.spec.containers);
  return [...main.targets, ...init.targets, ...main.sources, ...init.sources];
}
