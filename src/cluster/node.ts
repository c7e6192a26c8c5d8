import { mkdir } from "node:fs/promises";
import { type UserInfo, wellKnownGroups } from "../api/user.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { Client } from "../client/client.ts";
import { createEventRecorder } from "../client/event-recorder.ts";
import { createInformers } from "../client/shared-informers.ts";
import { createKubelet, type Kubelet } from "../kubelet/kubelet.ts";
import { type ContainerdOptions, startContainerd, superviseContainerd } from "../machine/containerd-process.ts";
import { type CriRuntime, createCriRuntime } from "../machine/cri-runtime.ts";
import { createDelegatedAuthority } from "../machine/delegated-authority.ts";
import { openDiskVolumes } from "../machine/disk-volumes.ts";
import { sandboxImage } from "../machine/image-catalog.ts";
import { createImageLibrary } from "../machine/image-library.ts";
import { startImageMirror, writeMirrorHosts } from "../machine/image-mirror.ts";
import { createKernelCgroups, findCgroupHierarchy } from "../machine/kernel-cgroups.ts";
import { defaultRotationPolicy, rotateLogs } from "../machine/log-rotation.ts";
import type { MachineCapabilities } from "../machine/machine-check.ts";
import { readMachineFacts } from "../machine/machine-facts.ts";
import { readMounts } from "../machine/mount-table.ts";
import { createNetworkProber } from "../machine/network-prober.ts";
import { startNodeServer } from "../machine/node-server.ts";
import type { ClusterLayout } from "./layout.ts";
import { addressAt, type ClusterOptions } from "./options.ts";
import type { ClusterKeys } from "./pki.ts";

/** The node that this machine is: containerd, the agent and the node's own server. */
export interface ClusterNode {
  readonly kubelet: Kubelet;
  readonly runtime: CriRuntime;
  /** Ends the agent. Containers and containerd go on. */
  stop(): Promise<void>;
}

export interface NodeParts {
  readonly options: ClusterOptions;
  readonly layout: ClusterLayout;
  readonly keys: ClusterKeys;
  readonly nodeIp: string;
  readonly machine: Pick<MachineCapabilities, "hasOverlay" | "hasSysResource">;
  /** A client that acts as someone. */
  readonly client: (user: UserInfo) => Client;
  /** For example `v1.36.0+k8ts.0.1.0`. */
  readonly version: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** The tenth address of Services is that of the cluster's DNS. */
const dnsPosition = 10;

/** As whom a node speaks. Source: Kubernetes documentation, "Using Node Authorization". */
export function nodeUser(nodeName: string): UserInfo {
  return { username: `system:node:${nodeName}`, groups: [wellKnownGroups.nodes, wellKnownGroups.authenticated] };
}

/** Starts the runtime, without which nothing else of the node can start. May run beside the control plane's start. */
export async function startRuntime(
  parts: Pick<NodeParts, "options" | "layout" | "machine" | "clock" | "logger">,
  signal: AbortSignal,
): Promise<CriRuntime> {
  const { layout, machine, clock } = parts;
  const logger = parts.logger.with({ component: "runtime" });
  const containerd: ContainerdOptions = {
    folder: layout.containerdFolder,
    sandboxImage,
    snapshotter: machine.hasOverlay ? "overlayfs" : "native",
    restrictOomScoreAdj: !machine.hasSysResource,
    cniConfigFolder: layout.cniConfigFolder,
    registryFolder: layout.registryFolder,
    clock,
    logger,
  };
  await mkdir(layout.cniConfigFolder, { recursive: true });
  const mirror = await startImageMirror(createImageLibrary({ folder: layout.imageFolder }), logger);
  signal.addEventListener("abort", () => void mirror.close(), { once: true });
  const [{ socketPath }] = await Promise.all([
    startContainerd(containerd, signal),
    writeMirrorHosts(layout.registryFolder, mirror.address),
  ]);
  void superviseContainerd(containerd, signal);
  const runtime = createCriRuntime({ socketPath, cgroupRoot: layout.cgroupRoot, sandboxImage, clock, logger }, signal);
  await runtime.images
    .find(sandboxImage, signal)
    .then((image) => image ?? runtime.images.pull(sandboxImage, [], signal));
  void rotateLogs({ runtime, policy: defaultRotationPolicy, clock, logger }, signal);
  return runtime;
}

/** Starts the agent on a running runtime. Resolves when the agent has taken over what ran before it. */
export async function startNode(parts: NodeParts, runtime: CriRuntime): Promise<ClusterNode> {
  const { options, layout, keys, clock, random, nodeIp } = parts;
  const logger = parts.logger.with({ component: "kubelet" });
  const client = parts.client(nodeUser(options.nodeName));
  const stopping = new AbortController();
  const { signal } = stopping;
  const context = { client, clock, random, logger };
  const [facts, volumes, cgroups] = await Promise.all([
    readMachineFacts(layout.dataFolder),
    openDiskVolumes({ dataFolder: layout.dataFolder, clock, random }),
    openCgroups(layout, clock),
  ]);
  const kubelet = createKubelet(
    {
      ...context,
      informers: createInformers(context, signal),
      recorder: createEventRecorder({ ...context, source: { component: "kubelet", host: options.nodeName } }, signal),
      runtime,
      volumes,
      facts,
      cgroups,
      prober: createNetworkProber(clock),
      settings: {
        nodeName: options.nodeName,
        nodeIps: [nodeIp],
        serverPort: options.nodePort,
        version: parts.version,
        clusterDns: { servers: [addressAt(options.serviceCidr, dnsPosition)], domain: options.clusterDomain },
        logRoot: layout.podLogFolder,
      },
    },
    signal,
  );
  await startNodeServer(
    {
      nodeName: options.nodeName,
      port: options.nodePort,
      tls: { key: keys.node.key, certificate: keys.node.certificate, clientAuthority: keys.authority.certificate },
      authority: createDelegatedAuthority({ client, nodeName: options.nodeName, clock }),
      api: kubelet.api,
      runtime,
      dataFolder: layout.dataFolder,
      clock,
      logger,
    },
    signal,
  );
  await kubelet.ready(signal);
  return {
    kubelet,
    runtime,
    async stop() {
      stopping.abort(new Error("the node agent stops"));
      await kubelet.stopped;
    },
  };
}

/** The control groups of a cluster's pods. @throws {Error} when none are mounted */
export async function openCgroups(
  layout: Pick<ClusterLayout, "cgroupRoot">,
  clock: Clock,
): Promise<ReturnType<typeof createKernelCgroups>> {
  const hierarchy = findCgroupHierarchy(await readMounts());
  if (hierarchy === undefined) throw new Error("no control groups are mounted at /sys/fs/cgroup");
  return createKernelCgroups({ root: layout.cgroupRoot, hierarchy, clock });
}
