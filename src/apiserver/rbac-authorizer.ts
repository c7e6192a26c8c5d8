import type { PolicyRule } from "../api/types/rbac-v1.ts";
import type { UserInfo } from "../api/user.ts";
import { ruleAllows } from "./authorization/policy-rule.ts";
import { createRbacIndex } from "./authorization/rbac-index.ts";
import type { Authorizer } from "./authorization.ts";
import type { LiveObjects } from "./live-objects.ts";

/** Decides by the roles and bindings in the cluster, and says what they grant. */
export interface RbacAuthorizer extends Authorizer {
  /**
   * Every rule that applies to a user in a namespace, the cluster-wide ones included, and what could not be resolved.
   * @param namespace empty for cluster-wide rules alone
   */
  rulesFor(user: UserInfo, namespace: string): { readonly rules: PolicyRule[]; readonly errors: string[] };
}

/**
 * Creates the RBAC authoriser over live caches. Bindings are filed by subject, so a request looks only at those that
 * name its user or one of its groups.
 * Source: Kubernetes documentation, "Using RBAC Authorization"; reasons as kube-apiserver v1.36 words them.
 */
export function createRbacAuthorizer(objects: LiveObjects): RbacAuthorizer {
  const index = createRbacIndex(objects);
  return {
    authorize(attributes) {
      const namespace = attributes.kind === "resource" ? attributes.namespace : "";
      const errors: string[] = [];
      let reason: string | undefined;
      index.visit(attributes.user, namespace, (grant) => {
        if (grant.rules === undefined) errors.push(grant.error);
        else if (grant.rules.some((rule) => ruleAllows(rule, attributes)))
          reason = `RBAC: allowed by ${grant.describe()}`;
        return reason === undefined;
      });
      if (reason !== undefined) return { outcome: "allow", reason };
      return { outcome: "noOpinion", reason: errors.length === 0 ? "" : `RBAC: ${joinErrors(errors)}` };
    },
    rulesFor(user, namespace) {
      const rules: PolicyRule[] = [];
      const errors: string[] = [];
      index.visit(user, namespace, (grant) => {
        if (grant.rules === undefined) errors.push(grant.error);
        else rules.push(...grant.rules);
        return true;
      });
      return { rules, errors };
    },
  };
}

/** Several error texts as one: in brackets when there is more than one, repeats left out. */
export function joinErrors(errors: readonly string[]): string {
  const distinct = [...new Set(errors)];
  return distinct.length === 1 ? (distinct[0] as string) : `[${distinct.join(", ")}]`;
}
