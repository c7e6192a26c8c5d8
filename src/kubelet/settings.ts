import { defaultThresholds, type EvictionThresholds } from "./eviction/thresholds.ts";
import { defaultImageCollection, type ImageCollectionPolicy } from "./images/plan-image-collection.ts";
import type { ClusterDns } from "./networking/dns-config.ts";
import type { NodeSettings } from "./node/node-settings.ts";

/** How a node agent is set up. */
export interface KubeletSettings extends NodeSettings {
  /** What pods' DNS builds on; no servers: the node's own. */
  readonly clusterDns: ClusterDns;
  /** Folder of all pods' logs. Default `/var/log/pods`. */
  readonly logRoot?: string;
  /** Create the node object. Default true. */
  readonly registerNode?: boolean;
  /** Fetch one image after another. Default true, as upstream. */
  readonly pullsSerially?: boolean;
  /** What the node keeps free by evicting pods. Default: upstream's hard thresholds. */
  readonly evictionThresholds?: EvictionThresholds;
  /** When unused images are removed. Default: from 85 % of the disk in use down to 80 %. */
  readonly imageCollection?: ImageCollectionPolicy;
}

/** Settings with every default filled in. */
export type CompleteSettings = Required<
  Pick<KubeletSettings, "logRoot" | "registerNode" | "pullsSerially" | "evictionThresholds" | "imageCollection">
> &
  KubeletSettings;

/** Fills in what was left out. */
export function completeSettings(settings: KubeletSettings): CompleteSettings {
  return {
    logRoot: "/var/log/pods",
    registerNode: true,
    pullsSerially: true,
    evictionThresholds: defaultThresholds,
    imageCollection: defaultImageCollection,
    ...settings,
  };
}
