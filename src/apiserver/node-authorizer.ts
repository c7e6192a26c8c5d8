import type { PolicyRule } from "../api/types/rbac-v1.ts";
import type { RequestAttributes, ResourceAttributes } from "./attributes.ts";
import { nodeRules } from "./authorization/default-policy.ts";
import { createNodeGraph, type NodeGraph, type NodeRelated } from "./authorization/node-graph.ts";
import { nodeNameOf } from "./authorization/node-identity.ts";
import { rulesAllow } from "./authorization/policy-rule.ts";
import type { AuthorizationDecision, Authorizer } from "./authorization.ts";
import type { LiveObjects } from "./live-objects.ts";

const leaseNamespace = "kube-node-lease";
const allow: AuthorizationDecision = { outcome: "allow", reason: "" };

/**
 * Creates the authoriser of node agents: what concerns a node itself and the pods bound to it is allowed, the rest of
 * its rules are those of the cluster role `system:node`. It has no opinion on other users.
 * Source: Kubernetes documentation, "Using Node Authorization"; reasons as kube-apiserver v1.36 words them.
 */
export function createNodeAuthorizer(objects: LiveObjects, rules: readonly PolicyRule[] = nodeRules()): Authorizer {
  const graph = createNodeGraph(objects);
  return {
    authorize(attributes) {
      const node = nodeNameOf(attributes.user);
      if (node === undefined) return noOpinion("");
      if (node === "") return noOpinion(`unknown node for user "${attributes.user.username}"`);
      const decision = attributes.kind === "resource" ? decideByKind(graph, node, attributes) : undefined;
      return decision ?? (rulesAllow(rules, attributes as RequestAttributes) ? allow : noOpinion(""));
    },
  };
}

/** Undefined for kinds where every node has the same rights. */
function decideByKind(graph: NodeGraph, node: string, request: ResourceAttributes): AuthorizationDecision | undefined {
  switch (`${request.group}/${request.resource}`) {
    case "/secrets":
    case "/configmaps":
      return decideRead(graph, node, request.resource as NodeRelated, request);
    case "/persistentvolumeclaims":
      if (request.subresource === "status") return decideStatusUpdate(graph, node, "persistentvolumeclaims", request);
      return decideGet(graph, node, "persistentvolumeclaims", request);
    case "/persistentvolumes":
    case "resource.k8s.io/resourceclaims":
    case "storage.k8s.io/volumeattachments":
      return decideGet(graph, node, request.resource as NodeRelated, request);
    case "/serviceaccounts":
      return decideServiceAccount(graph, node, request);
    case "coordination.k8s.io/leases":
      return decideLease(node, request);
    case "storage.k8s.io/csinodes":
      return decideCsiNode(node, request);
    case "resource.k8s.io/resourceslices":
      return decideResourceSlice(graph, node, request);
    case "/nodes":
      return decideNode(node, request);
    case "/pods":
      return decidePod(graph, node, request);
    default:
      return undefined;
  }
}

function noOpinion(reason: string): AuthorizationDecision {
  return { outcome: "noOpinion", reason };
}

function decideByRelation(
  graph: NodeGraph,
  node: string,
  kind: NodeRelated,
  request: ResourceAttributes,
): AuthorizationDecision {
  if (request.name === "") return noOpinion("No Object name found");
  return graph.relates(node, kind, request.namespace, request.name) ? allow : unrelated(node);
}

function unrelated(node: string): AuthorizationDecision {
  return noOpinion(`no relationship found between node '${node}' and this object`);
}

function decideRead(
  graph: NodeGraph,
  node: string,
  kind: NodeRelated,
  request: ResourceAttributes,
): AuthorizationDecision {
  if (!["get", "list", "watch"].includes(request.verb)) return noOpinion("can only read resources of this type");
  if (request.subresource !== "") return noOpinion("cannot read subresource");
  if (request.namespace === "") return noOpinion("can only read namespaced object of this type");
  return decideByRelation(graph, node, kind, request);
}

function decideGet(
  graph: NodeGraph,
  node: string,
  kind: NodeRelated,
  request: ResourceAttributes,
): AuthorizationDecision {
  if (request.verb !== "get") return noOpinion("can only get individual resources of this type");
  if (request.subresource !== "") return noOpinion("cannot get subresource");
  return decideByRelation(graph, node, kind, request);
}

