import { groupResourceName } from "../../api/resource.ts";
import type { ServedResource } from "../resource-table.ts";

/** Kinds whose deletion answers with the object instead of a Status. Source: kube-apiserver v1.36, observed. */
const returnDeletedObject: ReadonlySet<string> = new Set([
  "csidrivers.storage.k8s.io",
  "csinodes.storage.k8s.io",
  "deviceclasses.resource.k8s.io",
  "namespaces",
  "persistentvolumeclaims",
  "persistentvolumes",
  "pods",
  "podtemplates",
  "resourceclaims.resource.k8s.io",
  "resourceclaimtemplates.resource.k8s.io",
  "resourcequotas",
  "resourceslices.resource.k8s.io",
  "serviceaccounts",
  "services",
  "storageclasses.storage.k8s.io",
  "volumeattachments.storage.k8s.io",
  "volumeattributesclasses.storage.k8s.io",
]);

/** Kinds whose updates must name a version. Source: kube-apiserver v1.36, observed. */
const requireVersion: ReadonlySet<string> = new Set([
  "csidrivers.storage.k8s.io",
  "csinodes.storage.k8s.io",
  "csistoragecapacities.storage.k8s.io",
  "leases.coordination.k8s.io",
  "mutatingadmissionpolicies.admissionregistration.k8s.io",
  "mutatingadmissionpolicybindings.admissionregistration.k8s.io",
  "mutatingwebhookconfigurations.admissionregistration.k8s.io",
  "poddisruptionbudgets.policy",
  "runtimeclasses.node.k8s.io",
  "validatingadmissionpolicies.admissionregistration.k8s.io",
  "validatingadmissionpolicybindings.admissionregistration.k8s.io",
  "validatingwebhookconfigurations.admissionregistration.k8s.io",
  "volumeattachments.storage.k8s.io",
  "apiservices.apiregistration.k8s.io",
  "customresourcedefinitions.apiextensions.k8s.io",
]);

/** Kinds that a PUT may create. Source: kube-apiserver v1.36, observed. */
const createOnUpdate: ReadonlySet<string> = new Set([
  "clusterrolebindings.rbac.authorization.k8s.io",
  "clusterroles.rbac.authorization.k8s.io",
  "endpoints",
  "events",
  "leases.coordination.k8s.io",
  "limitranges",
  "rolebindings.rbac.authorization.k8s.io",
  "roles.rbac.authorization.k8s.io",
  "runtimeclasses.node.k8s.io",
  "services",
]);

/** Kinds that the garbage collector leaves alone, so that no finalizer of its may be set. */
const notCollected: ReadonlySet<string> = new Set(["events"]);

export function returnsDeletedObject(served: ServedResource): boolean {
  return returnDeletedObject.has(nameOf(served));
}

export function requiresVersionOnUpdate(served: ServedResource): boolean {
  return served.storedAs.definition.requiresVersionOnUpdate ?? requireVersion.has(nameOf(served));
}

export function allowsCreateOnUpdate(served: ServedResource): boolean {
  return served.storedAs.definition.allowCreateOnUpdate ?? createOnUpdate.has(nameOf(served));
}

/** Whether deleting may leave finalizers for the garbage collector. */
export function isGarbageCollected(served: ServedResource): boolean {
  return !notCollected.has(nameOf(served));
}

/** Kinds whose changes are counted in `metadata.generation`. Source: kube-apiserver v1.36, observed. */
const withGeneration: ReadonlySet<string> = new Set([
  "cronjobs.batch",
  "customresourcedefinitions.apiextensions.k8s.io",
  "daemonsets.apps",
  "deployments.apps",
  "deviceclasses.resource.k8s.io",
  "endpointslices.discovery.k8s.io",
  "flowschemas.flowcontrol.apiserver.k8s.io",
  "ingressclasses.networking.k8s.io",
  "ingresses.networking.k8s.io",
  "jobs.batch",
  "mutatingadmissionpolicies.admissionregistration.k8s.io",
  "mutatingadmissionpolicybindings.admissionregistration.k8s.io",
  "mutatingwebhookconfigurations.admissionregistration.k8s.io",
  "networkpolicies.networking.k8s.io",
  "poddisruptionbudgets.policy",
  "pods",
  "podtemplates",
  "priorityclasses.scheduling.k8s.io",
  "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
  "replicasets.apps",
  "replicationcontrollers",
  "resourceslices.resource.k8s.io",
  "statefulsets.apps",
  "validatingadmissionpolicies.admissionregistration.k8s.io",
  "validatingadmissionpolicybindings.admissionregistration.k8s.io",
  "validatingwebhookconfigurations.admissionregistration.k8s.io",
]);

/** Whether `metadata.generation` counts changes of the object. */
export function countsGeneration(served: ServedResource): boolean {
  return served.storedAs.definition.countsGeneration ?? withGeneration.has(nameOf(served));
}

export function hasStatusSubresource(served: ServedResource): boolean {
  return served.row.subresources?.some((subresource) => subresource.name === "status") ?? false;
}

function nameOf(served: ServedResource): string {
  return groupResourceName(served.storedAs.resource);
}
