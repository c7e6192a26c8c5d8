import { goQuote } from "../../api/go-quote.ts";
import type { ContainerStatus, Pod, PodCondition, PodStatus } from "../../api/types/core-v1.ts";
import { isPodConditionTrue, isSidecar } from "../../resources/pod-status.ts";
import type { PodPhase } from "./pod-phase.ts";

/** Conditions that the agent alone sets; all others are left as they are found. */
const ownConditions = new Set([
  "PodScheduled",
  "Ready",
  "Initialized",
  "ContainersReady",
  "PodResizeInProgress",
  "PodResizePending",
  "PodReadyToStartContainers",
  "AllContainersRestarting",
]);

/** True for conditions that the agent alone sets. `DisruptionTarget` it shares with others. */
export function isOwnCondition(type: string): boolean {
  return ownConditions.has(type);
}

/** A condition before it has its times. */
export type Finding = Pick<PodCondition, "status" | "reason" | "message">;

/** What conditions are told from. */
export interface ConditionContext {
  readonly pod: Pod;
  readonly phase: PodPhase;
  /** Of init containers and containers. */
  readonly statuses: readonly ContainerStatus[];
  /** What was last reported. */
  readonly before: PodStatus;
}

const yes: Finding = { status: "True" };

/** All containers, and all sidecars, serve. */
export function containersReady({ pod, phase, statuses }: ConditionContext): Finding {
  const watched = [...(pod.spec.initContainers ?? []).filter(isSidecar), ...pod.spec.containers];
  const missing = watched.filter(({ name }) => !statuses.some((status) => status.name === name));
  if (phase === "Succeeded" && missing.length === 0) return { status: "False", reason: "PodCompleted" };
  if (phase === "Failed") return { status: "False", reason: "PodFailed" };
  const unready = watched.filter(({ name }) => statuses.some((status) => status.name === name && !status.ready));
  const message = listContainers({ unknown: missing, unready });
  return message === "" ? yes : { status: "False", reason: "ContainersNotReady", message };
}

/** Containers are ready, and so are the pod's readiness gates, which others decide. */
export function podReady(context: ConditionContext, conditions: readonly PodCondition[]): Finding {
  const ready = containersReady(context);
  if (ready.status !== "True") return ready;
  const messages = (context.pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const gate = conditions.find((condition) => condition.type === conditionType);
    if (gate === undefined)
      return [`corresponding condition of pod readiness gate ${goQuote(conditionType)} does not exist.`];
    if (gate.status === "True") return [];
    return [`the status of pod readiness gate ${goQuote(conditionType)} is not "True", but ${gate.status}`];
  });
  if (messages.length === 0) return yes;
  return { status: "False", reason: "ReadinessGatesNotReady", message: messages.join(", ") };
}

/** All init containers have completed and all sidecars have started. Once true it stays so. */
export function podInitialized({ pod, phase, statuses, before }: ConditionContext): Finding {
  const init = pod.spec.initContainers ?? [];
  const find = (name: string): ContainerStatus | undefined => statuses.find((status) => status.name === name);
  const missing = init.filter(({ name }) => find(name) === undefined);
  if (phase === "Succeeded" && missing.length === 0) return { status: "True", reason: "PodCompleted" };
  const hasMainStarted = pod.spec.containers.some(({ name }) => {
    const state = find(name)?.state;
    return state?.running !== undefined || state?.terminated !== undefined;
  });
  if (hasMainStarted) return yes;
  const incomplete = init.filter((container) => {
    const status = find(container.name);
    return status !== undefined && !(isSidecar(container) ? status.started === true : status.ready);
  });
  const message = listContainers({ unknown: missing, incomplete });
  if (message === "" || isPodConditionTrue({ status: before }, "Initialized")) return yes;
  return { status: "False", reason: "ContainersNotInitialized", message };
}

/** Whether all containers are being started over because a rule of one of them asked for it. */
export function allContainersRestarting(phase: PodPhase, isRestarting: boolean): Finding {
  if (phase === "Succeeded") return { status: "False", reason: "PodCompleted" };
  if (phase === "Failed") return { status: "False", reason: "PodFailed" };
  if (!isRestarting) return { status: "False" };
  return {
    status: "True",
    reason: "RestartAllContainersStarted",
    message: "container exited with restart policy rule",
  };
}

function listContainers(groups: Readonly<Record<string, readonly { readonly name: string }[]>>): string {
  return Object.keys(groups)
    .flatMap((kind) => {
      const names = (groups[kind] ?? []).map(({ name }) => name);
      return names.length === 0 ? [] : [`containers with ${kind} status: [${names.join(" ")}]`];
    })
    .join(", ");
}
