import { pods } from "../../api/resources.ts";
import { defineResource } from "../definition.ts";
import { defaultPod } from "./default-pod.ts";
import {
  podDeletionGrace,
  preparePodForCreate,
  preparePodForEphemeralContainers,
  preparePodForResize,
  preparePodForStatusUpdate,
  preparePodForUpdate,
} from "./strategy.ts";
import { podTable } from "./table.ts";
import { validatePod } from "./validation/pod.ts";
import { validatePodResize } from "./validation/pod-resize.ts";
import { validatePodStatusUpdate } from "./validation/pod-status-update.ts";
import { validateEphemeralContainersUpdate, validatePodUpdate } from "./validation/pod-update.ts";
import { warnOfPod } from "./warnings/pod-warnings.ts";

/** A group of containers on one node. */
export const podDefinition = defineResource({
  resource: pods,
  applyDefaults: defaultPod,
  prepareForCreate: preparePodForCreate,
  prepareForUpdate: preparePodForUpdate,
  prepareForStatusUpdate: preparePodForStatusUpdate,
  subresourceUpdates: {
    ephemeralcontainers: {
      prepare: preparePodForEphemeralContainers,
      validate: validateEphemeralContainersUpdate,
    },
    resize: { prepare: preparePodForResize, validate: validatePodResize },
  },
  validate: validatePod,
  validateUpdate: validatePodUpdate,
  validatesWholeUpdate: true,
  validateStatusUpdate: validatePodStatusUpdate,
  warnings: warnOfPod,
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
