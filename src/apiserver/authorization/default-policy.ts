import type { LabelSelector } from "../../api/types/meta-v1.ts";
import type { PolicyRule, RoleRef, Subject } from "../../api/types/rbac-v1.ts";
import data from "./data/default-policy.json" with { type: "json" };

/** A role that every cluster starts with. Aggregated roles have no rules of their own: a controller gathers them. */
export interface DefaultRole {
  readonly name: string;
  /** Left out for cluster roles. */
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly aggregationRule?: { readonly clusterRoleSelectors: readonly LabelSelector[] };
  readonly rules?: readonly PolicyRule[];
}

/** A binding that every cluster starts with. */
export interface DefaultBinding {
  readonly name: string;
  /** Left out for cluster role bindings. */
  readonly namespace?: string;
  readonly roleRef: RoleRef;
  readonly subjects?: readonly Subject[];
}

/** Roles and bindings that every cluster starts with. */
export interface DefaultPolicy {
  readonly clusterRoles: readonly DefaultRole[];
  readonly clusterRoleBindings: readonly DefaultBinding[];
  readonly roles: readonly DefaultRole[];
  readonly roleBindings: readonly DefaultBinding[];
}

/** Source: what kube-apiserver v1.36.3 creates at its first start. */
export const defaultPolicy: DefaultPolicy = data as DefaultPolicy;

/** On every default role and binding. */
export const defaultPolicyLabel = { key: "kubernetes.io/bootstrapping", value: "rbac-defaults" } as const;

/** Set to `false` on a default role or binding, it keeps a start of the server from bringing it up to date. */
export const autoUpdateAnnotation = "rbac.authorization.kubernetes.io/autoupdate";

/** What a node may do apart from what depends on its pods: the rules of the cluster role `system:node`. */
export function nodeRules(policy: DefaultPolicy = defaultPolicy): readonly PolicyRule[] {
  return policy.clusterRoles.find((role) => role.name === "system:node")?.rules ?? [];
}