function decideStatusUpdate(
  graph: NodeGraph,
  node: string,
  kind: NodeRelated,
  request: ResourceAttributes,
): AuthorizationDecision {
  if (request.verb !== "update" && request.verb !== "patch") return noOpinion("can only get/update/patch this type");
  return decideByRelation(graph, node, kind, request);
}

function decideServiceAccount(graph: NodeGraph, node: string, request: ResourceAttributes): AuthorizationDecision {
  if (request.verb === "get" && request.subresource === "") return decideRead(graph, node, "serviceaccounts", request);
  if (request.verb !== "create" || request.name === "")
    return noOpinion("can only create tokens for individual service accounts");
  if (request.subresource !== "token") return noOpinion("can only create token subresource of serviceaccount");
  return graph.relates(node, "serviceaccounts", request.namespace, request.name) ? allow : unrelated(node);
}

const ownObjectVerbs = new Set(["get", "create", "update", "patch", "delete"]);

/** The name is not known yet on create: NodeRestriction admission looks at it there. */
function decideLease(node: string, request: ResourceAttributes): AuthorizationDecision {
  if (!ownObjectVerbs.has(request.verb))
    return noOpinion("can only get, create, update, patch, or delete a node lease");
  if (request.namespace !== leaseNamespace)
    return noOpinion(`can only access leases in the "${leaseNamespace}" system namespace`);
  if (request.verb !== "create" && request.name !== node)
    return noOpinion("can only access node lease with the same name as the requesting node");
  return allow;
}

function decideCsiNode(node: string, request: ResourceAttributes): AuthorizationDecision {
  if (!ownObjectVerbs.has(request.verb)) return noOpinion("can only get, create, update, patch, or delete a CSINode");
  if (request.subresource !== "") return noOpinion("cannot authorize CSINode subresources");
  if (request.verb !== "create" && request.name !== node)
    return noOpinion("can only access CSINode with the same name as the requesting node");
  return allow;
}

function decideResourceSlice(graph: NodeGraph, node: string, request: ResourceAttributes): AuthorizationDecision {
  if (request.subresource !== "") return noOpinion("cannot authorize ResourceSlice subresources");
  switch (request.verb) {
    case "create":
      return allow;
    case "get":
    case "update":
    case "patch":
    case "delete":
      return decideByRelation(graph, node, "resourceslices", request);
    case "watch":
    case "list":
    case "deletecollection":
      return selects(request, "spec.nodeName", node)
        ? allow
        : noOpinion("can only list/watch/deletecollection resourceslices with nodeName field selector");
    default:
      return noOpinion(
        "only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection",
      );
  }
}

/** What a node may write of nodes is narrowed to its own object by NodeRestriction admission. */
function decideNode(node: string, request: ResourceAttributes): AuthorizationDecision {
  const { verb, subresource, name } = request;
  if (subresource === "status") return verb === "update" || verb === "patch" ? allow : noOpinion("");
  if (subresource !== "") return noOpinion("");
  if (["create", "update", "patch"].includes(verb)) return allow;
  if (!["get", "list", "watch"].includes(verb)) return noOpinion("");
  if (name === node) return allow;
  return noOpinion(
    name === ""
      ? `node '${node}' cannot read all nodes, only its own Node object`
      : `node '${node}' cannot read '${name}', only its own Node object`,
  );
}

/** What a node may write of pods is narrowed to those bound to it by NodeRestriction admission. */
function decidePod(graph: NodeGraph, node: string, request: ResourceAttributes): AuthorizationDecision {
  const { verb, subresource } = request;
  if (subresource === "status") return verb === "update" || verb === "patch" ? allow : noOpinion("");
  if (subresource === "eviction") return verb === "create" ? allow : noOpinion("");
  if (subresource !== "") return noOpinion("");
  switch (verb) {
    case "get":
      return decideGet(graph, node, "pods", request);
    case "list":
    case "watch":
      if (selects(request, "spec.nodeName", node)) return allow;
      if (request.name !== "") return decideByRelation(graph, node, "pods", request);
      return noOpinion("can only list/watch pods with spec.nodeName field selector");
    case "create":
    case "delete":
      return allow;
    default:
      return noOpinion("");
  }
}

function selects(request: ResourceAttributes, field: string, value: string): boolean {
  return (request.fieldSelector ?? []).some(
    (term) => term.field === field && term.operator === "=" && term.value === value,
  );
}
