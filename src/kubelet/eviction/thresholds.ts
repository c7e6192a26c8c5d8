import { formatQuantity } from "../../api/quantity.ts";
import type { ResourceList } from "../../resources/resource-list.ts";
import type { MachineCapacity, MachinePressure } from "../node-facts.ts";

/** What a node must keep free. Source: Kubernetes documentation, "Node-pressure Eviction", default hard thresholds. */
export interface EvictionThresholds {
  readonly memoryAvailableBytes: number;
  /** Share of the disk. */
  readonly diskAvailableShare: number;
  readonly inodesFreeShare: number;
}

export const defaultThresholds: EvictionThresholds = {
  memoryAvailableBytes: 100 * 1024 * 1024,
  diskAvailableShare: 0.1,
  inodesFreeShare: 0.05,
};

export type EvictionSignal = "memory.available" | "nodefs.available" | "nodefs.inodesFree";

/** A signal that is below its threshold. */
export interface Shortage {
  readonly signal: EvictionSignal;
  /** As messages name it: `memory`, `ephemeral-storage`, `inodes`. */
  readonly resource: string;
  /** As messages write amounts. */
  readonly available: string;
  readonly threshold: string;
}

/** What the node is short of now, memory first. */
export function findShortages(pressure: MachinePressure, thresholds: EvictionThresholds): readonly Shortage[] {
  const checks: readonly [EvictionSignal, string, number, number][] = [
    ["memory.available", "memory", pressure.memoryAvailableBytes, thresholds.memoryAvailableBytes],
    [
      "nodefs.available",
      "ephemeral-storage",
      pressure.diskAvailableBytes,
      Math.floor(pressure.diskCapacityBytes * thresholds.diskAvailableShare),
    ],
    ["nodefs.inodesFree", "inodes", pressure.inodesFree, Math.floor(pressure.inodesTotal * thresholds.inodesFreeShare)],
  ];
  return checks.flatMap(([signal, resource, available, threshold]) =>
    available < threshold
      ? [{ signal, resource, available: formatAmount(signal, available), threshold: formatAmount(signal, threshold) }]
      : [],
  );
}

/** What pods cannot have because eviction keeps it free. */
export function evictionReserve(capacity: MachineCapacity, thresholds: EvictionThresholds): ResourceList {
  const disk = Math.floor(capacity.ephemeralStorageBytes * thresholds.diskAvailableShare);
  return {
    memory: formatAmount("memory.available", thresholds.memoryAvailableBytes),
    "ephemeral-storage": formatAmount("nodefs.available", disk),
  };
}

function formatAmount(signal: EvictionSignal, amount: number): string {
  const isBytes = signal === "memory.available" || signal === "nodefs.available";
  return formatQuantity({
    nanos: BigInt(Math.round(amount)) * 1_000_000_000n,
    format: isBytes ? "BinarySI" : "DecimalSI",
  });
}
