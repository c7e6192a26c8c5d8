import { compareQuantities, quantityMilliValue, quantityValue } from "../../api/quantity.ts";
import { nodes } from "../../api/resources.ts";
import { fromStatus, type StatusError } from "../../api/status-error.ts";
import type { Pod } from "../../api/types/core-v1.ts";
import { podRequests } from "../../resources/pod-resources.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import type { LiveObjects } from "../live-objects.ts";
import { refuse } from "./refusal.ts";
import { sameJson } from "./same-json.ts";

/**
 * Refuses to resize a running pod beyond what its node has at all, or where resizing does not work.
 * Source: KEP-1287; words of kube-apiserver v1.36.
 */
export function createPodResizeValidator(objects: LiveObjects): AdmissionPlugin {
  const cache = objects.of(nodes).cache;
  return {
    name: "PodResizeValidator",
    handles: ({ group, resource, subresource }, operation) =>
      operation === "update" && group === "" && resource === "pods" && subresource === "resize",
    validate(request) {
      const pod = request.object as unknown as Pod;
      const { nodeName } = pod.spec;
      if (nodeName === undefined || sameJson(pod.spec, (request.oldObject as unknown as Pod).spec)) return;
      const node = cache.get(nodeName);
      if (node === undefined) throw refuse(request, `node "${nodeName}" not found`);
      const system = node.metadata.labels?.["kubernetes.io/os"] ?? "linux";
      if (system !== "linux")
        throw withCause(
          request,
          `pod resize is only supported on linux nodes, node "${nodeName}" is "${system}"`,
          "UnsupportedPlatform",
        );
      const fault = capacityFault(pod, node.status.allocatable ?? {});
      if (fault !== undefined) throw withCause(request, fault, "NodeCapacity");
    },
  };
}

function capacityFault(pod: Pod, allocatable: Readonly<Record<string, string>>): string | undefined {
  const requests = podRequests(pod);
  const faults: string[] = [];
  const check = (name: "cpu" | "memory", count: (amount: string) => number): void => {
    const [asked, most] = [requests[name] ?? "0", allocatable[name] ?? "0"];
    if (compareQuantities(asked, most) > 0)
      faults.push(`${name}, requested: ${count(asked)}, allocatable: ${count(most)}`);
  };
  check("cpu", quantityMilliValue);
  check("memory", quantityValue);
  return faults.length === 0 ? undefined : `node didn't have enough allocatable resources: ${faults.join("; ")}`;
}

function withCause(request: AdmissionRequest, why: string, reason: string): StatusError {
  const { status } = refuse(request, why);
  return fromStatus({ ...status, details: { ...status.details, causes: [{ reason }] } });
}
