// Generated from src/api/schema/v1.36 by scripts/generate-api.ts: change the tables, not this file.
import type { GroupVersionTable, KindsTable } from "./table-format.ts";
import admissionV1 from "./v1.36/admission.v1.json" with { type: "json" };
import admissionV1beta1 from "./v1.36/admission.v1beta1.json" with { type: "json" };
import admissionregistrationV1 from "./v1.36/admissionregistration.v1.json" with { type: "json" };
import admissionregistrationV1alpha1 from "./v1.36/admissionregistration.v1alpha1.json" with { type: "json" };
import admissionregistrationV1beta1 from "./v1.36/admissionregistration.v1beta1.json" with { type: "json" };
import apidiscoveryV2 from "./v1.36/apidiscovery.v2.json" with { type: "json" };
import apiextensionsV1 from "./v1.36/apiextensions.v1.json" with { type: "json" };
import apiregistrationV1 from "./v1.36/apiregistration.v1.json" with { type: "json" };
import apiserverinternalV1alpha1 from "./v1.36/apiserverinternal.v1alpha1.json" with { type: "json" };
import appsV1 from "./v1.36/apps.v1.json" with { type: "json" };
import authenticationV1 from "./v1.36/authentication.v1.json" with { type: "json" };
import authorizationV1 from "./v1.36/authorization.v1.json" with { type: "json" };
import autoscalingV1 from "./v1.36/autoscaling.v1.json" with { type: "json" };
import autoscalingV2 from "./v1.36/autoscaling.v2.json" with { type: "json" };
import batchV1 from "./v1.36/batch.v1.json" with { type: "json" };
import certificatesV1 from "./v1.36/certificates.v1.json" with { type: "json" };
import certificatesV1alpha1 from "./v1.36/certificates.v1alpha1.json" with { type: "json" };
import certificatesV1beta1 from "./v1.36/certificates.v1beta1.json" with { type: "json" };
import coordinationV1 from "./v1.36/coordination.v1.json" with { type: "json" };
import coordinationV1alpha2 from "./v1.36/coordination.v1alpha2.json" with { type: "json" };
import coordinationV1beta1 from "./v1.36/coordination.v1beta1.json" with { type: "json" };
import coreV1 from "./v1.36/core.v1.json" with { type: "json" };
import customMetricsV1beta1 from "./v1.36/custom_metrics.v1beta1.json" with { type: "json" };
import customMetricsV1beta2 from "./v1.36/custom_metrics.v1beta2.json" with { type: "json" };
import discoveryV1 from "./v1.36/discovery.v1.json" with { type: "json" };
import eventsV1 from "./v1.36/events.v1.json" with { type: "json" };
import externalMetricsV1beta1 from "./v1.36/external_metrics.v1beta1.json" with { type: "json" };
import flowcontrolV1 from "./v1.36/flowcontrol.v1.json" with { type: "json" };
import imagepolicyV1alpha1 from "./v1.36/imagepolicy.v1alpha1.json" with { type: "json" };
import metaV1 from "./v1.36/meta.v1.json" with { type: "json" };
import metaV1beta1 from "./v1.36/meta.v1beta1.json" with { type: "json" };
import metricsV1beta1 from "./v1.36/metrics.v1beta1.json" with { type: "json" };
import networkingV1 from "./v1.36/networking.v1.json" with { type: "json" };
import networkingV1beta1 from "./v1.36/networking.v1beta1.json" with { type: "json" };
import nodeV1 from "./v1.36/node.v1.json" with { type: "json" };
import policyV1 from "./v1.36/policy.v1.json" with { type: "json" };
import rbacV1 from "./v1.36/rbac.v1.json" with { type: "json" };
import resourceV1 from "./v1.36/resource.v1.json" with { type: "json" };
import resourceV1alpha3 from "./v1.36/resource.v1alpha3.json" with { type: "json" };
import resourceV1beta1 from "./v1.36/resource.v1beta1.json" with { type: "json" };
import resourceV1beta2 from "./v1.36/resource.v1beta2.json" with { type: "json" };
import schedulingV1 from "./v1.36/scheduling.v1.json" with { type: "json" };
import schedulingV1alpha2 from "./v1.36/scheduling.v1alpha2.json" with { type: "json" };
import storageV1 from "./v1.36/storage.v1.json" with { type: "json" };
import storageV1beta1 from "./v1.36/storage.v1beta1.json" with { type: "json" };
import storagemigrationV1beta1 from "./v1.36/storagemigration.v1beta1.json" with { type: "json" };
import kinds from "./v1.36/kinds.json" with { type: "json" };

