import { nodes, pods } from "../api/resources.ts";
import type { Node, Pod } from "../api/types/core-v1.ts";
import type { Clock } from "../base/clock.ts";
import { layoutOf } from "./layout.ts";
import type { ClusterOptions } from "./options.ts";
import { connectAsOwner } from "./owner-client.ts";
import { findServer, readSavedOptions } from "./server-state.ts";

/** How a cluster does, for people. */
export interface ClusterDescription {
  /** It runs and all its nodes are ready. */
  readonly isWell: boolean;
  readonly lines: readonly string[];
}

/** Asks a cluster of this machine how it does. @throws when it runs and does not answer */
export async function describeCluster(given: ClusterOptions, clock: Clock): Promise<ClusterDescription> {
  const layout = layoutOf(given);
  const server = await findServer(layout);
  if (server === undefined) return { isWell: false, lines: [`cluster ${given.name} does not run`] };
  const { port } = (await readSavedOptions(layout)) ?? given;
  const { client, close } = await connectAsOwner(layout, clock);
  try {
    const [nodeList, podList] = await Promise.all([client.list(nodes), client.list(pods)]);
    return {
      isWell: nodeList.items.length > 0 && nodeList.items.every(isReady),
      lines: [
        `cluster ${given.name} runs as process ${server.pid}, API at https://127.0.0.1:${port}`,
        ...nodeList.items.map((node) => `node ${node.metadata.name}: ${isReady(node) ? "ready" : "not ready"}`),
        `pods: ${countPhases(podList.items)}`,
      ],
    };
  } finally {
    close();
  }
}

function isReady(node: Node): boolean {
  return (node.status.conditions ?? []).some(({ type, status }) => type === "Ready" && status === "True");
}

/** For example `5 Running, 1 Pending`. */
function countPhases(list: readonly Pod[]): string {
  const counts = new Map<string, number>();
  for (const { status } of list)
    counts.set(status.phase ?? "Unknown", (counts.get(status.phase ?? "Unknown") ?? 0) + 1);
  return [...counts].map(([phase, count]) => `${count} ${phase}`).join(", ") || "none";
}
