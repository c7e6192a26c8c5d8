import type { Node, Pod, Taint, Toleration } from "../../api/types/core-v1.ts";
import { toleratesTaint } from "../../resources/taints.ts";

/** What taints of its node mean for a pod: how long it may stay. Infinity for good, 0 not at all. */
export function planStayMs(pod: Pod, taints: readonly Taint[]): number {
  let stayMs = Number.POSITIVE_INFINITY;
  for (const taint of taints) {
    const toleration = (pod.spec.tolerations ?? []).find((one) => toleratesTaint(one, taint));
    if (toleration === undefined) return 0;
    stayMs = Math.min(stayMs, tolerationMs(toleration));
  }
  return stayMs;
}

function tolerationMs({ tolerationSeconds }: Toleration): number {
  return tolerationSeconds === undefined ? Number.POSITIVE_INFINITY : Math.max(0, tolerationSeconds * 1000);
}

/** The taints of a node that drive pods away. */
export function evictingTaints(node: Node | undefined): readonly Taint[] {
  return (node?.spec.taints ?? []).filter(({ effect }) => effect === "NoExecute");
}

/** Whether two lists of taints mean the same for pods; when they were added is no matter. */
export function sameTaints(a: readonly Taint[], b: readonly Taint[]): boolean {
  const comparable = (taints: readonly Taint[]): string =>
    JSON.stringify(taints.map(({ key, value = "" }) => [key, value]));
  return comparable(a) === comparable(b);
}
