import { goQuote } from "../../api/go-quote.ts";
import type { Pod, PodDNSConfig } from "../../api/types/core-v1.ts";
import { describePod } from "../pods/pod-words.ts";

/** What stands in a `resolv.conf`. */
export interface DnsConfig {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

/** Settings of the cluster that pods' DNS builds on. */
export interface ClusterDns {
  /** Addresses of the cluster's DNS service; empty when there is none. */
  readonly servers: readonly string[];
  /** For example `cluster.local`. */
  readonly domain: string;
}

/** A pod's DNS settings, and what its owner should know about them. */
export interface PodDns {
  readonly config: DnsConfig;
  readonly warnings: readonly { readonly reason: string; readonly message: string }[];
}

const maxServers = 3;
const maxSearches = 32;
const maxSearchListLength = 2048;
const maxSearchLength = 253;
const clusterOptions = ["ndots:5"];

/** What a pod's `resolv.conf` holds. Source: Kubernetes documentation, "DNS for Services and Pods". */
export function planPodDns(pod: Pod, nodeResolvConf: string, cluster: ClusterDns): PodDns {
  const warnings: { reason: string; message: string }[] = [];
  let config = baseConfig(pod, nodeResolvConf, cluster);
  if (config === undefined) {
    const message = `kubelet does not have ClusterDNS IP configured and cannot create Pod using "ClusterFirst" policy. Falling back to "Default" policy.`;
    warnings.push({ reason: "MissingClusterDNS", message: `pod: ${goQuote(describePod(pod))}. ${message}` });
    config = parseResolvConf(nodeResolvConf);
  }
  if (pod.spec.dnsConfig !== undefined) config = mergeConfig(config, pod.spec.dnsConfig);
  const servers = config.servers.slice(0, maxServers);
  if (servers.length < config.servers.length)
    warnings.push({
      reason: "DNSConfigForming",
      message: `Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${servers.join(" ")}`,
    });
  const searches = fittingSearches(config.searches);
  if (searches.length < config.searches.length)
    warnings.push({
      reason: "DNSConfigForming",
      message: `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${searches.join(" ")}`,
    });
  return { config: { servers, searches, options: config.options }, warnings };
}

/** What the policy alone gives; undefined when it asks for a cluster DNS that there is not. */
function baseConfig(pod: Pod, nodeResolvConf: string, cluster: ClusterDns): DnsConfig | undefined {
  const { dnsPolicy, hostNetwork } = pod.spec;
  if (dnsPolicy === "None") return { servers: [], searches: [], options: [] };
  if (dnsPolicy === "Default" || (dnsPolicy === "ClusterFirst" && hostNetwork === true))
    return parseResolvConf(nodeResolvConf);
  if (cluster.servers.length === 0) return undefined;
  const { searches } = parseResolvConf(nodeResolvConf);
  const own =
    cluster.domain === ""
      ? []
      : [`${pod.metadata.namespace}.svc.${cluster.domain}`, `svc.${cluster.domain}`, cluster.domain];
  return { servers: cluster.servers, searches: unique([...own, ...searches]), options: clusterOptions };
}

function mergeConfig(base: DnsConfig, own: PodDNSConfig): DnsConfig {
  const options = new Map(base.options.map(splitOption));
  for (const { name, value } of own.options ?? []) options.set(name ?? "", value ?? "");
  return {
    servers: unique([...base.servers, ...(own.nameservers ?? [])]),
    searches: unique([...base.searches, ...(own.searches ?? [])]),
    options: [...options].map(([name, value]) => (value === "" ? name : `${name}:${value}`)),
  };
}

function splitOption(option: string): [string, string] {
  const colon = option.indexOf(":");
  return colon < 0 ? [option, ""] : [option.slice(0, colon), option.slice(colon + 1)];
}

/** Resolvers crash on longer lists: as many of the first as fit. */
function fittingSearches(searches: readonly string[]): readonly string[] {
  const fitting = searches.slice(0, maxSearches).filter((search) => search.length <= maxSearchLength);
  while (fitting.join(" ").length > maxSearchListLength) fitting.pop();
  return fitting;
}

/** Reads a `resolv.conf`: name servers add up, the last `search` line wins, options are merged. */
export function parseResolvConf(text: string): DnsConfig {
  const servers: string[] = [];
  let searches: string[] = [];
  const options = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === "nameserver" && values[0] !== undefined) servers.push(values[0]);
    else if (keyword === "search")
      searches = values.filter((search) => search !== ".").map((search) => search.replace(/\.$/, ""));
    else if (keyword === "options") for (const option of values) options.set(option.split(":")[0] ?? "", option);
  }
  return { servers, searches, options: [...options.values()] };
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
