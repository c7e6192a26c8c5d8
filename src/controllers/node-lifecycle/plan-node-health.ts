import { findCondition } from "../../api/conditions.ts";
import type { Lease } from "../../api/types/coordination-v1.ts";
import type { Node, NodeCondition } from "../../api/types/core-v1.ts";

/** How long nodes may be silent. */
export interface NodePatience {
  /** Default 50 s. */
  readonly graceMs: number;
  /** For nodes that have never said how they are. Default 60 s. */
  readonly startupGraceMs: number;
}

/** Upstream's defaults. */
export const defaultPatience: NodePatience = { graceMs: 50_000, startupGraceMs: 60_000 };

/** What was last heard of a node, by this controller's own clock: those of nodes may be wrong. */
export interface NodeHealth {
  /** Monotonic. */
  readonly heardMs: number;
  /** The heartbeat that was heard; undefined for a node that never said how it is. */
  readonly heartbeat: string | undefined;
  readonly renewed: string | undefined;
}

/** Notes a sign of life: the node's own words, or its lease renewed. */
export function hearNode(
  before: NodeHealth | undefined,
  { node, lease, ageMs }: { readonly node: Node; readonly lease: Lease | undefined; readonly ageMs: number },
  nowMs: number,
): NodeHealth {
  const ready = readyCondition(node);
  const heartbeat = ready === undefined ? undefined : (ready.lastHeartbeatTime ?? "");
  const renewed = lease?.spec.renewTime;
  const isRenewed = renewed !== undefined && (before?.renewed === undefined || before.renewed < renewed);
  if (before === undefined && heartbeat === undefined && !isRenewed)
    return { heardMs: nowMs - ageMs, heartbeat, renewed };
  if (before !== undefined && heartbeat === before.heartbeat && !isRenewed) return before;
  return { heardMs: nowMs, heartbeat, renewed };
}

/** Conditions that nobody knows any more when a node is silent; its network is the control plane's business. */
const silentConditions = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

/**
 * Decides whether a node has been silent for too long.
 * @returns its conditions as they then have to be, or when to look again
 */
export function planNodeHealth(
  node: Node,
  { heardMs }: NodeHealth,
  patience: NodePatience,
  now: { readonly monotonicMs: number; readonly time: string },
): { readonly conditions: readonly NodeCondition[] } | { readonly dueInMs: number | undefined } {
  const ready = readyCondition(node);
  const graceMs = ready === undefined ? patience.startupGraceMs : patience.graceMs;
  const leftMs = heardMs + graceMs - now.monotonicMs;
  if (leftMs >= 0) return { dueInMs: leftMs + 1 };
  if (ready?.status === "Unknown") return { dueInMs: undefined };
  const present = node.status.conditions ?? [];
  const missing = silentConditions.filter((type) => findCondition(present, type) === undefined);
  return {
    conditions: [
      ...present.map((condition) =>
        silentConditions.includes(condition.type) && condition.status !== "Unknown"
          ? {
              ...condition,
              status: "Unknown",
              reason: "NodeStatusUnknown",
              message: "Kubelet stopped posting node status.",
              lastTransitionTime: now.time,
            }
          : condition,
      ),
      ...missing.map((type) => ({
        type,
        status: "Unknown",
        reason: "NodeStatusNeverUpdated",
        message: "Kubelet never posted node status.",
        lastHeartbeatTime: node.metadata.creationTimestamp ?? null,
        lastTransitionTime: now.time,
      })),
    ],
  };
}

/** What a node says, or is said, about its readiness. */
export function readyCondition(node: Node): NodeCondition | undefined {
  return findCondition(node.status.conditions, "Ready");
}
