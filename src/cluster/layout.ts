import { createHash } from "node:crypto";
import { join } from "node:path";
import type { ClusterOptions } from "./options.ts";

/** Where a cluster keeps what, and how the things are named that it makes on the machine. */
export interface ClusterLayout {
  readonly dataFolder: string;
  readonly keysFolder: string;
  readonly storeFolder: string;
  readonly containerdFolder: string;
  readonly cniConfigFolder: string;
  /** Which pod has which address. */
  readonly addressFolder: string;
  readonly registryFolder: string;
  readonly podLogFolder: string;
  /** Log of the process in the background. */
  readonly serverLog: string;
  /** What the process in the background tells of itself: its number, and how far it is. */
  readonly serverState: string;
  /** The options that the cluster was last started with. */
  readonly savedOptions: string;
  /** A kubeconfig of its own, for the cluster's owner. */
  readonly kubeconfig: string;
  /** Made images, shared by all clusters of the machine. */
  readonly imageFolder: string;
  /** Cgroup below which every pod's lies. */
  readonly cgroupRoot: string;
  /** Short enough for a network link. */
  readonly bridgeName: string;
}

/** Folder of images that this machine has made: kept when clusters go. */
const imageCache = "/var/cache/k8ts/images";

/** Longest name of a network link. Source: the kernel's IFNAMSIZ, less the closing zero. */
const maxLinkName = 15;

/** Derives every place and name from the options. */
export function layoutOf(options: Pick<ClusterOptions, "name" | "dataFolder">): ClusterLayout {
  const { name, dataFolder } = options;
  return {
    dataFolder,
    keysFolder: join(dataFolder, "keys"),
    storeFolder: join(dataFolder, "store"),
    containerdFolder: join(dataFolder, "containerd"),
    cniConfigFolder: join(dataFolder, "cni"),
    addressFolder: join(dataFolder, "addresses"),
    registryFolder: join(dataFolder, "registries"),
    podLogFolder: join(dataFolder, "pod-logs"),
    serverLog: join(dataFolder, "server.log"),
    serverState: join(dataFolder, "server.json"),
    savedOptions: join(dataFolder, "options.json"),
    kubeconfig: join(dataFolder, "kubeconfig.yaml"),
    imageFolder: imageCache,
    cgroupRoot: name === "k8ts" ? "/k8ts" : `/k8ts-${name}`,
    bridgeName: shortName(name === "k8ts" ? "k8ts" : `k8ts-${name}`),
  };
}

/** A name that is too long is cut, and told from others by a hash. */
function shortName(name: string): string {
  if (name.length <= maxLinkName) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 6);
  return `${name.slice(0, maxLinkName - hash.length)}${hash}`;
}
