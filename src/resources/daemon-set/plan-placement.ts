import type { DaemonSet } from "../../api/types/apps-v1.ts";
import type { Node, Pod, Toleration } from "../../api/types/core-v1.ts";
import { matchesRequiredNodes } from "../node-selector.ts";
import { findUntoleratedTaint, type TaintEffect, wellKnownTaints } from "../taints.ts";

/** Whether a node is to have a DaemonSet's pod, and whether one that is there may stay. */
export interface Placement {
  readonly shouldRun: boolean;
  readonly mayStay: boolean;
}

/** Decides about one node: by name, node selector and affinity, and taints that the pods do not tolerate. */
export function planPlacement(node: Node, { spec }: DaemonSet): Placement {
  const pod = spec.template.spec;
  const isNamed = pod.nodeName === undefined || pod.nodeName === node.metadata.name;
  if (!isNamed || !matchesRequiredNodes(pod, node)) return { shouldRun: false, mayStay: false };
  const { taints } = node.spec;
  if (taints === undefined || taints.length === 0) return { shouldRun: true, mayStay: true };
  const tolerations = daemonTolerations(pod);
  const isKeptOff = findUntoleratedTaint(taints, tolerations, ["NoExecute", "NoSchedule"]) !== undefined;
  if (!isKeptOff) return { shouldRun: true, mayStay: true };
  return { shouldRun: false, mayStay: findUntoleratedTaint(taints, tolerations, ["NoExecute"]) === undefined };
}

/**
 * The tolerations of daemon pods: their own, and those for troubles of nodes that daemons have to live through.
 * Source: Kubernetes documentation, "DaemonSet", taints and tolerations.
 */
export function daemonTolerations(pod: DaemonSet["spec"]["template"]["spec"]): readonly Toleration[] {
  const added: readonly Toleration[] = [
    troubled(wellKnownTaints.notReady, "NoExecute"),
    troubled(wellKnownTaints.unreachable, "NoExecute"),
    troubled(wellKnownTaints.diskPressure, "NoSchedule"),
    troubled(wellKnownTaints.memoryPressure, "NoSchedule"),
    troubled(wellKnownTaints.pidPressure, "NoSchedule"),
    troubled(wellKnownTaints.unschedulable, "NoSchedule"),
    ...(pod.hostNetwork === true ? [troubled(wellKnownTaints.networkUnavailable, "NoSchedule")] : []),
  ];
  return added.reduce(withToleration, pod.tolerations ?? []);
}

function troubled(key: string, effect: TaintEffect): Toleration {
  return { key, operator: "Exists", effect };
}

/** A toleration of the same that holds for a limited time only gives way: daemons have no such time. */
function withToleration(present: readonly Toleration[], added: Toleration): readonly Toleration[] {
  const isSame = ({ key, operator, effect, value }: Toleration): boolean =>
    key === added.key && operator === added.operator && effect === added.effect && (value ?? "") === "";
  if (!present.some(isSame)) return [...present, added];
  return present.map((toleration) => (isSame(toleration) ? added : toleration));
}

/** The node that a daemon pod runs on or was made for; undefined when it names none. */
export function targetNodeOf(pod: Pod): string | undefined {
  if (pod.spec.nodeName !== undefined) return pod.spec.nodeName;
  const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  for (const term of required?.nodeSelectorTerms ?? [])
    for (const { key, operator, values = [] } of term.matchFields ?? [])
      if (key === "metadata.name" && operator === "In") return values.length === 1 ? values[0] : undefined;
  return undefined;
}
