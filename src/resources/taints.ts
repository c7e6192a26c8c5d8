import type { Taint, Toleration } from "../api/types/core-v1.ts";

export type TaintEffect = "NoSchedule" | "PreferNoSchedule" | "NoExecute";

/** Taints that the cluster itself puts on nodes. Source: Kubernetes documentation, "Well-known labels, annotations and taints". */
export const wellKnownTaints = {
  notReady: "node.kubernetes.io/not-ready",
  unreachable: "node.kubernetes.io/unreachable",
  unschedulable: "node.kubernetes.io/unschedulable",
  memoryPressure: "node.kubernetes.io/memory-pressure",
  diskPressure: "node.kubernetes.io/disk-pressure",
  pidPressure: "node.kubernetes.io/pid-pressure",
  networkUnavailable: "node.kubernetes.io/network-unavailable",
  outOfService: "node.kubernetes.io/out-of-service",
} as const;

/** True when one toleration tolerates one taint. An empty key with `Exists` tolerates all, an empty effect all effects. */
export function toleratesTaint(toleration: Toleration, taint: Taint): boolean {
  if (isSet(toleration.effect) && toleration.effect !== taint.effect) return false;
  if (isSet(toleration.key) && toleration.key !== taint.key) return false;
  switch (toleration.operator ?? "Equal") {
    case "Equal":
      return (toleration.value ?? "") === (taint.value ?? "");
    case "Exists":
      return true;
    default:
      return false;
  }
}

/** True when any of the tolerations tolerates the taint. */
export function isTolerated(taint: Taint, tolerations: readonly Toleration[] | undefined): boolean {
  return tolerations?.some((toleration) => toleratesTaint(toleration, taint)) ?? false;
}

/** The first taint with one of these effects that nothing tolerates; undefined when there is none. */
export function findUntoleratedTaint(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly TaintEffect[],
): Taint | undefined {
  return taints?.find((taint) => effects.includes(taint.effect as TaintEffect) && !isTolerated(taint, tolerations));
}

/** The same key and effect: a node cannot have both. */
export function isSameTaint(a: Taint, b: Taint): boolean {
  return a.key === b.key && a.effect === b.effect;
}

/** `key=value:effect`, `key:effect` or `key`, as messages and kubectl write a taint. */
export function formatTaint(taint: Taint): string {
  if (!isSet(taint.effect)) return isSet(taint.value) ? `${taint.key}=${taint.value}:` : taint.key;
  return isSet(taint.value) ? `${taint.key}=${taint.value}:${taint.effect}` : `${taint.key}:${taint.effect}`;
}

function isSet(text: string | undefined): boolean {
  return text !== undefined && text !== "";
}
