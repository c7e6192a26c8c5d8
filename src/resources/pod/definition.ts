import { pods } from "../../api/resources.ts";
import { defineResource } from "../definition.ts";
import { defaultPod } from "./default-pod.ts";
import { podDeletionGrace, preparePodForCreate, preparePodForStatusUpdate, preparePodForUpdate } from "./strategy.ts";
import { podTable } from "./table.ts";

/** A group of containers on one node. */
export const podDefinition = defineResource({
  resource: pods,
  applyDefaults: defaultPod,
  prepareForCreate: preparePodForCreate,
  prepareForUpdate: preparePodForUpdate,
  prepareForStatusUpdate: preparePodForStatusUpdate,
  gracefulDelete: podDeletionGrace,
  selectableFields: {
    "spec.nodeName": (pod) => pod.spec.nodeName ?? "",
    "spec.restartPolicy": (pod) => pod.spec.restartPolicy ?? "",
    "spec.schedulerName": (pod) => pod.spec.schedulerName ?? "",
    "spec.serviceAccountName": (pod) => pod.spec.serviceAccountName ?? "",
    "spec.hostNetwork": (pod) => String(pod.spec.hostNetwork ?? false),
    "status.phase": (pod) => pod.status.phase ?? "",
    "status.podIP": (pod) => pod.status.podIPs?.[0]?.ip ?? "",
    "status.podIPs": () => "",
    "status.nominatedNodeName": (pod) => pod.status.nominatedNodeName ?? "",
    "spec.host": (pod) => pod.spec.nodeName ?? "",
  },
  table: podTable,
});
