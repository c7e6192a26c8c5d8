/**
 * What the baseline of the Pod Security Standards forbids: known ways out of a container.
 * Source: Kubernetes documentation, "Pod Security Standards"; words of kube-apiserver v1.36.
 */
import type { LifecycleHandler, Probe } from "../../../api/types/core-v1.ts";
import { checkAppArmorProfile, checkSeccompAnnotations, checkSeccompProfile } from "./profile-checks.ts";
import {
  type CheckedPod,
  distinct,
  hasOwnUsers,
  inNumber,
  namedContainers,
  quoted,
  type SecurityCheck,
  settersOf,
  type Violation,
} from "./security-check.ts";
import { findSeLinuxOptions } from "./selinux-check.ts";

/** In the order in which violations are told. */
export const baselineChecks: readonly SecurityCheck[] = [
  { id: "appArmorProfile", since: 0, find: checkAppArmorProfile },
  { id: "capabilities_baseline", since: 0, find: findAddedCapabilities },
  { id: "hostNamespaces", since: 0, find: findHostNamespaces },
  { id: "hostPathVolumes", since: 0, find: findHostPaths },
  { id: "hostPorts", since: 0, find: findHostPorts },
  { id: "hostProbesAndHostLifecycle", since: 34, find: findProbedHosts },
  { id: "privileged", since: 0, find: findPrivileged },
  {
    id: "procMount",
    since: 0,
    find: (pod, minor) => (minor >= 35 && hasOwnUsers(pod) ? undefined : findProcMounts(pod)),
  },
  { id: "seLinuxOptions", since: 0, find: findSeLinuxOptions },
  {
    id: "seccompProfile_baseline",
    since: 0,
    find: (pod, minor) => (minor >= 19 ? checkSeccompProfile(pod) : checkSeccompAnnotations(pod)),
  },
  { id: "sysctls", since: 0, find: findSysctls },
  { id: "windowsHostProcess", since: 0, find: findHostProcesses },
];

const defaultCapabilities: ReadonlySet<string> = new Set([
  "AUDIT_WRITE",
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "MKNOD",
  "NET_BIND_SERVICE",
  "SETFCAP",
  "SETGID",
  "SETPCAP",
  "SETUID",
  "SYS_CHROOT",
]);

function findAddedCapabilities({ containers }: CheckedPod): Violation | undefined {
  const added = containers.map(({ name, securityContext }) => ({
    name,
    added: (securityContext?.capabilities?.add ?? []).filter((capability) => !defaultCapabilities.has(capability)),
  }));
  const bad = added.filter((container) => container.added.length > 0);
  if (bad.length === 0) return undefined;
  const names = namedContainers(bad.map(({ name }) => name));
  const capabilities = quoted(distinct(bad.flatMap((container) => container.added)));
  return {
    reason: "non-default capabilities",
    detail: `${names} must not include ${capabilities} in securityContext.capabilities.add`,
  };
}

function findHostNamespaces({ spec }: CheckedPod): Violation | undefined {
  const shared = (["hostNetwork", "hostPID", "hostIPC"] as const).filter((field) => spec[field] === true);
  if (shared.length === 0) return undefined;
  return { reason: "host namespaces", detail: shared.map((field) => `${field}=true`).join(", ") };
}

function findHostPaths({ spec }: CheckedPod): Violation | undefined {
  const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath !== undefined).map(({ name }) => name);
  if (names.length === 0) return undefined;
  return { reason: "hostPath volumes", detail: `${inNumber(names.length, "volume")} ${quoted(names)}` };
}

function findHostPorts({ containers }: CheckedPod): Violation | undefined {
  const used = containers.map(({ name, ports = [] }) => ({
    name,
    ports: ports.flatMap(({ hostPort = 0 }) => (hostPort === 0 ? [] : String(hostPort))),
  }));
  const bad = used.filter(({ ports }) => ports.length > 0);
  if (bad.length === 0) return undefined;
  const ports = distinct(bad.flatMap((container) => container.ports));
  const names = namedContainers(bad.map(({ name }) => name));
  const uses = inNumber(bad.length, "uses", "use");
  return {
    reason: "hostPort",
    detail: `${names} ${uses} ${inNumber(ports.length, "hostPort")} ${ports.join(", ")}`,
  };
}

