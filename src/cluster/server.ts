import { hostname } from "node:os";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import { writeKubeconfig } from "../client/kubeconfig.node.ts";
import type { KubeconfigEntry } from "../client/kubeconfig.ts";
import { judgeMachine, readCapabilities } from "../machine/machine-check.ts";
import { openSqliteStore } from "../storage/sqlite-store.node.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { layoutOf } from "./layout.ts";
import { type ClusterNode, startNode, startRuntime } from "./node.ts";
import { findNodeAddress } from "./node-address.ts";
import { addressAt, type ClusterOptions, checkOptions, OptionError } from "./options.ts";
import { type ClusterKeys, openClusterKeys } from "./pki.ts";
import type { Progress } from "./progress.ts";

/** A whole cluster on this machine, in this process but for containerd and the containers. */
export interface ClusterServer {
  readonly controlPlane: ControlPlane;
  readonly node: ClusterNode;
  /** Ends the process's part. Containers go on, and are taken over at the next start. */
  stop(): Promise<void>;
  /** Ends every container first, giving each up to `graceSeconds`. */
  stopWithPods(graceSeconds: number): Promise<void>;
}

export interface ServerParts {
  readonly options: ClusterOptions;
  readonly packageVersion: string;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/**
 * Starts a cluster. When this resolves, the API is served and the node is ready for pods.
 * @throws {OptionError} when the options or the machine do not allow it; nothing is left running then
 */
export async function startCluster(parts: ServerParts): Promise<ClusterServer> {
  const { options, progress, clock, random, logger } = parts;
  checkOptions(options);
  const layout = layoutOf(options);
  const stopping = new AbortController();
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.toReversed()) await step();
    stopping.abort(new Error("the cluster stops"));
  };
  try {
    const machine = await checkMachine(options, logger);
    const nodeIp = options.nodeIp ?? (await findNodeAddress());
    const runtimeStarted = startRuntime({ ...parts, layout, machine }, stopping.signal);
    // Its failure is met where it is waited for.
    runtimeStarted.catch(() => undefined);
    let keys!: ClusterKeys;
    let controlPlane!: ControlPlane;
    let node!: ClusterNode;
    await progress.step("control plane", async () => {
      const [opened, store] = await Promise.all([
        openKeys(options, layout.keysFolder, nodeIp, clock),
        openSqliteStore({ folder: layout.storeFolder, clock, logger: logger.with({ component: "store" }) }),
      ]);
      undo.push(() => store.close());
      keys = opened;
      controlPlane = await startControlPlane({ ...parts, keys, store, advertiseAddress: nodeIp });
      undo.push(() => controlPlane.stop());
      await writeKubeconfig(layout.kubeconfig, kubeconfigEntry(options, keys));
      return `API level v1.36 at https://127.0.0.1:${options.port}`;
    });
    await progress.step("node", async () => {
      const { client, version } = controlPlane;
      const runtime = await runtimeStarted;
      node = await startNode(
        { options, layout, keys, nodeIp, machine, client, version: version.gitVersion, clock, random, logger },
        runtime,
      );
      undo.push(() => node.stop());
      return `${options.nodeName} at ${nodeIp}`;
    });
    return {
      controlPlane,
      node,
      stop,
      async stopWithPods(graceSeconds) {
        await node.kubelet.stopAllPods(graceSeconds);
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What a kubeconfig says of this cluster and of its owner. */
export function kubeconfigEntry(options: Pick<ClusterOptions, "name" | "port">, keys: ClusterKeys): KubeconfigEntry {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  return {
    name: options.name,
    cluster: {
      server: `https://127.0.0.1:${options.port}`,
      "certificate-authority-data": base64(keys.authority.certificate),
    },
    user: {
      "client-certificate-data": base64(keys.admin.certificate),
      "client-key-data": base64(keys.admin.key),
    },
  };
}

async function checkMachine(options: ClusterOptions, logger: Logger): ReturnType<typeof readCapabilities> {
  const ports = [options.port, options.nodePort];
  const machine = await readCapabilities({ dataFolder: options.dataFolder, ports });
  for (const { severity, message } of judgeMachine(machine)) {
    if (severity === "error") throw new OptionError(message);
    logger.warn("the machine lacks something", { what: message });
  }
  return machine;
}

/** Under all these names and addresses clients may reach the API server, and the API server the node. */
function openKeys(options: ClusterOptions, folder: string, nodeIp: string, clock: Clock): Promise<ClusterKeys> {
  const service = ["kubernetes", "kubernetes.default", "kubernetes.default.svc"];
  return openClusterKeys(folder, {
    clock,
    hosts: [
      "localhost",
      hostname(),
      ...service,
      `kubernetes.default.svc.${options.clusterDomain}`,
      "127.0.0.1",
      nodeIp,
      addressAt(options.serviceCidr, 1),
    ],
    nodeName: options.nodeName,
    nodeHosts: [options.nodeName, "localhost", "127.0.0.1", nodeIp],
  });
}
