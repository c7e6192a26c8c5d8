import { createLogger } from "../base/log.ts";
import { createRealClock } from "../base/real-clock.ts";
import { createRealRandom } from "../base/real-random.ts";
import type { ServerMessage } from "../cluster/background.ts";
import { layoutOf } from "../cluster/layout.ts";
import { openLogFile } from "../cluster/log-file.ts";
import { readPackageVersion } from "../cluster/package-version.ts";
import { createProgress } from "../cluster/progress.ts";
import { type ClusterServer, startCluster } from "../cluster/server.ts";
import { rememberServer } from "../cluster/server-state.ts";
import { clusterFlags, describeFlags, optionsOf, readFlags } from "./cluster-flags.ts";

const help = `k8ts server: run a cluster in the foreground

The first SIGTERM or SIGINT ends the process and lets containers run on: the next start takes them over.
SIGUSR2 ends the containers too.

${describeFlags(clusterFlags)}
`;

/** How long a pod may take to end when all of them do. */
const podGraceSeconds = 30;

/** `k8ts server`. Started by \`k8ts up\` it tells its parent how far it is, and writes to its log. */
export async function run(parameters: string[]): Promise<number> {
  const values = readFlags(clusterFlags, parameters);
  if (values["help"] === true) {
    process.stdout.write(help);
    return 0;
  }
  const options = optionsOf(values);
  const layout = layoutOf(options);
  const clock = createRealClock();
  const isChild = process.send !== undefined;
  const log = isChild ? openLogFile(layout.serverLog) : undefined;
  const logger = createLogger({
    clock,
    write: (line) => (log === undefined ? process.stderr.write(`${line}\n`) : log.write(line)),
  });
  const tell = (message: ServerMessage): void => {
    if (process.connected) process.send?.(message);
  };
  const progress = createProgress({
    clock,
    write: (text) => (isChild ? tell({ text }) : process.stdout.write(text)),
    isTerminal: false,
  });
  const end = whenAsked();
  let cluster: ClusterServer;
  try {
    cluster = await startCluster({
      options,
      packageVersion: readPackageVersion(),
      progress,
      clock,
      random: createRealRandom(),
      logger,
    });
    await rememberServer(layout, options);
  } catch (error) {
    logger.error("the cluster cannot start", { error });
    if (!isChild) throw error;
    tell({ failed: (error as Error).message });
    return 1;
  }
  process.on("uncaughtException", (error) => logger.error("an error that nobody handled", { error }));
  process.on("unhandledRejection", (error) => logger.error("a rejection that nobody handled", { error }));
  tell({ ready: true });
  logger.info("the cluster is ready");
  const signal = await end;
  logger.info("the cluster stops", { signal });
  await (signal === "SIGUSR2" ? cluster.stopWithPods(podGraceSeconds) : cluster.stop());
  // Sockets of clients that linger must not keep the process.
  process.exit(0);
}

/** Resolves with the first signal that asks to end. */
function whenAsked(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT", "SIGUSR2"] as const) process.on(signal, () => resolve(signal));
  });
}
