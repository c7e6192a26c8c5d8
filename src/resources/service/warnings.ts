import { FieldPath } from "../../api/field-error.ts";
import type { Service } from "../../api/types/core-v1.ts";
import { warnOfIpAddress, warnOfIpRange } from "../ip-address.ts";
import { headless } from "../service-addresses.ts";

const specPath = FieldPath.of("spec");

/** What to warn of when a service is created or changed. */
export function warnOfService(service: Service): readonly string[] {
  const { spec } = service;
  const { clusterIP = "", externalIPs = [], externalName = "", loadBalancerIP = "" } = spec;
  const isHeadless = spec.type === "ClusterIP" && clusterIP === headless;
  const warnings: string[] = [];
  if (service.metadata.annotations?.["service.kubernetes.io/topology-aware-hints"] !== undefined)
    warnings.push(
      "annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead",
    );
  if (clusterIP !== "" && clusterIP !== headless)
    for (const [index, address] of (spec.clusterIPs ?? []).entries())
      warnings.push(...warnOfIpAddress(specPath.child("clusterIPs").index(index), address));
  if (isHeadless) {
    if (loadBalancerIP !== "") warnings.push("spec.loadBalancerIP is ignored for headless services");
    if (externalIPs.length > 0) warnings.push("spec.externalIPs is ignored for headless services");
    if (spec.sessionAffinity !== "None") warnings.push("spec.SessionAffinity is ignored for headless services");
  }
  for (const [index, address] of externalIPs.entries())
    warnings.push(...warnOfIpAddress(specPath.child("externalIPs").index(index), address));
  if (externalIPs.length > 0 && !isHeadless && spec.type !== "ExternalName")
    warnings.push("spec.externalIPs is deprecated and may no longer be implemented in some clusters");
  if (loadBalancerIP !== "") warnings.push(...warnOfIpAddress(specPath.child("loadBalancerIP"), loadBalancerIP));
  for (const [index, range] of (spec.loadBalancerSourceRanges ?? []).entries())
    warnings.push(...warnOfIpRange(specPath.child("loadBalancerSourceRanges").index(index), range));
  if (spec.type === "ExternalName" && externalIPs.length > 0)
    warnings.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  if (spec.type !== "ExternalName" && externalName !== "")
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  if (spec.trafficDistribution === "PreferClose")
    warnings.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  return warnings;
}
