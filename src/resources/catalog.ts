import type { ApiObject } from "../api/metadata.ts";
import { groupResourceName, type Resource } from "../api/resource.ts";
import { apiServiceDefinition } from "./api-service/definition.ts";
import { certificateSigningRequestDefinition } from "./certificate-signing-request/definition.ts";
import { clusterRoleDefinition } from "./cluster-role/definition.ts";
import { clusterRoleBindingDefinition } from "./cluster-role-binding/definition.ts";
import { componentStatusDefinition } from "./component-status/definition.ts";
import { configMapDefinition } from "./config-map/definition.ts";
import { controllerRevisionDefinition } from "./controller-revision/definition.ts";
import { cronJobDefinition } from "./cron-job/definition.ts";
import { csiDriverDefinition } from "./csi-driver/definition.ts";
import { csiNodeDefinition } from "./csi-node/definition.ts";
import { csiStorageCapacityDefinition } from "./csi-storage-capacity/definition.ts";
import { customResourceDefinitionDefinition } from "./custom-resource-definition/definition.ts";
import { daemonSetDefinition } from "./daemon-set/definition.ts";
import { type AnyResourceDefinition, defineResource, type ResourceDefinition } from "./definition.ts";
import { deploymentDefinition } from "./deployment/definition.ts";
import { deviceClassDefinition } from "./device-class/definition.ts";
import { endpointSliceDefinition } from "./endpoint-slice/definition.ts";
import { endpointsDefinition } from "./endpoints/definition.ts";
import { eventDefinition } from "./event/definition.ts";
import { eventV1Definition } from "./event/events-v1-definition.ts";
import { flowSchemaDefinition } from "./flow-schema/definition.ts";
import { horizontalPodAutoscalerDefinition } from "./horizontal-pod-autoscaler/definition.ts";
import { horizontalPodAutoscalerV1Definition } from "./horizontal-pod-autoscaler/v1-definition.ts";
import { ingressDefinition } from "./ingress/definition.ts";
import { ingressClassDefinition } from "./ingress-class/definition.ts";
import { ipAddressDefinition } from "./ip-address/definition.ts";
import { jobDefinition } from "./job/definition.ts";
import { leaseDefinition } from "./lease/definition.ts";
import { limitRangeDefinition } from "./limit-range/definition.ts";
import { mutatingAdmissionPolicyDefinition } from "./mutating-admission-policy/definition.ts";
import { mutatingAdmissionPolicyBindingDefinition } from "./mutating-admission-policy-binding/definition.ts";
import { mutatingWebhookConfigurationDefinition } from "./mutating-webhook-configuration/definition.ts";
import { namespaceDefinition } from "./namespace/definition.ts";
import { networkPolicyDefinition } from "./network-policy/definition.ts";
import { nodeDefinition } from "./node/definition.ts";
import { persistentVolumeDefinition } from "./persistent-volume/definition.ts";
import { persistentVolumeClaimDefinition } from "./persistent-volume-claim/definition.ts";
import { podDefinition } from "./pod/definition.ts";
import { podDisruptionBudgetDefinition } from "./pod-disruption-budget/definition.ts";
import { podTemplateDefinition } from "./pod-template/definition.ts";
import { priorityClassDefinition } from "./priority-class/definition.ts";
import { priorityLevelConfigurationDefinition } from "./priority-level-configuration/definition.ts";
import { replicaSetDefinition } from "./replica-set/definition.ts";
import { replicationControllerDefinition } from "./replication-controller/definition.ts";
import { resourceClaimDefinition } from "./resource-claim/definition.ts";
import { resourceClaimTemplateDefinition } from "./resource-claim-template/definition.ts";
import { resourceQuotaDefinition } from "./resource-quota/definition.ts";
import { resourceSliceDefinition } from "./resource-slice/definition.ts";
import { roleDefinition } from "./role/definition.ts";
import { roleBindingDefinition } from "./role-binding/definition.ts";
import { runtimeClassDefinition } from "./runtime-class/definition.ts";
import { secretDefinition } from "./secret/definition.ts";
import { serviceDefinition } from "./service/definition.ts";
import { serviceAccountDefinition } from "./service-account/definition.ts";
import { serviceCidrDefinition } from "./service-cidr/definition.ts";
import { statefulSetDefinition } from "./stateful-set/definition.ts";
import { storageClassDefinition } from "./storage-class/definition.ts";
import { validatingAdmissionPolicyDefinition } from "./validating-admission-policy/definition.ts";
import { validatingAdmissionPolicyBindingDefinition } from "./validating-admission-policy-binding/definition.ts";
import { validatingWebhookConfigurationDefinition } from "./validating-webhook-configuration/definition.ts";
import { volumeAttachmentDefinition } from "./volume-attachment/definition.ts";
import { volumeAttributesClassDefinition } from "./volume-attributes-class/definition.ts";

/** Kinds with rules of their own. Every other kind is served by the schema tables alone. */
export const definitions: readonly AnyResourceDefinition[] = [
  certificateSigningRequestDefinition,
  resourceQuotaDefinition,
  limitRangeDefinition,
  priorityClassDefinition,
  roleBindingDefinition,
  roleDefinition,
  clusterRoleBindingDefinition,
  clusterRoleDefinition,
  configMapDefinition,
  endpointsDefinition,
  endpointSliceDefinition,
  eventDefinition,
  eventV1Definition,
  horizontalPodAutoscalerV1Definition,
  leaseDefinition,
  namespaceDefinition,
  nodeDefinition,
  podDefinition,
  secretDefinition,
  serviceAccountDefinition,
  serviceDefinition,
  daemonSetDefinition,
  deploymentDefinition,
  replicaSetDefinition,
  jobDefinition,
  replicationControllerDefinition,
  statefulSetDefinition,
  podTemplateDefinition,
  controllerRevisionDefinition,
  cronJobDefinition,
  persistentVolumeDefinition,
  persistentVolumeClaimDefinition,
  storageClassDefinition,
  ingressDefinition,
  ingressClassDefinition,
  networkPolicyDefinition,
  podDisruptionBudgetDefinition,
  runtimeClassDefinition,
  serviceCidrDefinition,
  ipAddressDefinition,
  horizontalPodAutoscalerDefinition,
  validatingWebhookConfigurationDefinition,
  mutatingWebhookConfigurationDefinition,
  validatingAdmissionPolicyDefinition,
  validatingAdmissionPolicyBindingDefinition,
  mutatingAdmissionPolicyDefinition,
  mutatingAdmissionPolicyBindingDefinition,
  componentStatusDefinition,
  flowSchemaDefinition,
  priorityLevelConfigurationDefinition,
  resourceClaimDefinition,
  resourceClaimTemplateDefinition,
  deviceClassDefinition,
  resourceSliceDefinition,
  volumeAttachmentDefinition,
  csiDriverDefinition,
  csiNodeDefinition,
  csiStorageCapacityDefinition,
  volumeAttributesClassDefinition,
  apiServiceDefinition,
  customResourceDefinitionDefinition,
];

const byName: ReadonlyMap<string, AnyResourceDefinition> = new Map(
  definitions.map((definition) => [keyOf(definition.resource), definition]),
);

/** What is known of a kind: its own definition, or one that leaves everything to the schema tables. */
export function definitionOf<T extends ApiObject>(resource: Resource<T>): ResourceDefinition<T> {
  const known = byName.get(keyOf(resource)) as ResourceDefinition<T> | undefined;
  return known ?? defineResource({ resource });
}

function keyOf(resource: Pick<Resource, "group" | "version" | "plural">): string {
  return `${groupResourceName(resource)}/${resource.version}`;
}
