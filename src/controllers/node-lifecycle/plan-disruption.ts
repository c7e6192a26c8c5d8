import type { Node } from "../../api/types/core-v1.ts";
import { readyCondition } from "./plan-node-health.ts";

/** How fast pods are driven away from nodes that fail, in nodes per second, and when to be careful. */
export interface EvictionPolicy {
  /** Default 0.1. */
  readonly rate: number;
  /** In zones where much is broken. Default 0.01. */
  readonly carefulRate: number;
  /** In broken zones of no more nodes than this nothing is driven away. Default 50. */
  readonly largeZone: number;
  /** The share of nodes, of at least three, that have to fail for a zone to be called broken. Default 0.55. */
  readonly brokenShare: number;
}

/** Upstream's defaults. */
export const defaultEvictionPolicy: EvictionPolicy = { rate: 0.1, carefulRate: 0.01, largeZone: 50, brokenShare: 0.55 };

/** What the failures in the cluster mean: single nodes, or what connects them. */
export interface Disruption {
  /** Not a single node is well: more likely the control plane is cut off than that all nodes failed. */
  readonly isTotal: boolean;
  /** How fast nodes of a zone may be given up, in nodes per second, by the keys of zones. */
  readonly rates: ReadonlyMap<string, number>;
}

const excludeLabel = "node.kubernetes.io/exclude-disruption";

/** Judges the failures in the cluster. */
export function planDisruption(nodes: readonly Node[], policy: EvictionPolicy): Disruption {
  const zones = new Map<string, { ready: number; failed: number }>();
  for (const node of nodes) {
    if (Object.hasOwn(node.metadata.labels ?? {}, excludeLabel)) continue;
    const key = zoneOf(node);
    const zone = zones.get(key) ?? { ready: 0, failed: 0 };
    zones.set(key, zone);
    zone[readyCondition(node)?.status === "True" ? "ready" : "failed"] += 1;
  }
  const isTotal = zones.size > 0 && [...zones.values()].every(({ ready }) => ready === 0);
  const rates = new Map([...zones].map(([key, zone]) => [key, isTotal ? 0 : rateOf(zone, policy)]));
  return { isTotal, rates };
}

function rateOf({ ready, failed }: { readonly ready: number; readonly failed: number }, policy: EvictionPolicy) {
  const size = ready + failed;
  const isBroken = ready > 0 && failed > 2 && failed / size >= policy.brokenShare;
  if (!isBroken) return policy.rate;
  return size > policy.largeZone ? policy.carefulRate : 0;
}

/** What tells zones apart, those of unlike regions too. */
export function zoneOf({ metadata: { labels = {} } }: Node): string {
  const zone = labels["failure-domain.beta.kubernetes.io/zone"] ?? labels["topology.kubernetes.io/zone"] ?? "";
  const region = labels["failure-domain.beta.kubernetes.io/region"] ?? labels["topology.kubernetes.io/region"] ?? "";
  return region === "" && zone === "" ? "" : JSON.stringify([region, zone]);
}

/** Whether a change of a node may change the judgement. */
export function mayChangeDisruption(before: Node | undefined, after: Node | undefined): boolean {
  const relevant = (node: Node | undefined): string =>
    node === undefined
      ? ""
      : JSON.stringify([
          zoneOf(node),
          readyCondition(node)?.status === "True",
          Object.hasOwn(node.metadata.labels ?? {}, excludeLabel),
        ]);
  return relevant(before) !== relevant(after);
}
