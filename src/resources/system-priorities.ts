/** Largest priority that users may give out. Source: Kubernetes documentation, "Pod Priority and Preemption". */
export const highestUserPriority = 1_000_000_000;

/** What names of the system's own priority classes start with. */
export const systemPriorityPrefix = "system-";

/** The system's own priority classes: what a cluster, or a node, cannot do without. */
export const systemPriorities: ReadonlyMap<string, number> = new Map([
  ["system-node-critical", 2_000_001_000],
  ["system-cluster-critical", 2_000_000_000],
]);
