import type { HostAlias } from "../../api/types/core-v1.ts";
import type { PodHostname } from "./hostname.ts";

const ownHeader = "# Kubernetes-managed hosts file.\n";
const hostNetworkHeader = "# Kubernetes-managed hosts file (host network).\n";
const localNames = `127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
fe00::0\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
`;

/** The `/etc/hosts` of a pod with addresses of its own. Source: Kubernetes documentation, "Adding entries to Pod /etc/hosts". */
export function renderHostsFile(
  podIps: readonly string[],
  name: PodHostname,
  aliases: readonly HostAlias[] | undefined,
): string {
  const names = name.domain === "" ? name.hostname : `${name.hostname}.${name.domain}\t${name.hostname}`;
  return ownHeader + localNames + podIps.map((ip) => `${ip}\t${names}\n`).join("") + renderAliases(aliases);
}

/** The `/etc/hosts` of a pod on its node's network: the node's own with the aliases behind it. */
export function renderHostNetworkHostsFile(nodeHostsFile: string, aliases: readonly HostAlias[] | undefined): string {
  return hostNetworkHeader + nodeHostsFile + renderAliases(aliases);
}

function renderAliases(aliases: readonly HostAlias[] | undefined): string {
  if (aliases === undefined || aliases.length === 0) return "";
  const lines = aliases.map((alias) => `${alias.ip}\t${(alias.hostnames ?? []).join("\t")}\n`);
  return `\n# Entries added by HostAliases.\n${lines.join("")}`;
}
