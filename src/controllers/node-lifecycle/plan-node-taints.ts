import type { Node, Taint } from "../../api/types/core-v1.ts";
import { isSameTaint, wellKnownTaints } from "../../resources/taints.ts";
import { readyCondition } from "./plan-node-health.ts";

/** What is to become of the taint that drives pods away from a node. */
export type EvictionTaint = "notReady" | "unreachable" | "none" | "unchanged";

/** Taints that keep new pods away, by the conditions that call for them. Source: upstream. */
const conditionTaints: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: wellKnownTaints.notReady, Unknown: wellKnownTaints.unreachable },
  MemoryPressure: { True: wellKnownTaints.memoryPressure },
  DiskPressure: { True: wellKnownTaints.diskPressure },
  PIDPressure: { True: wellKnownTaints.pidPressure },
  NetworkUnavailable: { True: wellKnownTaints.networkUnavailable },
};

const ownKeys: ReadonlySet<string> = new Set([
  ...Object.values(conditionTaints).flatMap((taints) => Object.values(taints)),
  wellKnownTaints.unschedulable,
]);

const evictionKeys = { notReady: wellKnownTaints.notReady, unreachable: wellKnownTaints.unreachable } as const;

/**
 * The taints of a node as its conditions call for them; others are left alone.
 * @param now API time at which new taints are added
 * @returns undefined when they are right
 */
export function planTaints(node: Node, eviction: EvictionTaint, now: string): readonly Taint[] | undefined {
  const present = node.spec.taints ?? [];
  const wanted = [...schedulingTaints(node), ...evictionTaints(present, eviction)];
  const kept = present.filter((taint) => !isOwn(taint) || wanted.some((other) => isSameTaint(taint, other)));
  const added = wanted
    .filter((taint) => !present.some((other) => isSameTaint(taint, other)))
    .map((taint) => ({ ...taint, timeAdded: now }));
  return kept.length === present.length && added.length === 0 ? undefined : [...kept, ...added];
}

/** The taint that should drive pods away, if any; undefined for a node that has not said how it is. */
export function wantedEviction(node: Node): Exclude<EvictionTaint, "unchanged"> | undefined {
  const status = readyCondition(node)?.status;
  if (status === undefined) return undefined;
  if (status === "True") return "none";
  return status === "Unknown" ? "unreachable" : "notReady";
}

/** Which of the taints that drive pods away a node has. */
export function hasEvictionTaint(node: Node): boolean {
  return (node.spec.taints ?? []).some(isEvictionTaint);
}

function schedulingTaints({ status, spec }: Node): readonly Taint[] {
  const keys = (status.conditions ?? []).map((condition) => conditionTaints[condition.type]?.[condition.status]);
  if (spec.unschedulable === true) keys.push(wellKnownTaints.unschedulable);
  return keys.filter((key) => key !== undefined).map((key) => ({ key, effect: "NoSchedule" }));
}

function evictionTaints(present: readonly Taint[], eviction: EvictionTaint): readonly Taint[] {
  if (eviction === "unchanged") return present.filter(isEvictionTaint);
  return eviction === "none" ? [] : [{ key: evictionKeys[eviction], effect: "NoExecute" }];
}

function isOwn(taint: Taint): boolean {
  return isEvictionTaint(taint) || (taint.effect === "NoSchedule" && ownKeys.has(taint.key));
}

function isEvictionTaint({ key, effect }: Taint): boolean {
  return effect === "NoExecute" && (key === evictionKeys.notReady || key === evictionKeys.unreachable);
}
