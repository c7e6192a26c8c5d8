import type { Draft } from "../../api/draft.ts";
import type { Service, ServiceSpec } from "../../api/types/core-v1.ts";
import { sameValue } from "../field-checks.ts";
import {
  hasClusterIp,
  isExternallyAccessible,
  keepAllocatedValues,
  syncClusterIps,
  takesHealthCheckPort,
} from "../service-addresses.ts";

/** Starts a service without a status. */
export function prepareServiceForCreate(draft: Draft<Service>): void {
  draft.status = { loadBalancer: {} };
  syncClusterIps(draft, undefined);
}

/** Carries over the status and what was given out, and clears what a change of type leaves without meaning. */
export function prepareServiceForUpdate(draft: Draft<Service>, old: Service): void {
  keepAllocatedValues(draft, old);
  syncClusterIps(draft, old);
  draft.status = old.status as Draft<Service["status"]>;
  dropTypeDependentFields(draft, old);
}

/** An update of the status leaves everything else alone. */
export function prepareServiceForStatusUpdate(draft: Draft<Service>, old: Service): void {
  draft.spec = old.spec as Draft<Service["spec"]>;
}

/**
 * A type that does not have a field any more loses it, unless the same update changes the field as well: that is
 * left for validation to refuse.
 */
function dropTypeDependentFields(draft: Draft<Service>, old: Service): void {
  const { spec } = draft;
  const oldSpec = old.spec;
  if (hasClusterIp(oldSpec) && !hasClusterIp(spec)) {
    if ((spec.clusterIP ?? "") === (oldSpec.clusterIP ?? "") && sameValue(spec.clusterIPs, oldSpec.clusterIPs)) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    if (sameValue(spec.ipFamilies, oldSpec.ipFamilies)) delete spec.ipFamilies;
    if (spec.ipFamilyPolicy === oldSpec.ipFamilyPolicy) delete spec.ipFamilyPolicy;
  }
  if (mayHaveNodePorts(oldSpec) && !mayHaveNodePorts(spec) && addsNoNodePorts(spec, oldSpec))
    for (const port of spec.ports ?? []) delete port.nodePort;
  if (takesHealthCheckPort(oldSpec) && !takesHealthCheckPort(spec)) dropUnchanged(spec, oldSpec, "healthCheckNodePort");
  if (oldSpec.type === "LoadBalancer" && spec.type !== "LoadBalancer") {
    dropUnchanged(spec, oldSpec, "allocateLoadBalancerNodePorts");
    dropUnchanged(spec, oldSpec, "loadBalancerClass");
  }
  if (isExternallyAccessible(oldSpec) && !isExternallyAccessible(spec as ServiceSpec))
    dropUnchanged(spec, oldSpec, "externalTrafficPolicy");
  if (spec.type !== "LoadBalancer") draft.status = { ...draft.status, loadBalancer: {} };
}

function dropUnchanged(spec: Draft<ServiceSpec>, old: ServiceSpec, field: keyof ServiceSpec): void {
  if (spec[field] === old[field]) delete spec[field];
}

function mayHaveNodePorts(spec: Pick<ServiceSpec, "type">): boolean {
  return spec.type === "NodePort" || spec.type === "LoadBalancer";
}

function addsNoNodePorts(spec: Draft<ServiceSpec>, old: ServiceSpec): boolean {
  const known = new Set(old.ports?.map((port) => port.nodePort ?? 0));
  return (spec.ports ?? []).every((port) => (port.nodePort ?? 0) === 0 || known.has(port.nodePort ?? 0));
}