function findProbedHosts({ containers }: CheckedPod): Violation | undefined {
  const probed = containers.map((container) => {
    const { name, livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
    const actions = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop];
    return { name, hosts: actions.flatMap(hostsOf) };
  });
  const bad = probed.filter(({ hosts }) => hosts.length > 0);
  if (bad.length === 0) return undefined;
  const hosts = distinct(bad.flatMap((container) => container.hosts));
  const names = distinct(bad.map(({ name }) => name));
  const uses = inNumber(names.length, "uses", "use");
  return {
    reason: "probe or lifecycle host",
    detail: `${namedContainers(names)} ${uses} ${inNumber(hosts.length, "probe or lifecycle host")} ${quoted(hosts)}`,
  };
}

function hostsOf(action: Probe | LifecycleHandler | undefined): readonly string[] {
  return [action?.httpGet?.host ?? "", action?.tcpSocket?.host ?? ""].filter((host) => host !== "");
}

function findPrivileged({ containers }: CheckedPod): Violation | undefined {
  const bad = containers.filter(({ securityContext }) => securityContext?.privileged === true);
  if (bad.length === 0) return undefined;
  const names = namedContainers(bad.map(({ name }) => name));
  return { reason: "privileged", detail: `${names} must not set securityContext.privileged=true` };
}

/** Refuses containers that see more of `/proc` than usual. */
export function findProcMounts({ containers }: CheckedPod): Violation | undefined {
  const bad = containers.flatMap(({ name, securityContext }) => {
    const mount = securityContext?.procMount;
    return mount === undefined || mount === "Default" ? [] : { name, mount };
  });
  if (bad.length === 0) return undefined;
  const names = namedContainers(bad.map(({ name }) => name));
  const mounts = quoted(distinct(bad.map(({ mount }) => mount)));
  return { reason: "procMount", detail: `${names} must not set securityContext.procMount to ${mounts}` };
}

/** Kernel parameters that belong to the pod alone, by the version that allowed them. */
const safeSysctls: ReadonlyMap<string, number> = new Map([
  ["kernel.shm_rmid_forced", 0],
  ["net.ipv4.ip_local_port_range", 0],
  ["net.ipv4.tcp_syncookies", 0],
  ["net.ipv4.ping_group_range", 0],
  ["net.ipv4.ip_unprivileged_port_start", 0],
  ["net.ipv4.ip_local_reserved_ports", 27],
  ["net.ipv4.tcp_keepalive_time", 29],
  ["net.ipv4.tcp_fin_timeout", 29],
  ["net.ipv4.tcp_keepalive_intvl", 29],
  ["net.ipv4.tcp_keepalive_probes", 29],
  ["net.ipv4.tcp_rmem", 32],
  ["net.ipv4.tcp_wmem", 32],
]);

function findSysctls({ spec }: CheckedPod, minor: number): Violation | undefined {
  const names = (spec.securityContext?.sysctls ?? []).map(({ name }) => name);
  const bad = names.filter((name) => minor < (safeSysctls.get(name) ?? Number.POSITIVE_INFINITY));
  return bad.length === 0 ? undefined : { reason: "forbidden sysctls", detail: bad.join(", ") };
}

function findHostProcesses({ spec, containers }: CheckedPod): Violation | undefined {
  const bad = containers.filter(({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true);
  const setters = settersOf(
    spec.securityContext?.windowsOptions?.hostProcess === true,
    bad.map(({ name }) => name),
  );
  if (setters.length === 0) return undefined;
  return {
    reason: "hostProcess",
    detail: `${setters.join(" and ")} must not set securityContext.windowsOptions.hostProcess=true`,
  };
}
