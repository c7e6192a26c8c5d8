import type { Draft } from "../../api/draft.ts";
import type { CertificateSigningRequest } from "../../api/types/certificates-v1.ts";
import type { Lease } from "../../api/types/coordination-v1.ts";
import type { Node, PersistentVolumeClaim } from "../../api/types/core-v1.ts";
import type { ResourceSlice } from "../../api/types/resource-v1.ts";
import { readCertificateRequest } from "../../resources/certificate-request.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { nodeNameOf } from "../authorization/node-identity.ts";
import type { Authorizer } from "../authorization.ts";
import type { LiveObjects } from "../live-objects.ts";
import { forbiddenNodeLabels } from "./node-labels.ts";
import { createNodePodRules } from "./node-pods.ts";
import { createNodeTokenRules } from "./node-tokens.ts";
import { refuse } from "./refusal.ts";
import { sameJson } from "./same-json.ts";

const leaseNamespace = "kube-node-lease";

/** Checks one request of the agent of `node`. @throws {StatusError} to refuse */
export type NodeRule = (request: AdmissionRequest, node: string) => void;

/**
 * Keeps node agents to what concerns their own node, beyond what authorisation can see: contents of objects.
 * Source: Kubernetes documentation, "Admission Control", NodeRestriction; words of kube-apiserver v1.36.
 */
export function createNodeRestriction(objects: LiveObjects, authorizer: Authorizer): AdmissionPlugin {
  const rules: Readonly<Record<string, NodeRule>> = {
    "/pods": createNodePodRules(objects),
    "/nodes": checkNode,
    "/persistentvolumeclaims": checkClaim,
    "/serviceaccounts": createNodeTokenRules(objects, authorizer),
    "coordination.k8s.io/leases": checkLease,
    "storage.k8s.io/csinodes": checkCsiNode,
    "resource.k8s.io/resourceslices": checkSlice,
    "certificates.k8s.io/certificatesigningrequests": checkCertificateRequest,
  };
  return {
    name: "NodeRestriction",
    handles: (attributes, operation) => operation !== "connect" && nodeNameOf(attributes.user) !== undefined,
    admit(request) {
      const { user, group, resource } = request.attributes;
      const node = nodeNameOf(user);
      if (node === undefined) return;
      if (node === "") throw refuse(request, `could not determine node from user "${user.username}"`);
      rules[`${group}/${resource}`]?.(request, node);
    },
  };
}

function checkNode(request: AdmissionRequest, node: string): void {
  const { name } = request.attributes;
  if (name !== node) throw refuse(request, `node "${node}" is not allowed to modify node "${name}"`);
  const draft = request.object as unknown as Draft<Node> | undefined;
  const old = request.oldObject as unknown as Node | undefined;
  if (draft === undefined) return;
  const forbidden = forbiddenNodeLabels(draft.metadata.labels ?? {}, old?.metadata.labels ?? {});
  if (request.operation === "create") {
    if (draft.spec.configSource !== undefined)
      throw refuse(request, `node "${node}" is not allowed to create pods with a non-nil configSource`);
    if (forbidden.length > 0)
      throw refuse(request, `node "${node}" is not allowed to set the following labels: ${forbidden.join(", ")}`);
    return;
  }
  if (draft.spec.configSource !== undefined && !sameJson(draft.spec.configSource, old?.spec.configSource))
    throw refuse(request, `node "${node}" is not allowed to update configSource to a new non-nil configSource`);
  if (!sameJson(draft.spec.taints ?? [], old?.spec.taints ?? []))
    throw refuse(request, `node "${node}" is not allowed to modify taints`);
  if (!sameJson(draft.metadata.ownerReferences ?? [], old?.metadata.ownerReferences ?? []))
    throw refuse(request, `node "${node}" is not allowed to modify ownerReferences`);
  if (forbidden.length > 0) throw refuse(request, `is not allowed to modify labels: ${forbidden.join(", ")}`);
}

/** A node reports the size of a claim that it has grown, and nothing else. */
function checkClaim(request: AdmissionRequest, node: string): void {
  if (request.attributes.subresource !== "status") throw refuse(request, "may only update PVC status");
  if (request.operation !== "update")
    throw refuse(request, `unexpected operation "${request.operation.toUpperCase()}"`);
  const draft = request.object as unknown as PersistentVolumeClaim;
  const old = request.oldObject as unknown as PersistentVolumeClaim;
  if (!sameJson(withoutSize(draft), withoutSize(old)))
    throw refuse(
      request,
      `node "${node}" is not allowed to update fields other than status.quantity and status.conditions`,
    );
}

function withoutSize(claim: PersistentVolumeClaim): object {
  const { resourceVersion: _version, managedFields: _fields, ...metadata } = claim.metadata;
  const {
    capacity: _capacity,
    conditions: _conditions,
    allocatedResourceStatuses: _statuses,
    allocatedResources: _resources,
    ...status
  } = claim.status;
  return { ...claim, metadata, status };
}

function checkLease(request: AdmissionRequest, node: string): void {
  if (request.attributes.namespace !== leaseNamespace)
    throw refuse(request, `can only access leases in the "${leaseNamespace}" system namespace`);
  const draft = request.object as unknown as Draft<Lease> | undefined;
  const name = request.operation === "create" ? draft?.metadata.name : request.attributes.name;
  if (name !== node) throw refuse(request, "can only access node lease with the same name as the requesting node");
}

function checkCsiNode(request: AdmissionRequest, node: string): void {
  const name = request.operation === "create" ? request.object?.metadata.name : request.attributes.name;
  if (name !== node) throw refuse(request, "can only access CSINode with the same name as the requesting node");
}

function checkSlice(request: AdmissionRequest, node: string): void {
  const verb = request.operation;
  if (verb !== "create" && verb !== "delete") return;
  const slice = (verb === "create" ? request.object : request.oldObject) as unknown as ResourceSlice | undefined;
  if (slice?.spec.nodeName !== node)
    throw refuse(request, `can only ${verb} ResourceSlice with the same NodeName as the requesting node`);
}

const nodeSigners: ReadonlySet<string> = new Set([
  "kubernetes.io/kubelet-serving",
  "kubernetes.io/kube-apiserver-client-kubelet",
]);

function checkCertificateRequest(request: AdmissionRequest, node: string): void {
  if (request.operation !== "create") return;
  const { spec } = request.object as unknown as CertificateSigningRequest;
  if (!nodeSigners.has(spec.signerName)) return;
  const subject = readCertificateRequest(spec.request);
  if (typeof subject === "string") throw refuse(request, `unable to parse csr: ${subject}`);
  if (subject.commonName !== `system:node:${node}`)
    throw refuse(request, `can only create a node CSR with CN=system:node:${node}`);
}
