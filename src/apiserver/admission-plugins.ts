import { resourceQuotas } from "../api/resources.ts";
import type { SchemaRegistry } from "../api/schema.ts";
import type { Clock } from "../base/clock.ts";
import type { Random } from "../base/random.ts";
import type { Client } from "../client/client.ts";
import { createCertificateSignatureCheck } from "./admission/certificate-signature.ts";
import {
  createCertificateApproval,
  createCertificateSigning,
  createCertificateSubjectRestriction,
} from "./admission/certificates.ts";
import { createDefaultIngressClass, createDefaultStorageClass } from "./admission/default-classes.ts";
import { createDefaultTolerationSeconds } from "./admission/default-toleration-seconds.ts";
import { createFieldOrder } from "./admission/field-order.ts";
import { createLimitRanger } from "./admission/limit-ranger.ts";
import { createNamespaceLifecycle } from "./admission/namespace-lifecycle.ts";
import { createNodeRestriction } from "./admission/node-restriction.ts";
import { createPodResizeValidator } from "./admission/pod-resize.ts";
import { createPodSecurity } from "./admission/pod-security.ts";
import { createPodTopologyLabels } from "./admission/pod-topology-labels.ts";
import { createPriority } from "./admission/priority.ts";
import { createResourceQuotaAdmission } from "./admission/resource-quota.ts";
import { createRoleEscalationCheck } from "./admission/role-escalation.ts";
import { createRuntimeClassAdmission } from "./admission/runtime-class.ts";
import { createServiceAccountAdmission } from "./admission/service-account.ts";
import {
  createPersistentVolumeClaimResize,
  createStorageObjectInUseProtection,
} from "./admission/storage-protection.ts";
import { createTaintNodesByCondition } from "./admission/taint-nodes.ts";
import type { AdmissionPlugin } from "./admission.ts";
import type { Authorizer } from "./authorization.ts";
import type { LiveObjects } from "./live-objects.ts";
import type { RbacAuthorizer } from "./rbac-authorizer.ts";

/** What admission plugins look at. */
export interface AdmissionContext {
  readonly objects: LiveObjects;
  readonly authorizer: Authorizer;
  readonly rbac: RbacAuthorizer;
  readonly schemas: SchemaRegistry;
  readonly clock: Clock;
  readonly random: Random;
  /** A client that speaks as the server itself; it works as soon as the server has started. */
  client(): Client;
}

/**
 * Every built-in admission plugin, in upstream's order: all of them change objects in this order, then all of them
 * check in this order. NodeRestriction, which upstream leaves to whoever sets a cluster up, is among them.
 */
export function createAdmissionPlugins(context: AdmissionContext): readonly AdmissionPlugin[] {
  const { objects, authorizer, rbac, clock, random, client } = context;
  const order = createFieldOrder(context.schemas);
  return [
    createNamespaceLifecycle(objects),
    createLimitRanger(objects, order),
    createServiceAccountAdmission({ objects, order, clock, random }),
    createNodeRestriction(objects, authorizer),
    createTaintNodesByCondition(order),
    createPodSecurity(objects),
    createPriority(objects, order),
    createDefaultTolerationSeconds(order),
    createDefaultStorageClass(objects, order),
    createStorageObjectInUseProtection(order),
    createPersistentVolumeClaimResize(objects),
    createRuntimeClassAdmission(objects, order),
    createCertificateApproval(authorizer),
    createCertificateSigning(authorizer),
    createCertificateSubjectRestriction(),
    createDefaultIngressClass(objects, order),
    createPodTopologyLabels(objects, order),
    createPodResizeValidator(objects),
    createCertificateSignatureCheck(),
    createRoleEscalationCheck(objects, authorizer, rbac),
    createResourceQuotaAdmission(objects, clock, (quota) =>
      client().update(resourceQuotas, quota, { subresource: "status" }),
    ),
  ];
}
