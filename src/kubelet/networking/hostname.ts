import { goQuote } from "../../api/go-quote.ts";
import { checkDnsLabel, checkDnsSubdomain } from "../../api/names.ts";
import type { Pod } from "../../api/types/core-v1.ts";
import { ContainerConfigError } from "../containers/security-config.ts";

/** How a pod calls itself. */
export interface PodHostname {
  /** At most 63 characters. */
  readonly hostname: string;
  /** The rest of its full name; empty for pods without a subdomain. */
  readonly domain: string;
}

const maxHostnameLength = 63;
/** The kernel's bound of a node name. */
const maxFullNameLength = 64;

/**
 * The name that a pod's containers see.
 * @throws {ContainerConfigError} when hostname or subdomain are no DNS labels
 */
export function podHostname(pod: Pod, clusterDomain: string): PodHostname {
  const { hostname, subdomain, hostnameOverride } = pod.spec;
  if (hostnameOverride !== undefined) {
    const faults = checkDnsSubdomain(hostnameOverride);
    if (faults.length > 0)
      throw new ContainerConfigError(
        `pod HostnameOverride ${goQuote(hostnameOverride)} is not a valid DNS subdomain: ${faults.join(";")}`,
      );
    return { hostname: shorten(hostnameOverride), domain: "" };
  }
  const own = checkedLabel("Hostname", hostname) ?? pod.metadata.name;
  const below = checkedLabel("Subdomain", subdomain);
  return {
    hostname: shorten(own),
    domain: below === undefined ? "" : `${below}.${pod.metadata.namespace}.svc.${clusterDomain}`,
  };
}

/**
 * The name that is set in the kernel: the short one, or the full one where the pod asks for it.
 * @throws {ContainerConfigError} when the full name is too long
 */
export function kernelHostname(pod: Pod, name: PodHostname): string {
  if (name.domain === "" || pod.spec.setHostnameAsFQDN !== true) return name.hostname;
  const full = `${name.hostname}.${name.domain}`;
  if (full.length <= maxFullNameLength) return full;
  throw new ContainerConfigError(
    `failed to construct FQDN from pod hostname and cluster domain, FQDN ${full} is too long (${maxFullNameLength} characters is the max, ${full.length} characters requested)`,
  );
}

function checkedLabel(field: string, label: string | undefined): string | undefined {
  if (label === undefined || label === "") return undefined;
  const faults = checkDnsLabel(label);
  if (faults.length === 0) return label;
  throw new ContainerConfigError(`pod ${field} ${goQuote(label)} is not a valid DNS label: ${faults.join(";")}`);
}

/** Host names end in neither dash nor dot. */
function shorten(name: string): string {
  return name.length <= maxHostnameLength ? name : name.slice(0, maxHostnameLength).replace(/[-.]+$/, "");
}
