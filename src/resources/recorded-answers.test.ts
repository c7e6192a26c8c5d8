import { describe, expect, it } from "vitest";
import { answerOf, expectedAnswer, type ResourceCase } from "../testing/resource-cases.ts";
import certificateSigningRequestCases from "./certificate-signing-request/data/certificate-signing-request-cases.json" with {
  type: "json",
};
import { certificateSigningRequestDefinition } from "./certificate-signing-request/definition.ts";
import configMapCases from "./config-map/data/config-map-cases.json" with { type: "json" };
import { configMapDefinition } from "./config-map/definition.ts";
import controllerRevisionCases from "./controller-revision/data/controller-revision-cases.json" with { type: "json" };
import { controllerRevisionDefinition } from "./controller-revision/definition.ts";
import cronJobCases from "./cron-job/data/cron-job-cases.json" with { type: "json" };
import { cronJobDefinition } from "./cron-job/definition.ts";
import daemonSetCases from "./daemon-set/data/daemon-set-cases.json" with { type: "json" };
import { daemonSetDefinition } from "./daemon-set/definition.ts";
import type { AnyResourceDefinition } from "./definition.ts";
import deploymentCases from "./deployment/data/deployment-cases.json" with { type: "json" };
import { deploymentDefinition } from "./deployment/definition.ts";
import endpointSliceCases from "./endpoint-slice/data/endpoint-slice-cases.json" with { type: "json" };
import { endpointSliceDefinition } from "./endpoint-slice/definition.ts";
import endpointsCases from "./endpoints/data/endpoints-cases.json" with { type: "json" };
import { endpointsDefinition } from "./endpoints/definition.ts";
import eventCases from "./event/data/event-cases.json" with { type: "json" };
import { eventDefinition } from "./event/definition.ts";
import horizontalPodAutoscalerCases from "./horizontal-pod-autoscaler/data/horizontal-pod-autoscaler-cases.json" with {
  type: "json",
};
import { horizontalPodAutoscalerDefinition } from "./horizontal-pod-autoscaler/definition.ts";
import ingressCases from "./ingress/data/ingress-cases.json" with { type: "json" };
import { ingressDefinition } from "./ingress/definition.ts";
import ingressClassCases from "./ingress-class/data/ingress-class-cases.json" with { type: "json" };
import { ingressClassDefinition } from "./ingress-class/definition.ts";
import ipAddressCases from "./ip-address/data/ip-address-cases.json" with { type: "json" };
import { ipAddressDefinition } from "./ip-address/definition.ts";
import jobCases from "./job/data/job-cases.json" with { type: "json" };
import { jobDefinition } from "./job/definition.ts";
import leaseCases from "./lease/data/lease-cases.json" with { type: "json" };
import { leaseDefinition } from "./lease/definition.ts";
import limitRangeCases from "./limit-range/data/limit-range-cases.json" with { type: "json" };
import { limitRangeDefinition } from "./limit-range/definition.ts";
import namespaceCases from "./namespace/data/namespace-cases.json" with { type: "json" };
import { namespaceDefinition } from "./namespace/definition.ts";
import networkPolicyCases from "./network-policy/data/network-policy-cases.json" with { type: "json" };
import { networkPolicyDefinition } from "./network-policy/definition.ts";
import nodeCases from "./node/data/node-cases.json" with { type: "json" };
import { nodeDefinition } from "./node/definition.ts";
import persistentVolumeCases from "./persistent-volume/data/persistent-volume-cases.json" with { type: "json" };
import { persistentVolumeDefinition } from "./persistent-volume/definition.ts";
import persistentVolumeClaimCases from "./persistent-volume-claim/data/persistent-volume-claim-cases.json" with {
  type: "json",
};
import { persistentVolumeClaimDefinition } from "./persistent-volume-claim/definition.ts";
import createPodCases from "./pod/data/create-cases.json" with { type: "json" };
import updatePodCases from "./pod/data/update-cases.json" with { type: "json" };
import { podDefinition } from "./pod/definition.ts";
import podDisruptionBudgetCases from "./pod-disruption-budget/data/pod-disruption-budget-cases.json" with {
  type: "json",
};
import { podDisruptionBudgetDefinition } from "./pod-disruption-budget/definition.ts";
import podTemplateCases from "./pod-template/data/pod-template-cases.json" with { type: "json" };
import { podTemplateDefinition } from "./pod-template/definition.ts";
import priorityClassCases from "./priority-class/data/priority-class-cases.json" with { type: "json" };
import { priorityClassDefinition } from "./priority-class/definition.ts";
import replicaSetCases from "./replica-set/data/replica-set-cases.json" with { type: "json" };
import { replicaSetDefinition } from "./replica-set/definition.ts";
import replicationControllerCases from "./replication-controller/data/replication-controller-cases.json" with {
  type: "json",
};
import { replicationControllerDefinition } from "./replication-controller/definition.ts";
import resourceQuotaCases from "./resource-quota/data/resource-quota-cases.json" with { type: "json" };
import { resourceQuotaDefinition } from "./resource-quota/definition.ts";
import runtimeClassCases from "./runtime-class/data/runtime-class-cases.json" with { type: "json" };
import { runtimeClassDefinition } from "./runtime-class/definition.ts";
import secretCases from "./secret/data/secret-cases.json" with { type: "json" };
import { secretDefinition } from "./secret/definition.ts";
import serviceCases from "./service/data/service-cases.json" with { type: "json" };
import { serviceDefinition } from "./service/definition.ts";
import serviceAccountCases from "./service-account/data/service-account-cases.json" with { type: "json" };
import { serviceAccountDefinition } from "./service-account/definition.ts";
import serviceCidrCases from "./service-cidr/data/service-cidr-cases.json" with { type: "json" };
import { serviceCidrDefinition } from "./service-cidr/definition.ts";
import statefulSetCases from "./stateful-set/data/stateful-set-cases.json" with { type: "json" };
import { statefulSetDefinition } from "./stateful-set/definition.ts";
import storageClassCases from "./storage-class/data/storage-class-cases.json" with { type: "json" };
import { storageClassDefinition } from "./storage-class/definition.ts";

