import type { PodStatus } from "../../api/types/core-v1.ts";
import { allContainers, findContainerStatus } from "../../resources/pod-status.ts";
import { isIpv4 } from "../networking/ip-family.ts";
import type { ProbedContainer } from "../probes/probe-manager.ts";
import { containerIdOf } from "../status/container-state.ts";
import { type PodStatusContext, renderPodStatus } from "../status/render-pod-status.ts";
import { resourcesInForce } from "../status/resources-in-force.ts";
import { latestContainer, type ObservedPod, observedIps } from "./observed-pod.ts";
import type { PodContext } from "./pod-context.ts";
import { lastStatus, type PodRecord } from "./pod-record.ts";

/** Tells the API how a pod stands, as far as the runtime and the probes are known to show it. */
export function publishStatus(context: PodContext, record: PodRecord): PodStatus {
  const { pod } = record;
  const { uid } = pod.metadata;
  const observed = context.cache.observe(uid);
  const before = lastStatus(record, context.status.get(uid));
  const podIps = podIpsOf(context, record, observed, before);
  if (record.phase === "syncing")
    context.probes.update(pod, probedContainers(record, observed, before), podIps[0] ?? "");
  const isOver = record.phase === "terminated" || record.phase === "finished";
  const statusContext: PodStatusContext = {
    observed,
    before,
    podIps,
    hostIps: context.node.hostIps,
    startFailures: record.startFailures,
    supportsRecursiveReadOnly: context.node.supportsRecursiveReadOnly(""),
    resourcesInForce: (container, running) => resourcesInForce(container.resources, running.resources),
    isOver,
    verdict: record.verdict,
    resizeConditions: isOver ? [] : context.resizes.conditions(uid),
    applyProbes: (statuses, group) =>
      context.probes.applyTo(
        pod,
        statuses,
        (group === "init" ? before.initContainerStatuses : before.containerStatuses) ?? [],
      ),
  };
  return context.status.set(pod, renderPodStatus(pod, statusContext));
}

/** Addresses of the pod, those of its node's main family first; at most one of each. A pod that ends keeps its own. */
function podIpsOf(
  { node }: Pick<PodContext, "node">,
  { phase }: Pick<PodRecord, "phase">,
  observed: ObservedPod,
  before: PodStatus,
): readonly string[] {
  const reported = observedIps(observed);
  if (reported.length === 0 && phase !== "syncing") return before.podIPs?.map(({ ip }) => ip) ?? [];
  const isMain = (ip: string): boolean => isIpv4(ip) === isIpv4(node.hostIps[0] ?? "0.0.0.0");
  return [reported.find(isMain), reported.find((ip) => !isMain(ip))].filter((ip) => ip !== undefined);
}

function probedContainers({ pod }: PodRecord, observed: ObservedPod, before: PodStatus): readonly ProbedContainer[] {
  return allContainers(pod.spec).flatMap(({ name }) => {
    const latest = latestContainer(observed, name);
    if (latest?.state !== "running") return [];
    const reported = findContainerStatus(before, name);
    const wasStarted = reported?.containerID === containerIdOf(latest) && reported.started === true;
    return [{ name, id: latest.id, startedAtMs: latest.startedAtMs, wasStarted }];
  });
}
