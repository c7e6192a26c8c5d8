import type { Taint } from "../../api/types/core-v1.ts";
import type { ResourceList } from "../../resources/resource-list.ts";

/** How a node presents itself. */
export interface NodeSettings {
  readonly nodeName: string;
  /** Default: the node's name. */
  readonly hostname?: string;
  /** Addresses of the node, the main one first, at most one of each family. */
  readonly nodeIps: readonly string[];
  /** Labels beside those that every node has. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Taints of a node that registers for the first time. */
  readonly taints?: readonly Taint[];
  readonly providerId?: string;
  /** Default 110. */
  readonly maxPods?: number;
  /** Port of the node's server. Default 10250. */
  readonly serverPort?: number;
  /** Kept back for the system: subtracted from what pods may use. */
  readonly reserved?: ResourceList;
  /** For example `v1.36.0+k8ts.0.1.0`. */
  readonly version: string;
}
