import type { ApiObject } from "../../api/metadata.ts";
import type { Service } from "../../api/types/core-v1.ts";
import type { QuotaEvaluator } from "./quota-evaluator.ts";

const names: ReadonlySet<string> = new Set([
  "count/services",
  "services",
  "services.nodeports",
  "services.loadbalancers",
]);

/** Counts services, and what they take of the nodes and of the world outside. */
export const serviceEvaluator: QuotaEvaluator = {
  names: (wanted) => wanted.filter((name) => names.has(name)),
  usage(object) {
    const service = serviceOf(object);
    return {
      "count/services": "1",
      services: "1",
      "services.loadbalancers": service.spec.type === "LoadBalancer" ? "1" : "0",
      "services.nodeports": String(countNodePorts(service)),
    };
  },
  isInScope: () => false,
  // A service can change its type.
  mayUseMore: ({ subresource }) => subresource === "",
  mayFree: (before, after) => countedType(before) !== countedType(after),
};

/** Ports are not allocated yet: what counts is what will be. */
function countNodePorts({ spec: { type, ports = [], allocateLoadBalancerNodePorts } }: Service): number {
  if (type === "NodePort") return ports.length;
  if (type !== "LoadBalancer") return 0;
  if (allocateLoadBalancerNodePorts !== false) return ports.length;
  return ports.filter(({ nodePort }) => (nodePort ?? 0) !== 0).length;
}

function countedType(object: ApiObject): string {
  const { type } = serviceOf(object).spec;
  return type === "NodePort" || type === "LoadBalancer" ? type : "";
}

function serviceOf(object: ApiObject): Service {
  return object as unknown as Service;
}
