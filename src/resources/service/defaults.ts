import type { Draft } from "../../api/draft.ts";
import type { Service } from "../../api/types/core-v1.ts";
import { isExternallyAccessible } from "../service-addresses.ts";

/** How long a client stays with the same pod. */
const defaultAffinitySeconds = 3 * 60 * 60;

/** Fills in what a service leaves out; addresses and node ports are given out later, by whoever keeps account of them. */
export function defaultService(service: Draft<Service>): void {
  const { spec } = service;
  spec.sessionAffinity ??= "None";
  if (spec.sessionAffinity === "None") delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === "ClientIP" && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined)
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: defaultAffinitySeconds } };
  spec.type ??= "ClusterIP";
  for (const port of spec.ports ?? []) {
    port.protocol ??= "TCP";
    if (port.targetPort === 0 || port.targetPort === "") port.targetPort = port.port;
  }
  if (isExternallyAccessible(spec)) spec.externalTrafficPolicy ??= "Cluster";
  if (spec.type !== "ExternalName") spec.internalTrafficPolicy ??= "Cluster";
  if (spec.type !== "LoadBalancer") return;
  spec.allocateLoadBalancerNodePorts ??= true;
  for (const ingress of service.status.loadBalancer.ingress ?? [])
    if ((ingress.ip ?? "") !== "") ingress.ipMode ??= "VIP";
}
