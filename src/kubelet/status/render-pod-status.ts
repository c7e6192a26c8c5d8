import type { ContainerStatus, Pod, PodCondition, PodStatus } from "../../api/types/core-v1.ts";
import { podLimits, podRequests } from "../../resources/pod-resources.ts";
import { podCondition } from "../../resources/pod-status.ts";
import type { ResourceList } from "../../resources/resource-list.ts";
import { formatMillis } from "../containers/amounts.ts";
import { podCgroupLimits, qosClassOf } from "../containers/container-resources.ts";
import {
  cpuMillisOfQuota,
  cpuMillisOfShares,
  cpuPeriodMicros,
  minCpuLimitMillis,
  minSharesMillis,
} from "../containers/cpu-shares.ts";
import { activeContainers, latestContainer, sandboxNeed } from "../pods/observed-pod.ts";
import type { PodVerdict } from "../pods/pod-record.ts";
import { asksToRestartAll, mayRestartAllContainers } from "../pods/restart-rules.ts";
import { containerStatuses, type StatusContext } from "./container-status.ts";
import {
  allContainersRestarting,
  type ConditionContext,
  containersReady,
  type Finding,
  isOwnCondition,
  podInitialized,
  podReady,
} from "./pod-conditions.ts";
import { type PodPhase, podPhase } from "./pod-phase.ts";

/** What a pod's status is told from. */
export interface PodStatusContext extends Omit<StatusContext, "isRestartingAll"> {
  readonly podIps: readonly string[];
  readonly hostIps: readonly string[];
  /** No container will be started again. */
  readonly isOver: boolean;
  /** Sets `started` and `ready` by what probes have found. */
  readonly applyProbes: (statuses: readonly ContainerStatus[], group: "init" | "main") => readonly ContainerStatus[];
  /** The pod is made to fail by the agent itself, for example by an eviction. */
  readonly verdict: PodVerdict | undefined;
  /** `PodResizePending` and `PodResizeInProgress`, where they apply. */
  readonly resizeConditions: readonly PodCondition[];
}

/** The status that a pod should have, but for the times that depend on what was reported before. */
export function renderPodStatus(pod: Pod, context: PodStatusContext): PodStatus {
  const { observed, before } = context;
  const isRestartingAll = restartsAllContainers(pod, context);
  const statusContext = { ...context, isRestartingAll };
  const plainInit = containerStatuses(pod, "initContainers", statusContext);
  const plainMain = containerStatuses(pod, "containers", statusContext);
  const wasInitialized = activeContainers(observed).some(({ name }) =>
    pod.spec.containers.some((container) => container.name === name),
  );
  const seen = podPhase(pod, [...plainMain, ...plainInit], context.isOver, wasInitialized);
  const { phase, reason, message } = settlePhase(pod, before, seen, context.verdict);
  const initContainerStatuses = context.applyProbes(plainInit, "init");
  const mainStatuses = context.applyProbes(plainMain, "main");
  const ephemeral = containerStatuses(pod, "ephemeralContainers", statusContext);
  const conditionContext = { pod, phase, before, statuses: [...initContainerStatuses, ...mainStatuses] };
  return {
    observedGeneration: pod.metadata.generation ?? 0,
    phase,
    conditions: renderConditions(conditionContext, context, isRestartingAll),
    ...(message === "" ? {} : { message }),
    ...(reason === "" ? {} : { reason }),
    ...renderAddresses(pod, context),
    ...(initContainerStatuses.length === 0 ? {} : { initContainerStatuses }),
    containerStatuses: mainStatuses,
    qosClass: qosClassOf(pod),
    ...(ephemeral.length === 0 ? {} : { ephemeralContainerStatuses: ephemeral }),
    ...podLevelResources(pod, phase),
  };
}

/** The phase with its reason. Once a pod has ended it stays so, and reasons stay with the phase that they explain. */
function settlePhase(
  pod: Pod,
  before: PodStatus,
  seen: PodPhase,
  verdict: PodStatusContext["verdict"],
): { readonly phase: PodPhase; readonly reason: string; readonly message: string } {
  const ended = endedPhase(pod.status) ?? endedPhase(before);
  if (verdict !== undefined)
    return { phase: endedPhase(pod.status) ?? "Failed", reason: verdict.reason, message: verdict.message };
  const phase = ended ?? seen;
  if (phase !== before.phase) return { phase, reason: "", message: "" };
  return {
    phase,
    reason: before.reason ?? pod.status.reason ?? "",
    message: before.message ?? pod.status.message ?? "",
  };
}

function endedPhase({ phase }: PodStatus): "Succeeded" | "Failed" | undefined {
  return phase === "Succeeded" || phase === "Failed" ? phase : undefined;
}

