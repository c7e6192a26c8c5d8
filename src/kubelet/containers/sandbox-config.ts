import type { Pod } from "../../api/types/core-v1.ts";
import { allContainers } from "../../resources/pod-status.ts";
import type { DnsConfig } from "../networking/dns-config.ts";
import { kernelHostname, podHostname } from "../networking/hostname.ts";
import type { SandboxConfig } from "../runtime.ts";
import { sandboxLabels } from "../runtime-labels.ts";
import { podCgroupPath } from "./container-resources.ts";
import { podNamespaces, sandboxSecurity } from "./security-config.ts";

/** What a sandbox depends on besides its pod. */
export interface SandboxSettings {
  readonly attempt: number;
  readonly clusterDomain: string;
  readonly dns: DnsConfig;
  /** Folder of all pods' logs. */
  readonly logRoot: string;
  /** Of the pod's runtime class; empty for the default. */
  readonly runtimeHandler: string;
}

/**
 * The sandbox that a pod's containers live in.
 * @throws {ContainerConfigError} when the pod's host name cannot be used
 */
export function renderSandboxConfig(pod: Pod, settings: SandboxSettings): SandboxConfig {
  const { name, namespace, uid } = pod.metadata;
  const isHostNetwork = pod.spec.hostNetwork === true;
  const isPrivileged = allContainers(pod.spec).some(({ securityContext }) => securityContext?.privileged === true);
  return {
    name,
    namespace,
    uid,
    attempt: settings.attempt,
    hostname: isHostNetwork ? "" : kernelHostname(pod, podHostname(pod, settings.clusterDomain)),
    logDirectory: podLogDirectory(pod, settings.logRoot),
    dns: settings.dns,
    portMappings: isHostNetwork ? [] : portMappings(pod),
    labels: sandboxLabels(pod),
    annotations: { ...pod.metadata.annotations },
    cgroupParent: podCgroupPath(pod),
    sysctls: sysctls(pod),
    namespaces: podNamespaces(pod),
    security: sandboxSecurity(pod, isPrivileged),
    runtimeHandler: settings.runtimeHandler,
  };
}

/** `<root>/<namespace>_<name>_<uid>`: where log collectors look for a pod's logs. */
export function podLogDirectory(
  pod: { readonly metadata: Pick<Pod["metadata"], "name" | "namespace" | "uid"> },
  logRoot: string,
): string {
  const { name, namespace, uid } = pod.metadata;
  return `${logRoot}/${namespace}_${name}_${uid}`;
}

/** Ports that are to be reached on the node; within a container the first of a name counts. */
function portMappings(pod: Pod): SandboxConfig["portMappings"] {
  return pod.spec.containers.flatMap((container) => {
    const seen = new Set<string>();
    return (container.ports ?? []).flatMap((port) => {
      const { name = "", protocol = "TCP", containerPort, hostPort = 0, hostIP = "" } = port;
      const family = hostIP === "" ? "any" : hostIP.includes(":") ? "v6" : "v4";
      const key = name === "" ? `${family}-${protocol}-${hostIP}:${containerPort}:${hostPort}` : name;
      if (seen.has(key) || hostPort === 0) return [];
      seen.add(key);
      return [{ protocol, containerPort, hostPort, hostIp: hostIP }];
    });
  });
}

/** The kernel's settings are written with dots, whichever separator the pod uses. */
function sysctls(pod: Pod): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const { name, value } of pod.spec.securityContext?.sysctls ?? [])
    settings[/^[^./]*\//.test(name) ? name.replace(/[./]/g, (mark) => (mark === "/" ? "." : "/")) : name] = value;
  return settings;
}
