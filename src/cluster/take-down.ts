import { rm } from "node:fs/promises";
import { homedir } from "node:os";
import type { Clock } from "../base/clock.ts";
import { sleep } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import { kubeconfigPaths, removeFromKubeconfig } from "../client/kubeconfig.node.ts";
import { tearDownNode } from "../machine/node-teardown.ts";
import { endProcess, isRunning } from "../machine/process-table.ts";
import { layoutOf } from "./layout.ts";
import { openCgroups } from "./node.ts";
import type { ClusterOptions } from "./options.ts";
import type { Progress } from "./progress.ts";
import { findServer } from "./server-state.ts";

/** How long the cluster's process may take to end its pods and itself. */
const serverGraceMs = 45_000;

/**
 * Stops a cluster and takes away everything that it has put on the machine: processes, mounts, links, rules, control
 * groups, the context. Works also when its process is dead, and may be repeated. Data stay, unless they are to go too.
 */
export async function takeDown(
  parts: {
    readonly options: ClusterOptions;
    readonly deletesData: boolean;
    readonly progress: Progress;
    readonly clock: Clock;
    readonly logger: Logger;
  },
  signal: AbortSignal,
): Promise<void> {
  const { options, progress, clock, logger } = parts;
  const layout = layoutOf(options);
  await progress.step("pods and server", async () => {
    const server = await findServer(layout);
    if (server === undefined) return "not running";
    process.kill(server.pid, "SIGUSR2");
    const untilMs = clock.monotonicMs() + serverGraceMs;
    while ((await isRunning(server)) && clock.monotonicMs() < untilMs) await sleep(clock, 20, signal);
    await endProcess(server, 0, clock, signal);
    return undefined;
  });
  await progress.step("node", async () => {
    await tearDownNode(
      {
        containerdFolder: layout.containerdFolder,
        cgroups: await openCgroups(layout, clock),
        dataFolder: layout.dataFolder,
        clock,
        logger,
      },
      signal,
    );
    return undefined;
  });
  await progress.step("context and files", async () => {
    await removeFromKubeconfig(kubeconfigFiles(options), options.name);
    await rm(layout.serverState, { force: true });
    if (!parts.deletesData) return `data stay in ${layout.dataFolder}`;
    await rm(layout.dataFolder, { recursive: true, force: true });
    return "data deleted";
  });
}

/** The files that hold the cluster's context. */
export function kubeconfigFiles(options: Pick<ClusterOptions, "kubeconfig">): readonly string[] {
  return options.kubeconfig === undefined ? kubeconfigPaths(process.env, homedir()) : [options.kubeconfig];
}
