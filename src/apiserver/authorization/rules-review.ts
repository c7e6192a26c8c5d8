import { selfSubjectRulesReviews } from "../../api/resources.ts";
import { badRequest } from "../../api/status-error.ts";
import type {
  NonResourceRule,
  ResourceRule,
  SelfSubjectRulesReview,
  SubjectRulesReviewStatus,
} from "../../api/types/authorization-v1.ts";
import type { UserInfo } from "../../api/user.ts";
import { joinErrors, type RbacAuthorizer } from "../rbac-authorizer.ts";
import type { SpecialResource } from "../special-resource.ts";
import { nodeNameOf } from "./node-identity.ts";

/**
 * Answers what the asking user may do in a namespace, as a list of rules: incomplete for nodes, whose rights cannot
 * be listed. Source: authorization.k8s.io/v1 SelfSubjectRulesReview.
 */
export function createSelfSubjectRulesReviewResource(rbac: RbacAuthorizer): SpecialResource<SelfSubjectRulesReview> {
  return {
    resource: selfSubjectRulesReviews,
    create({ attributes }, body) {
      const { namespace } = body.spec;
      if (namespace === undefined || namespace === "") throw badRequest("no namespace on request");
      return {
        kind: "SelfSubjectRulesReview",
        apiVersion: "authorization.k8s.io/v1",
        metadata: {},
        spec: {},
        status: listRules(rbac, attributes.user, namespace),
      };
    },
  };
}

function listRules(rbac: RbacAuthorizer, user: UserInfo, namespace: string): SubjectRulesReviewStatus {
  const { rules, errors } = rbac.rulesFor(user, namespace);
  const resourceRules: ResourceRule[] = [];
  const nonResourceRules: NonResourceRule[] = [];
  for (const { verbs, apiGroups, resources, resourceNames, nonResourceURLs } of rules) {
    if ((resources ?? []).length > 0)
      resourceRules.push({
        verbs,
        ...(apiGroups === undefined ? {} : { apiGroups }),
        ...(resources === undefined ? {} : { resources }),
        ...(resourceNames === undefined ? {} : { resourceNames }),
      });
    if (nonResourceURLs !== undefined && nonResourceURLs.length > 0) nonResourceRules.push({ verbs, nonResourceURLs });
  }
  const isNode = nodeNameOf(user) !== undefined;
  const complaints = [
    ...(isNode ? ["node authorizer does not support user rule resolution"] : []),
    ...(errors.length === 0 ? [] : [joinErrors(errors)]),
  ];
  return {
    resourceRules,
    nonResourceRules,
    incomplete: isNode,
    ...(complaints.length === 0 ? {} : { evaluationError: joinErrors(complaints) }),
  };
}
