import { priorityClasses } from "../api/resources.ts";
import { hasReason } from "../api/status-error.ts";
import type { Client } from "../client/client.ts";
import { systemPriorities } from "../resources/system-priorities.ts";

/** Classes for what a cluster cannot do without. Source: Kubernetes documentation, "Pod Priority and Preemption". */
const systemClasses = [
  {
    name: "system-node-critical",
    description: "Used for system critical pods that must not be moved from their current node.",
  },
  {
    name: "system-cluster-critical",
    description:
      "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.",
  },
] as const;

/** Makes the priority classes that every cluster has, where they are missing. */
export async function ensureSystemPriorityClasses(client: Client, signal: AbortSignal): Promise<void> {
  await Promise.all(
    systemClasses.map(async ({ name, description }) => {
      const value = systemPriorities.get(name) ?? 0;
      try {
        await client.create(priorityClasses, { metadata: { name }, value, description }, {}, signal);
      } catch (error) {
        if (!hasReason(error, "AlreadyExists")) throw error;
      }
    }),
  );
}
