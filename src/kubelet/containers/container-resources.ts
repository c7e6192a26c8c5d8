import type { Container, Pod } from "../../api/types/core-v1.ts";
import { computeQosClass, podLimits, podRequests, type QosClass } from "../../resources/pod-resources.ts";
import { isSidecar } from "../../resources/pod-status.ts";
import type { CgroupLimits } from "../cgroups.ts";
import { isMirrorPod, isStaticPod } from "../pods/static-pod.ts";
import type { ContainerResources } from "../runtime.ts";
import { bytesOf, milliOf } from "./amounts.ts";
import { cpuPeriodMicros, cpuQuotaOf, cpuSharesOf } from "./cpu-shares.ts";

/** Which containers the kernel kills first when memory runs out. Source: Kubernetes documentation, "Node OOM behavior". */
const guaranteedOomScore = -997;
const bestEffortOomScore = 1000;

/** The class that decides where a pod's cgroup stands. */
export function qosClassOf(pod: Pod): QosClass {
  return pod.status.qosClass ?? computeQosClass(pod.spec);
}

/** What a container gets of its node. A limit that the container lacks and its pod has holds for the container too. */
export function containerResources(pod: Pod, container: Container, nodeMemoryBytes: number): ContainerResources {
  const { requests, limits } = container.resources;
  const podLevel = pod.spec.resources?.limits;
  const cpuLimitMillis = milliOf(limits?.cpu) || milliOf(podLevel?.cpu);
  const cpuRequestMillis = requests?.cpu === undefined ? cpuLimitMillis : milliOf(requests.cpu);
  return {
    cpuShares: cpuSharesOf(cpuRequestMillis),
    cpuQuotaMicros: cpuQuotaOf(cpuLimitMillis),
    cpuPeriodMicros,
    memoryLimitBytes: bytesOf(limits?.memory) || bytesOf(podLevel?.memory),
    oomScoreAdj: oomScoreAdj(pod, container, nodeMemoryBytes),
  };
}

/** The less memory a container asked for, the sooner it is killed when memory runs out. */
export function oomScoreAdj(pod: Pod, container: Container, nodeMemoryBytes: number): number {
  if (pod.spec.priorityClassName === "system-node-critical" && isCriticalPod(pod)) return guaranteedOomScore;
  const qosClass = qosClassOf(pod);
  if (qosClass === "Guaranteed") return guaranteedOomScore;
  if (qosClass === "BestEffort") return bestEffortOomScore;
  const share = unassignedRequestShare(pod);
  const scoreFor = (requestBytes: number): number =>
    1000 - Math.trunc((1000 * (requestBytes + share)) / nodeMemoryBytes);
  let score = scoreFor(bytesOf(container.resources.requests?.memory));
  if (isSidecar(container) && pod.spec.initContainers?.some(({ name }) => name === container.name))
    score = Math.min(
      score,
      scoreFor(Math.min(...pod.spec.containers.map((main) => bytesOf(main.resources.requests?.memory)))),
    );
  if (score < 1000 + guaranteedOomScore) return 1000 + guaranteedOomScore;
  return score === bestEffortOomScore ? score - 1 : score;
}

/** Memory that the pod as a whole asks for beyond its containers, divided among them. */
function unassignedRequestShare(pod: Pod): number {
  const ofPod = bytesOf(pod.spec.resources?.requests?.memory);
  if (ofPod === 0) return 0;
  const ofContainers = bytesOf(podRequests(pod, { containersOnly: true, excludeOverhead: true }).memory);
  const count = pod.spec.containers.length + (pod.spec.initContainers?.length ?? 0);
  return Math.trunc((ofPod - ofContainers) / count);
}

/** Priority from which on pods belong to the system. */
const systemCriticalPriority = 2_000_000_000;

/** Pods without which the node or the cluster does not work; also static pods and their mirrors. */
export function isCriticalPod(pod: Pod): boolean {
  return isStaticPod(pod) || isMirrorPod(pod) || (pod.spec.priority ?? 0) >= systemCriticalPriority;
}

/** Where pods' cgroups stand, below the agent's own. */
export const podsCgroup = "/kubepods";

/** The cgroup of a class of pods. */
export function qosCgroupPath(qosClass: QosClass): string {
  return qosClass === "Guaranteed" ? podsCgroup : `${podsCgroup}/${qosClass.toLowerCase()}`;
}

/** The cgroup of a pod. */
export function podCgroupPath(pod: Pod): string {
  return `${qosCgroupPath(qosClassOf(pod))}/pod${pod.metadata.uid}`;
}

/** Limits of a pod's cgroup. A limit holds for the pod when all of its containers have one. */
export function podCgroupLimits(pod: Pod): CgroupLimits {
  const qosClass = qosClassOf(pod);
  if (qosClass === "BestEffort") return { cpuShares: cpuSharesOf(0) };
  const requests = podRequests(pod);
  const limits = podLimits(pod);
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const isLimited = (name: "cpu" | "memory"): boolean =>
    qosClass === "Guaranteed" ||
    quantityIsSet(pod.spec.resources?.limits?.[name]) ||
    all.every((container) => quantityIsSet(container.resources.limits?.[name]));
  const cpuQuotaMicros = cpuQuotaOf(milliOf(limits.cpu));
  const memoryLimitBytes = bytesOf(limits.memory);
  return {
    cpuShares: cpuSharesOf(milliOf(requests.cpu)),
    ...(isLimited("cpu") && cpuQuotaMicros > 0 ? { cpuQuotaMicros } : {}),
    ...(isLimited("memory") && memoryLimitBytes > 0 ? { memoryLimitBytes } : {}),
  };
}

/** The CPU weight of all pods of the burstable class together. */
export function burstableCpuShares(pods: readonly Pod[]): number {
  let cpuMillis = 0;
  for (const pod of pods) if (qosClassOf(pod) === "Burstable") cpuMillis += milliOf(podRequests(pod).cpu);
  return cpuSharesOf(cpuMillis);
}

function quantityIsSet(amount: string | undefined): boolean {
  return amount !== undefined && amount !== "0";
}
