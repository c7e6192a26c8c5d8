import { nodes, pods } from "../api/resources.ts";
import type { Node, Pod } from "../api/types/core-v1.ts";
import { createRealClock } from "../base/real-clock.ts";
import { layoutOf } from "../cluster/layout.ts";
import { connectAsOwner } from "../cluster/owner-client.ts";
import { findServer, readSavedOptions } from "../cluster/server-state.ts";
import { describeFlags, optionsOf, readFlags, whichFlags } from "./cluster-flags.ts";

const help = `k8ts status: say how a cluster does; the exit code is 0 when it runs and its nodes are ready

${describeFlags(whichFlags)}
`;

/** `k8ts status`. */
export async function run(parameters: string[]): Promise<number> {
  const values = readFlags(whichFlags, parameters);
  if (values["help"] === true) {
    process.stdout.write(help);
    return 0;
  }
  const options = optionsOf(values);
  const layout = layoutOf(options);
  const server = await findServer(layout);
  if (server === undefined) {
    process.stdout.write(`cluster ${options.name} does not run\n`);
    return 1;
  }
  const { port } = (await readSavedOptions(layout)) ?? options;
  const { client, close } = await connectAsOwner(layout, createRealClock());
  try {
    const [nodeList, podList] = await Promise.all([client.list(nodes), client.list(pods)]);
    const lines = [
      `cluster ${options.name} runs as process ${server.pid}, API at https://127.0.0.1:${port}`,
      ...nodeList.items.map((node) => `node ${node.metadata.name}: ${isReady(node) ? "ready" : "not ready"}`),
      describePods(podList.items),
    ];
    process.stdout.write(`${lines.join("\n")}\n`);
    return nodeList.items.length > 0 && nodeList.items.every(isReady) ? 0 : 1;
  } finally {
    close();
  }
}

function isReady(node: Node): boolean {
  return (node.status.conditions ?? []).some(({ type, status }) => type === "Ready" && status === "True");
}

/** For example `pods: 5 Running, 1 Pending`. */
function describePods(list: readonly Pod[]): string {
  const counts = new Map<string, number>();
  for (const pod of list)
    counts.set(pod.status.phase ?? "Unknown", (counts.get(pod.status.phase ?? "Unknown") ?? 0) + 1);
  return `pods: ${[...counts].map(([phase, count]) => `${count} ${phase}`).join(", ") || "none"}`;
}
