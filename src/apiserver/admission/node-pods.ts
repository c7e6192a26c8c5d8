import { nodes, pods } from "../../api/resources.ts";
import { notFound } from "../../api/status-error.ts";
import type { Pod, Volume, VolumeProjection } from "../../api/types/core-v1.ts";
import type { OwnerReference } from "../../api/types/meta-v1.ts";
import type { AdmissionRequest } from "../admission.ts";
import { configMapNamesOf, secretNamesOf } from "../authorization/pod-references.ts";
import type { LiveObjects } from "../live-objects.ts";
import type { NodeRule } from "./node-restriction.ts";
import { refuse } from "./refusal.ts";
import { sameJson } from "./same-json.ts";

const mirrorAnnotation = "kubernetes.io/config.mirror";

/** What a node agent may do to pods: report on its own, delete and evict them, and show the ones it made itself. */
export function createNodePodRules(objects: LiveObjects): NodeRule {
  const podCache = objects.of(pods).cache;
  const nodeCache = objects.of(nodes).cache;
  const findPod = ({ attributes }: AdmissionRequest): Pod => {
    const pod = podCache.get(`${attributes.namespace}/${attributes.name}`);
    if (pod === undefined) throw notFound(pods, attributes.name);
    return pod;
  };
  const ownNodeUid = (node: string): string => {
    const found = nodeCache.get(node);
    if (found === undefined) throw notFound(nodes, node);
    return found.metadata.uid;
  };
  return (request, node) => {
    const { subresource } = request.attributes;
    switch (`${subresource}:${request.operation}`) {
      case ":create":
        checkMirrorPod(request, node, ownNodeUid);
        return;
      case ":delete":
        if (findPod(request).spec.nodeName !== node)
          throw refuse(request, `node "${node}" can only delete pods with spec.nodeName set to itself`);
        return;
      case "status:update":
        checkStatus(request, node);
        return;
      case "eviction:create":
        if (findPod(request).spec.nodeName !== node)
          throw refuse(request, `node ${node} can only evict pods with spec.nodeName set to itself`);
        return;
      default:
        throw refuse(request, unexpected(subresource, request.operation, node));
    }
  };
}

function unexpected(subresource: string, operation: string, node: string): string {
  const verb = operation.toUpperCase();
  if (subresource === "")
    return `unexpected operation "${verb}", node "${node}" can only create and delete mirror pods`;
  if (subresource === "status") return `unexpected operation "${verb}"`;
  if (subresource === "eviction") return `unexpected operation ${verb}`;
  return `unexpected pod subresource "${subresource}", only 'status' and 'eviction' are allowed`;
}

function checkStatus(request: AdmissionRequest, node: string): void {
  const pod = request.object as unknown as Pod;
  const old = request.oldObject as unknown as Pod;
  if (old.spec.nodeName !== node)
    throw refuse(request, `node "${node}" can only update pod status for pods with spec.nodeName set to itself`);
  if (!sameJson(pod.metadata.labels, old.metadata.labels))
    throw refuse(request, `node "${node}" cannot update labels through pod status`);
  if (!sameJson(pod.status.resourceClaimStatuses, old.status.resourceClaimStatuses))
    throw refuse(request, `node "${node}" cannot update resource claim statues`);
  if (!sameJson(pod.status.extendedResourceClaimStatus, old.status.extendedResourceClaimStatus))
    throw refuse(request, `node "${node}" cannot update extended resource claim status`);
}

/** A pod that a node shows for what it runs by itself: owned by the node, and without any tie to the cluster. */
function checkMirrorPod(request: AdmissionRequest, node: string, ownNodeUid: (node: string) => string): void {
  const pod = request.object as unknown as Pod;
  if (pod.metadata.annotations?.[mirrorAnnotation] === undefined)
    throw refuse(
      request,
      `pod does not have "${mirrorAnnotation}" annotation, node "${node}" can only create mirror pods`,
    );
  if (pod.spec.nodeName !== node)
    throw refuse(request, `node "${node}" can only create pods with spec.nodeName set to itself`);
  const owners = pod.metadata.ownerReferences ?? [];
  if (owners.length > 1)
    throw refuse(request, `node "${node}" can only create pods with a single owner reference set to itself`);
  const fault = ownerFault(owners[0], node);
  if (fault !== undefined) throw refuse(request, fault);
  const uid = ownNodeUid(node);
  if (owners[0]?.uid !== uid) throw refuse(request, `node ${node} UID mismatch: expected ${owners[0]?.uid} got ${uid}`);
  const reference = referenceOf(pod);
  if (reference !== undefined) throw refuse(request, `node "${node}" can not create pods that reference ${reference}`);
}

function ownerFault(owner: OwnerReference | undefined, node: string): string | undefined {
  if (owner === undefined || owner.apiVersion !== "v1" || owner.kind !== "Node" || owner.name !== node)
    return `node "${node}" can only create pods with an owner reference set to itself`;
  if (owner.controller !== true)
    return `node "${node}" can only create pods with a controller owner reference set to itself`;
  if (owner.blockOwnerDeletion === true) return `node "${node}" must not set blockOwnerDeletion on an owner reference`;
  return undefined;
}

/** Which kind of object of the cluster a pod refers to; undefined for none. */
function referenceOf(pod: Pod): string | undefined {
  if (pod.spec.serviceAccountName !== undefined) return "serviceaccounts";
  if (secretNamesOf(pod).length > 0) return "secrets";
  if (configMapNamesOf(pod).length > 0) return "configmaps";
  if ((pod.spec.resourceClaims ?? []).length > 0) return "resourceclaims";
  for (const volume of pod.spec.volumes ?? []) {
    const reference = volumeReference(volume);
    if (reference !== undefined) return reference;
  }
  return undefined;
}

function volumeReference(volume: Volume): string | undefined {
  if (volume.configMap !== undefined) return "configmaps (via configmap volumes)";
  if (volume.secret !== undefined) return "secrets (via secret volumes)";
  if (volume.csi !== undefined) return "csidrivers (via CSI volumes)";
  if (volume.glusterfs !== undefined) return "endpoints (via glusterFS volumes)";
  if (volume.persistentVolumeClaim !== undefined) return "persistentvolumeclaims";
  if (volume.ephemeral !== undefined) return "persistentvolumeclaims (via ephemeral volumes)";
  if (volume.azureFile !== undefined) return "secrets (via azureFile volumes)";
  for (const source of volume.projected?.sources ?? []) {
    const reference = projectionReference(source);
    if (reference !== undefined) return reference;
  }
  return undefined;
}

function projectionReference(source: VolumeProjection): string | undefined {
  if (source.configMap !== undefined) return "configmaps (via projected volumes)";
  if (source.secret !== undefined) return "secrets (via projected volumes)";
  if (source.serviceAccountToken !== undefined) return "serviceaccounts (via projected volumes)";
  if (source.clusterTrustBundle !== undefined) return "clustertrustbundles";
  if (source.podCertificate !== undefined) return "podcertificates";
  return undefined;
}