/** All containers start over when a rule asked for it and that is not done yet. */
function restartsAllContainers(pod: Pod, context: Pick<PodStatusContext, "observed" | "before">): boolean {
  if (!mayRestartAllContainers(pod.spec)) return false;
  if (podCondition({ status: context.before }, "AllContainersRestarting")?.status === "True") return true;
  const statuses = [...(context.before.initContainerStatuses ?? []), ...(context.before.containerStatuses ?? [])];
  return [...(pod.spec.initContainers ?? []), ...pod.spec.containers].some((container) => {
    const latest = latestContainer(context.observed, container.name);
    if (latest?.state !== "exited") return false;
    if (asksToRestartAll(container, latest.exitCode)) return true;
    const reported = statuses.find(({ name }) => name === container.name)?.state.terminated;
    return reported !== undefined && asksToRestartAll(container, reported.exitCode);
  });
}

function renderConditions(
  conditionContext: ConditionContext,
  context: PodStatusContext,
  isRestartingAll: boolean,
): readonly PodCondition[] {
  const { pod, phase, before } = conditionContext;
  const make = (type: string, finding: Finding): PodCondition => ({
    type,
    observedGeneration: pod.metadata.generation ?? 0,
    status: finding.status,
    lastProbeTime: null,
    lastTransitionTime: null,
    ...(finding.reason === undefined ? {} : { reason: finding.reason }),
    ...(finding.message === undefined ? {} : { message: finding.message }),
  });
  const foreign = (pod.status.conditions ?? []).filter(({ type }) => !isOwnCondition(type));
  const { verdict } = context;
  const disruption =
    podCondition({ status: before }, "DisruptionTarget") ??
    (verdict?.disruption === undefined
      ? undefined
      : make("DisruptionTarget", { status: "True", reason: verdict.disruption, message: verdict.message }));
  const others =
    disruption === undefined ? foreign : [...foreign.filter(({ type }) => type !== disruption.type), disruption];
  const hasSandbox = !sandboxNeed(context.observed, pod.spec.hostNetwork === true).needed;
  const isGone = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].every(
    ({ name }) => latestContainer(context.observed, name) === undefined,
  );
  return [
    ...others,
    ...context.resizeConditions,
    make("PodReadyToStartContainers", { status: hasSandbox ? "True" : "False" }),
    make("Initialized", podInitialized(conditionContext)),
    make("Ready", podReady(conditionContext, others)),
    make("ContainersReady", containersReady(conditionContext)),
    make("PodScheduled", { status: "True" }),
    ...(mayRestartAllContainers(pod.spec)
      ? [make("AllContainersRestarting", allContainersRestarting(phase, isRestartingAll && !isGone))]
      : []),
  ];
}

function renderAddresses(
  pod: Pod,
  { podIps, hostIps, before }: PodStatusContext,
): Pick<PodStatus, "hostIP" | "hostIPs" | "podIP" | "podIPs"> {
  const kept = before.podIPs?.map(({ ip }) => ip) ?? [];
  const ips = pod.spec.hostNetwork === true ? (kept.length > 0 ? kept : hostIps) : podIps;
  return {
    ...(hostIps[0] === undefined ? {} : { hostIP: hostIps[0], hostIPs: hostIps.map((ip) => ({ ip })) }),
    ...(ips[0] === undefined ? {} : { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) }),
  };
}

/** What the pod as a whole was granted, and what its cgroup enforces while it runs. Source: KEP-5419. */
function podLevelResources(pod: Pod, phase: PodPhase): Pick<PodStatus, "allocatedResources" | "resources"> {
  const requests = podRequests(pod);
  const allocated = withoutEmpty({ allocatedResources: { ...requests } });
  if (phase !== "Running")
    return { ...allocated, resources: withoutEmpty({ limits: { ...podLimits(pod) }, requests: { ...requests } }) };
  const enforced = podCgroupLimits(pod);
  const cpuRequestMillis = cpuMillisOfShares(enforced.cpuShares ?? 0);
  const cpuLimitMillis = cpuMillisOfQuota(enforced.cpuQuotaMicros ?? 0, cpuPeriodMicros);
  const limits: Record<string, string> = { ...pod.spec.resources?.limits };
  if (cpuLimitMillis > minCpuLimitMillis) limits["cpu"] = formatMillis(cpuLimitMillis);
  if (enforced.memoryLimitBytes !== undefined) limits["memory"] = podLimits(pod).memory ?? "0";
  const running: Record<string, string> = { ...pod.spec.resources?.requests };
  if (cpuRequestMillis > minSharesMillis) running["cpu"] = formatMillis(cpuRequestMillis);
  if (requests.memory !== undefined) running["memory"] = requests.memory;
  return { ...allocated, resources: withoutEmpty({ limits, requests: running }) };
}

/** Empty lists of amounts are left out, as the API writes them. */
function withoutEmpty<Lists extends Readonly<Record<string, ResourceList>>>(lists: Lists): Partial<Lists> {
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => Object.keys(list).length > 0)) as Partial<Lists>;
}
