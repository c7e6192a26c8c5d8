import type { Draft } from "../api/draft.ts";
import type { Service, ServiceSpec } from "../api/types/core-v1.ts";
import { sameValue } from "./field-checks.ts";

/** What stands for no address in `clusterIP`: the pods' own addresses are used. */
export const headless = "None";

/** A service that has no address of its own on purpose. */
export function isHeadless(spec: Pick<ServiceSpec, "clusterIPs">): boolean {
  return spec.clusterIPs?.length === 1 && spec.clusterIPs[0] === headless;
}

/** A service that is given an address inside the cluster, or says that it wants none. */
export function hasClusterIp(spec: Pick<ServiceSpec, "type">): boolean {
  return spec.type !== "ExternalName";
}

/** A service whose ports are given ports of every node. */
export function takesNodePorts(spec: Pick<ServiceSpec, "type" | "allocateLoadBalancerNodePorts">): boolean {
  return spec.type === "NodePort" || (spec.type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts !== false);
}

/** A load balancer that keeps traffic on the node where it arrives, and must be told which nodes have pods. */
export function takesHealthCheckPort(spec: Pick<ServiceSpec, "type" | "externalTrafficPolicy">): boolean {
  return spec.type === "LoadBalancer" && spec.externalTrafficPolicy === "Local";
}

/** Reachable from outside the cluster: by node ports, a load balancer or external addresses. */
export function isExternallyAccessible(spec: Pick<ServiceSpec, "type" | "externalIPs">): boolean {
  if (spec.type === "LoadBalancer" || spec.type === "NodePort") return true;
  return spec.type === "ClusterIP" && (spec.externalIPs?.length ?? 0) > 0;
}

/**
 * Keeps the single address and the list of addresses of a service in step, as clients that know only one of them
 * expect. Runs before addresses are given out. @param old the service before the change; undefined for a new one
 */
export function syncClusterIps(service: Draft<Service>, old: Service | undefined): void {
  const { spec } = service;
  const { clusterIP = "" } = spec;
  if (old === undefined) {
    if (clusterIP !== "" && (spec.clusterIPs?.length ?? 0) === 0) spec.clusterIPs = [clusterIP];
    return;
  }
  const { clusterIP: oldClusterIp = "", clusterIPs: oldClusterIps = [] } = old.spec;
  const keepsSingle = clusterIP === oldClusterIp;
  if (keepsSingle && oldClusterIps.length > 0 && (spec.clusterIPs?.length ?? 0) === 0)
    spec.clusterIPs = [...oldClusterIps];
  if (keepsSingle || !sameValue(spec.clusterIPs, oldClusterIps)) return;
  if (clusterIP === "") delete spec.clusterIPs;
  else spec.clusterIPs = [clusterIP];
}

/** Fills in addresses and node ports that were given out before, where an update leaves them out. */
export function keepAllocatedValues(service: Draft<Service>, old: Service): void {
  const { spec } = service;
  if (hasClusterIp(spec) && hasClusterIp(old.spec)) {
    if ((spec.clusterIP ?? "") === "" && old.spec.clusterIP !== undefined) spec.clusterIP = old.spec.clusterIP;
    if ((spec.clusterIPs?.length ?? 0) === 0 && old.spec.clusterIPs !== undefined)
      spec.clusterIPs = [...old.spec.clusterIPs];
  }
  if (takesNodePorts(spec) && takesNodePorts(old.spec)) keepNodePorts(service, old);
  if (takesHealthCheckPort(spec) && takesHealthCheckPort(old.spec) && old.spec.healthCheckNodePort !== undefined)
    spec.healthCheckNodePort ??= old.spec.healthCheckNodePort;
}

/** A port keeps its node port by name, unless another port has taken that over. */
function keepNodePorts(service: Draft<Service>, old: Service): void {
  const ports = service.spec.ports ?? [];
  const taken = new Set(ports.map((port) => port.nodePort ?? 0));
  const byName = new Map((old.spec.ports ?? []).map((port) => [port.name ?? "", port.nodePort ?? 0]));
  for (const port of ports) {
    if ((port.nodePort ?? 0) !== 0) continue;
    const before = byName.get(port.name ?? "") ?? 0;
    if (before !== 0 && !taken.has(before)) port.nodePort = before;
  }
}