/** Every group-version table by its `file` key. */
export const groupVersionTables: Readonly<Record<string, GroupVersionTable>> = {
  "admission.v1": admissionV1 as unknown as GroupVersionTable,
  "admission.v1beta1": admissionV1beta1 as unknown as GroupVersionTable,
  "admissionregistration.v1": admissionregistrationV1 as unknown as GroupVersionTable,
  "admissionregistration.v1alpha1": admissionregistrationV1alpha1 as unknown as GroupVersionTable,
  "admissionregistration.v1beta1": admissionregistrationV1beta1 as unknown as GroupVersionTable,
  "apidiscovery.v2": apidiscoveryV2 as unknown as GroupVersionTable,
  "apiextensions.v1": apiextensionsV1 as unknown as GroupVersionTable,
  "apiregistration.v1": apiregistrationV1 as unknown as GroupVersionTable,
  "apiserverinternal.v1alpha1": apiserverinternalV1alpha1 as unknown as GroupVersionTable,
  "apps.v1": appsV1 as unknown as GroupVersionTable,
  "authentication.v1": authenticationV1 as unknown as GroupVersionTable,
  "authorization.v1": authorizationV1 as unknown as GroupVersionTable,
  "autoscaling.v1": autoscalingV1 as unknown as GroupVersionTable,
  "autoscaling.v2": autoscalingV2 as unknown as GroupVersionTable,
  "batch.v1": batchV1 as unknown as GroupVersionTable,
  "certificates.v1": certificatesV1 as unknown as GroupVersionTable,
  "certificates.v1alpha1": certificatesV1alpha1 as unknown as GroupVersionTable,
  "certificates.v1beta1": certificatesV1beta1 as unknown as GroupVersionTable,
  "coordination.v1": coordinationV1 as unknown as GroupVersionTable,
  "coordination.v1alpha2": coordinationV1alpha2 as unknown as GroupVersionTable,
  "coordination.v1beta1": coordinationV1beta1 as unknown as GroupVersionTable,
  "core.v1": coreV1 as unknown as GroupVersionTable,
  "custom_metrics.v1beta1": customMetricsV1beta1 as unknown as GroupVersionTable,
  "custom_metrics.v1beta2": customMetricsV1beta2 as unknown as GroupVersionTable,
  "discovery.v1": discoveryV1 as unknown as GroupVersionTable,
  "events.v1": eventsV1 as unknown as GroupVersionTable,
  "external_metrics.v1beta1": externalMetricsV1beta1 as unknown as GroupVersionTable,
  "flowcontrol.v1": flowcontrolV1 as unknown as GroupVersionTable,
  "imagepolicy.v1alpha1": imagepolicyV1alpha1 as unknown as GroupVersionTable,
  "meta.v1": metaV1 as unknown as GroupVersionTable,
  "meta.v1beta1": metaV1beta1 as unknown as GroupVersionTable,
  "metrics.v1beta1": metricsV1beta1 as unknown as GroupVersionTable,
  "networking.v1": networkingV1 as unknown as GroupVersionTable,
  "networking.v1beta1": networkingV1beta1 as unknown as GroupVersionTable,
  "node.v1": nodeV1 as unknown as GroupVersionTable,
  "policy.v1": policyV1 as unknown as GroupVersionTable,
  "rbac.v1": rbacV1 as unknown as GroupVersionTable,
  "resource.v1": resourceV1 as unknown as GroupVersionTable,
  "resource.v1alpha3": resourceV1alpha3 as unknown as GroupVersionTable,
  "resource.v1beta1": resourceV1beta1 as unknown as GroupVersionTable,
  "resource.v1beta2": resourceV1beta2 as unknown as GroupVersionTable,
  "scheduling.v1": schedulingV1 as unknown as GroupVersionTable,
  "scheduling.v1alpha2": schedulingV1alpha2 as unknown as GroupVersionTable,
  "storage.v1": storageV1 as unknown as GroupVersionTable,
  "storage.v1beta1": storageV1beta1 as unknown as GroupVersionTable,
  "storagemigration.v1beta1": storagemigrationV1beta1 as unknown as GroupVersionTable,
};

/** Group-versions, kinds and resources. */
export const kindsTable: KindsTable = kinds as unknown as KindsTable;
