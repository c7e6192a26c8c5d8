import { goQuote } from "../../api/go-quote.ts";
import type { ApiObject } from "../../api/metadata.ts";
import { clusterRoles, roles } from "../../api/resources.ts";
import { notFound } from "../../api/status-error.ts";
import type { ClusterRole, ClusterRoleBinding, PolicyRule, RoleBinding, RoleRef } from "../../api/types/rbac-v1.ts";
import { wellKnownGroups } from "../../api/user.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import type { ResourceAttributes } from "../attributes.ts";
import { describeRule, quoteList } from "../authorization/policy-rule.ts";
import { compactRules, uncoveredRules } from "../authorization/rule-coverage.ts";
import type { Authorizer } from "../authorization.ts";
import type { LiveObjects } from "../live-objects.ts";
import type { RbacAuthorizer } from "../rbac-authorizer.ts";
import { refuse } from "./refusal.ts";
import { sameJson } from "./same-json.ts";

const rbacGroup = "rbac.authorization.k8s.io";
const bindings: ReadonlySet<string> = new Set(["clusterrolebindings", "rolebindings"]);
const roleKinds: ReadonlySet<string> = new Set(["clusterroles", "roles"]);

const everything: readonly PolicyRule[] = [
  { apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
  { nonResourceURLs: ["*"], verbs: ["*"] },
];

/**
 * Keeps users from granting rights that they do not have: by writing a role (unless they may `escalate` it) or by
 * binding one (unless they may `bind` it). No plugin of upstream's, where the storage of roles does this; it stands
 * last among those that change objects.
 * Source: Kubernetes documentation, "Using RBAC Authorization", "Privilege escalation prevention"; words of v1.36.
 */
export function createRoleEscalationCheck(
  objects: LiveObjects,
  authorizer: Authorizer,
  rbac: RbacAuthorizer,
): AdmissionPlugin {
  const clusterRoleCache = objects.of(clusterRoles).cache;
  const roleCache = objects.of(roles).cache;

  const rulesOf = (reference: RoleRef, namespace: string): readonly PolicyRule[] => {
    const isCluster = reference.kind === "ClusterRole";
    const role = isCluster ? clusterRoleCache.get(reference.name) : roleCache.get(`${namespace}/${reference.name}`);
    if (role === undefined) throw notFound(isCluster ? clusterRoles : roles, reference.name);
    return role.rules ?? [];
  };
  const confirm = (request: AdmissionRequest, rules: readonly PolicyRule[]): string | undefined =>
    escalationFault(rbac, request.attributes, rules);

  return {
    name: "RoleEscalationCheck",
    handles: ({ group, resource, subresource, user }, operation) =>
      group === rbacGroup &&
      subresource === "" &&
      (operation === "create" || operation === "update") &&
      (bindings.has(resource) || roleKinds.has(resource)) &&
      !user.groups.includes(wellKnownGroups.masters),
    admit(request) {
      const { attributes, oldObject } = request;
      if (oldObject !== undefined && changesOnlyOwnership(request.object as unknown as ApiObject, oldObject)) return;
      if (roleKinds.has(attributes.resource)) {
        if (!may(authorizer, attributes, "escalate", attributes.resource, attributes.name)) checkRole(request, confirm);
        return;
      }
      const { roleRef } = request.object as unknown as ClusterRoleBinding | RoleBinding;
      const plural = { ClusterRole: "clusterroles", Role: "roles" }[roleRef.kind];
      // Validation refuses bindings to anything else.
      if (
        plural === undefined ||
        may(authorizer, { ...attributes, group: roleRef.apiGroup }, "bind", plural, roleRef.name)
      )
        return;
      const fault = confirm(request, rulesOf(roleRef, attributes.namespace));
      if (fault !== undefined) throw refuse(request, fault);
    },
  };
}

function checkRole(
  request: AdmissionRequest,
  confirm: (request: AdmissionRequest, rules: readonly PolicyRule[]) => string | undefined,
): void {
  const role = request.object as unknown as ClusterRole;
  const fault = confirm(request, role.rules ?? []);
  if (fault !== undefined) throw refuse(request, fault);
  const isAggregated = [role, request.oldObject as unknown as ClusterRole | undefined].some(
    (version) => (version?.aggregationRule?.clusterRoleSelectors ?? []).length > 0,
  );
  if (isAggregated && confirm(request, everything) !== undefined)
    throw refuse(request, "must have cluster-admin privileges to use the aggregationRule");
}

function may(
  authorizer: Authorizer,
  attributes: ResourceAttributes,
  verb: string,
  resource: string,
  name: string,
): boolean {
  return authorizer.authorize({ ...attributes, verb, resource, name, version: "*" }).outcome === "allow";
}

/** What of `rules` the user does not hold in the namespace of the request; undefined when all is held. */
function escalationFault(
  rbac: RbacAuthorizer,
  { user, namespace }: ResourceAttributes,
  rules: readonly PolicyRule[],
): string | undefined {
  const held = rbac.rulesFor(user, namespace);
  const missing = compactRules(uncoveredRules(held.rules, rules));
  if (missing.length === 0) return undefined;
  const lines = [...new Set(missing.map(describeRule))].sort();
  const head = `user ${goQuote(user.username)} (groups=${quoteList(user.groups)}) is attempting to grant RBAC permissions not currently held:`;
  const tail = held.errors.length === 0 ? "" : `; resolution errors: [${joinResolution(held.errors)}]`;
  return `${head}\n${lines.join("\n")}${tail}`;
}

function joinResolution(errors: readonly string[]): string {
  const distinct = [...new Set(errors)];
  return distinct.length === 1 ? (distinct[0] as string) : `[${distinct.join(", ")}]`;
}

/** The garbage collector may take owners and finalizers off any role, whatever the role grants. */
function changesOnlyOwnership(object: ApiObject, old: ApiObject): boolean {
  const rest = ({ metadata, ...fields }: ApiObject): object => {
    const { ownerReferences: _owners, finalizers: _finalizers, managedFields: _fields, ...kept } = metadata;
    const { resourceVersion: _version, ...compared } = kept;
    return { ...fields, metadata: compared };
  };
  return sameJson(rest(object), rest(old));
}
