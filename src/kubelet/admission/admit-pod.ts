import type { Node, Pod } from "../../api/types/core-v1.ts";
import { matchesRequiredNodes } from "../../resources/node-selector.ts";
import { podRequests } from "../../resources/pod-resources.ts";
import { isSidecar } from "../../resources/pod-status.ts";
import { addResources, createTotals, type ResourceTotals } from "../../resources/resource-list.ts";
import { findUntoleratedTaint } from "../../resources/taints.ts";
import { bytesOf, milliOf } from "../containers/amounts.ts";
import { isStaticPod } from "../pods/static-pod.ts";

/** Why a pod may not run on this node: its status says so, and it fails. */
export interface Refusal {
  /** For example `OutOfcpu`. */
  readonly reason: string;
  readonly message: string;
}

/** What admission looks at. */
export interface AdmissionContext {
  /** As the API has it; undefined when that is not known. */
  readonly node: Node | undefined;
  /** Pods that run or are about to, without the one in question. */
  readonly active: readonly Pod[];
  /** For example `linux`. */
  readonly operatingSystem: string;
  readonly supportsStrictGroups: boolean;
}

/**
 * Checks once more, on the node itself, what the scheduler has decided, because others may have bound pods meanwhile.
 * @returns why the pod is refused; undefined when it may run
 */
export function admitPod(pod: Pod, context: AdmissionContext): Refusal | undefined {
  const { node, active, operatingSystem } = context;
  if (node === undefined) return { reason: "InvalidNodeInfo", message: "Kubelet cannot get node info." };
  const wantedOs = pod.metadata.labels?.["kubernetes.io/os"];
  if (wantedOs !== undefined && wantedOs !== operatingSystem)
    return {
      reason: "PodOSSelectorNodeLabelDoesNotMatch",
      message: "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label",
    };
  if (pod.spec.os !== undefined && pod.spec.os.name !== operatingSystem)
    return { reason: "PodOSNotSupported", message: "Failed to admit pod as the OS field doesn't match node OS" };
  if (pod.spec.securityContext?.supplementalGroupsPolicy === "Strict" && !context.supportsStrictGroups)
    return {
      reason: "SupplementalGroupsPolicyNotSupported",
      message: "SupplementalGroupsPolicy=Strict is not supported in this node",
    };
  return (
    findShortage(pod, node, active) ??
    failedPredicate(
      "NodeAffinity",
      "node(s) didn't match Pod's node affinity/selector",
      matchesRequiredNodes(pod.spec, node),
    ) ??
    failedPredicate(
      "NodeName",
      "node(s) didn't match the requested node name",
      pod.spec.nodeName === undefined || pod.spec.nodeName === node.metadata.name,
    ) ??
    failedPredicate(
      "NodePorts",
      "node(s) didn't have free ports for the requested pod ports",
      !hasPortConflict(pod, active),
    ) ??
    failedPredicate("TaintToleration", "node(s) had untolerated taint(s)", isStaticPod(pod) || toleratesAll(pod, node))
  );
}

function failedPredicate(name: string, description: string, holds: boolean): Refusal | undefined {
  return holds ? undefined : { reason: name, message: `Predicate ${name} failed: ${description}` };
}

/** Only what evicts running pods matters to the node. */
function toleratesAll(pod: Pod, node: Node): boolean {
  return findUntoleratedTaint(node.spec.taints, pod.spec.tolerations, ["NoExecute"]) === undefined;
}

const podsResource = "pods";

/** Whether what the node has left is enough; extended resources that the node does not have are none of its business. */
function findShortage(pod: Pod, node: Node, active: readonly Pod[]): Refusal | undefined {
  const allocatable = node.status.allocatable ?? {};
  const requested = podRequests(pod, { useStatus: true });
  const maxPods = bytesOf(allocatable[podsResource]);
  if (active.length + 1 > maxPods) return shortage(podsResource, 1, active.length, maxPods);
  const used = createTotals();
  for (const other of active) addResources(used, podRequests(other, { useStatus: true }));
  for (const name of resourceOrder(requested)) {
    if (name.includes("/") && allocatable[name] === undefined) continue;
    const measure = name === "cpu" ? milliOf : bytesOf;
    const [wanted, taken, capacity] = [requested, used, allocatable].map((list) => measure(list[name])) as [
      number,
      number,
      number,
    ];
    if (wanted > 0 && wanted > capacity - taken) return shortage(name, wanted, taken, capacity);
  }
  return undefined;
}

const mainResources = ["cpu", "memory", "ephemeral-storage"];

function resourceOrder(requested: ResourceTotals): readonly string[] {
  const others = Object.keys(requested).filter((name) => !mainResources.includes(name));
  return [...mainResources.filter((name) => requested[name] !== undefined), ...others];
}

function shortage(name: string, requested: number, used: number, capacity: number): Refusal {
  return {
    reason: `OutOf${name}`,
    message: `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
  };
}

interface HostPort {
  readonly port: number;
  readonly protocol: string;
  /** `0.0.0.0` for all addresses. */
  readonly ip: string;
}

const allAddresses = "0.0.0.0";

function hasPortConflict(pod: Pod, active: readonly Pod[]): boolean {
  const wanted = hostPorts(pod);
  if (wanted.length === 0) return false;
  const taken = active.flatMap(hostPorts);
  return wanted.some((want) =>
    taken.some(
      (have) =>
        have.port === want.port &&
        have.protocol === want.protocol &&
        (have.ip === want.ip || have.ip === allAddresses || want.ip === allAddresses),
    ),
  );
}

function hostPorts({ spec }: Pod): readonly HostPort[] {
  return [...spec.containers, ...(spec.initContainers ?? []).filter(isSidecar)].flatMap((container) =>
    (container.ports ?? []).flatMap(({ hostPort = 0, protocol = "TCP", hostIP }) =>
      hostPort === 0
        ? []
        : [{ port: hostPort, protocol, ip: hostIP === undefined || hostIP === "" ? allAddresses : hostIP }],
    ),
  );
}