/** Writes recorded with the answers of an API server of level v1.36, per kind. */
const recordings: readonly (readonly [AnyResourceDefinition, readonly ResourceCase[]])[] = [
  [configMapDefinition, configMapCases],
  [certificateSigningRequestDefinition, certificateSigningRequestCases],
  [resourceQuotaDefinition, resourceQuotaCases],
  [limitRangeDefinition, limitRangeCases],
  [priorityClassDefinition, priorityClassCases],
  [endpointsDefinition, endpointsCases],
  [endpointSliceDefinition, endpointSliceCases],
  [eventDefinition, eventCases],
  [leaseDefinition, leaseCases],
  [namespaceDefinition, namespaceCases],
  [nodeDefinition, nodeCases],
  [podDefinition, createPodCases],
  [podDefinition, updatePodCases],
  [secretDefinition, secretCases],
  [serviceDefinition, serviceCases],
  [serviceAccountDefinition, serviceAccountCases],
  [deploymentDefinition, deploymentCases],
  [replicaSetDefinition, replicaSetCases],
  [daemonSetDefinition, daemonSetCases],
  [jobDefinition, jobCases],
  [replicationControllerDefinition, replicationControllerCases],
  [statefulSetDefinition, statefulSetCases],
  [podTemplateDefinition, podTemplateCases],
  [controllerRevisionDefinition, controllerRevisionCases],
  [cronJobDefinition, cronJobCases],
  [persistentVolumeDefinition, persistentVolumeCases],
  [persistentVolumeClaimDefinition, persistentVolumeClaimCases],
  [storageClassDefinition, storageClassCases],
  [ingressDefinition, ingressCases],
  [ingressClassDefinition, ingressClassCases],
  [networkPolicyDefinition, networkPolicyCases],
  [podDisruptionBudgetDefinition, podDisruptionBudgetCases],
  [runtimeClassDefinition, runtimeClassCases],
  [serviceCidrDefinition, serviceCidrCases],
  [ipAddressDefinition, ipAddressCases],
  [horizontalPodAutoscalerDefinition, horizontalPodAutoscalerCases],
];

describe.each(recordings)("$resource.kind", (definition, cases) => {
  it.each(cases)("answers as upstream does: $name", (write) => {
    expect(answerOf(definition, write)).toEqual(expectedAnswer(write));
  });
});
