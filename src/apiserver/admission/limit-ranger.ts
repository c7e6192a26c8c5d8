import type { Draft } from "../../api/draft.ts";
import { limitRanges } from "../../api/resources.ts";
import type { LimitRange, PersistentVolumeClaim, Pod } from "../../api/types/core-v1.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import type { LiveObjects } from "../live-objects.ts";
import { joinErrors } from "../rbac-authorizer.ts";
import type { FieldOrder } from "./field-order.ts";
import { applyLimitDefaults } from "./limit-defaults.ts";
import { claimLimitFaults, podLimitFaults } from "./limit-faults.ts";
import { refuse } from "./refusal.ts";

/**
 * Gives containers the requests and limits that their namespace has as default, and keeps containers, pods and claims
 * within its bounds. Source: Kubernetes documentation, "Limit Ranges"; words of kube-apiserver v1.36.
 */
export function createLimitRanger(objects: LiveObjects, order: FieldOrder): AdmissionPlugin {
  const cache = objects.of(limitRanges).cache;
  const rangesOf = (request: AdmissionRequest): readonly LimitRange[] =>
    request.oldObject?.metadata.deletionTimestamp === undefined ? cache.list(request.attributes.namespace) : [];
  return {
    name: "LimitRanger",
    handles: ({ group, resource, subresource }, operation) => {
      if (group !== "") return false;
      if (resource === "pods")
        return (operation === "create" && subresource === "") || (operation === "update" && subresource === "resize");
      return (
        resource === "persistentvolumeclaims" &&
        subresource === "" &&
        (operation === "create" || operation === "update")
      );
    },
    admit(request) {
      if (request.attributes.resource !== "pods") return;
      for (const range of rangesOf(request)) applyLimitDefaults(range, request.object as unknown as Draft<Pod>, order);
    },
    validate(request) {
      for (const range of rangesOf(request)) {
        const object: unknown = request.object;
        const faults =
          request.attributes.resource === "pods"
            ? podLimitFaults(range, object as Pod)
            : claimLimitFaults(range, object as PersistentVolumeClaim);
        if (faults.length > 0) throw refuse(request, joinErrors(faults));
      }
    },
  };
}
