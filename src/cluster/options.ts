import { isIPv4 } from "node:net";
import { hostname } from "node:os";

/** What a user may choose about a cluster. */
export interface ClusterOptions {
  /** Names the cluster, its kubeconfig context and everything it makes on the machine. */
  readonly name: string;
  /** Holds the store, keys, containerd's state, logs and volumes. */
  readonly dataFolder: string;
  /** Port of the API server. */
  readonly port: number;
  /** Port of the node's own HTTPS server. */
  readonly nodePort: number;
  /** Addresses of pods. */
  readonly clusterCidr: string;
  /** Addresses of Services. */
  readonly serviceCidr: string;
  readonly clusterDomain: string;
  readonly nodeName: string;
  /** Under which the node is reached; undefined: the address of the default route. */
  readonly nodeIp: string | undefined;
  /** Where the context is written; undefined: what $KUBECONFIG names, else ~/.kube/config. */
  readonly kubeconfig: string | undefined;
}

/** A choice that cannot be; the message is one sentence for the user. */
export class OptionError extends Error {
  override readonly name = "OptionError";
}

/** Folder below which clusters keep their data, one folder each. */
export const dataRoot = "/var/lib/k8ts";

/** The options of a cluster that nobody chose anything about. */
export function defaultOptions(name = "k8ts"): ClusterOptions {
  return {
    name,
    dataFolder: `${dataRoot}/${name}`,
    port: 6443,
    nodePort: 10250,
    clusterCidr: "10.244.0.0/16",
    serviceCidr: "10.96.0.0/16",
    clusterDomain: "cluster.local",
    nodeName: hostname().toLowerCase(),
    nodeIp: undefined,
    kubeconfig: undefined,
  };
}

/**
 * Checks what depends on nothing but the options.
 * @throws {OptionError}
 */
export function checkOptions(options: ClusterOptions): void {
  const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
  if (!label.test(options.name) || options.name.length > 40)
    throw new OptionError(
      `the cluster's name must be lower-case letters, digits and dashes, 40 at most, not "${options.name}"`,
    );
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(options.nodeName) || options.nodeName.length > 253)
    throw new OptionError(`"${options.nodeName}" cannot be a node's name: give another with --node-name`);
  if (!options.dataFolder.startsWith("/"))
    throw new OptionError(`the data folder must be an absolute path, not "${options.dataFolder}"`);
  if (options.port === options.nodePort)
    throw new OptionError(`the API server and the node cannot share port ${options.port}`);
  if (options.nodeIp !== undefined && !isIPv4(options.nodeIp))
    throw new OptionError(`"${options.nodeIp}" is no IPv4 address`);
  const pods = parseCidr("--cluster-cidr", options.clusterCidr, 8, 24);
  const services = parseCidr("--service-cidr", options.serviceCidr, 12, 24);
  if (pods.first <= services.last && services.first <= pods.last)
    throw new OptionError(
      `pods (${options.clusterCidr}) and Services (${options.serviceCidr}) need address ranges of their own`,
    );
}

/** The address at `position` in a range: Services use the first for the API server and the tenth for DNS. */
export function addressAt(cidr: string, position: number): string {
  const { first } = parseCidr("CIDR", cidr, 0, 32);
  const address = first + position;
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}

function parseCidr(flag: string, cidr: string, leastBits: number, mostBits: number): { first: number; last: number } {
  const [address = "", bits = ""] = cidr.split("/");
  const size = Number(bits);
  if (!isIPv4(address) || !/^\d+$/.test(bits) || size > 32)
    throw new OptionError(`${flag} takes an IPv4 range such as 10.244.0.0/16, not "${cidr}"`);
  if (size < leastBits || size > mostBits)
    throw new OptionError(`${flag} takes a range between /${leastBits} and /${mostBits}, not "${cidr}"`);
  const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const span = 2 ** (32 - size);
  if (number % span !== 0) throw new OptionError(`${flag}: ${cidr} has bits set beyond its /${size}`);
  return { first: number, last: number + span - 1 };
}
