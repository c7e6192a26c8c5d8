import type { DaemonSet } from "../../api/types/apps-v1.ts";
import type { Node, Pod } from "../../api/types/core-v1.ts";
import { isPodAvailable, isPodTerminal } from "../pod-status.ts";
import { targetNodeOf } from "./plan-placement.ts";

/** Tells pods of one revision from those of another. */
export const revisionHashLabel = "controller-revision-hash";

const templateGenerationLabel = "pod-template-generation";
const templateGenerationAnnotation = "deprecated.daemonset.template.generation";

/** What is known of a DaemonSet when its next step is decided. */
export interface DaemonState {
  readonly daemonSet: DaemonSet;
  readonly nodes: readonly Node[];
  /** Pods that it manages, by the node that they run on or are meant for. */
  readonly podsByNode: ReadonlyMap<string, readonly Pod[]>;
  /** The hash of the present template's revision. */
  readonly hash: string;
}

/** Groups a DaemonSet's pods by node, without those that have ended and are being deleted already. */
export function groupByNode(pods: readonly Pod[]): ReadonlyMap<string, readonly Pod[]> {
  const groups = new Map<string, Pod[]>();
  for (const pod of pods) {
    if (isPodTerminal(pod) && isLeaving(pod)) continue;
    const node = targetNodeOf(pod);
    if (node === undefined) continue;
    const group = groups.get(node) ?? [];
    group.push(pod);
    groups.set(node, group);
  }
  return groups;
}

/** The pod was made from the present template. */
export function isUpdated(pod: Pod, { daemonSet, hash }: Pick<DaemonState, "daemonSet" | "hash">): boolean {
  const labels = pod.metadata.labels;
  const generation = templateGenerationOf(daemonSet);
  return (
    (hash !== "" && labels?.[revisionHashLabel] === hash) ||
    (generation !== undefined && labels?.[templateGenerationLabel] === generation)
  );
}

/** Labels that new pods get beside those of the template. */
export function revisionLabels({ daemonSet, hash }: Pick<DaemonState, "daemonSet" | "hash">): Record<string, string> {
  const generation = templateGenerationOf(daemonSet);
  return {
    ...(generation === undefined ? {} : { [templateGenerationLabel]: generation }),
    ...(hash === "" ? {} : { [revisionHashLabel]: hash }),
  };
}

/** A count of template changes that old servers kept; undefined when it is missing or is no number. */
function templateGenerationOf({ metadata }: DaemonSet): string | undefined {
  const text = metadata.annotations?.[templateGenerationAnnotation];
  return text !== undefined && /^-?[0-9]{1,18}$/.test(text) ? String(Number(text)) : undefined;
}

export function isLeaving(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/** Ready for as long as the DaemonSet asks. */
export function isAvailable(pod: Pod, { spec }: DaemonSet, nowMs: number): boolean {
  return isPodAvailable(pod, spec.minReadySeconds ?? 0, nowMs);
}

/** Scheduled pods first, then the older ones, then by name. */
export function compareDaemonPods(a: Pod, b: Pod): number {
  const scheduled = Number(b.spec.nodeName !== undefined) - Number(a.spec.nodeName !== undefined);
  if (scheduled !== 0) return scheduled;
  const [first, second] = [a.metadata, b.metadata];
  if (first.creationTimestamp !== second.creationTimestamp)
    return first.creationTimestamp < second.creationTimestamp ? -1 : 1;
  return first.name < second.name ? -1 : 1;
}
