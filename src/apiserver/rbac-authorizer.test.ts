import { describe, expect, it } from "vitest";
import { clusterRoleBindings, clusterRoles, roleBindings, roles } from "../api/resources.ts";
import type { UserInfo } from "../api/user.ts";
import { createFixedObjects, type FixedObjects } from "../testing/fixed-objects.ts";
import type { RequestAttributes } from "./attributes.ts";
import { createRbacAuthorizer } from "./rbac-authorizer.ts";

const rbac = "rbac.authorization.k8s.io";
const jane: UserInfo = { username: "jane", groups: ["system:authenticated", "devs"] };
const robot: UserInfo = { username: "system:serviceaccount:ci:robot", groups: ["system:serviceaccounts"] };

function asks(user: UserInfo, verb: string, what: string, namespace = "", name = ""): RequestAttributes {
  if (what.startsWith("/")) return { kind: "path", user, verb, path: what };
  const [resourceAndGroup = "", subresource = ""] = what.split("/");
  const [resource = "", ...group] = resourceAndGroup.split(".");
  return {
    kind: "resource",
    user,
    verb,
    group: group.join("."),
    version: "v1",
    resource,
    subresource,
    namespace,
    name,
  };
}

function clusterWith(): FixedObjects {
  const objects = createFixedObjects();
  objects.put(clusterRoles, {
    metadata: { name: "reader" },
    rules: [{ apiGroups: [""], resources: ["pods", "pods/log"], verbs: ["get", "list"] }],
  });
  objects.put(clusterRoles, {
    metadata: { name: "scaler" },
    rules: [{ apiGroups: ["*"], resources: ["*/scale"], verbs: ["*"] }],
  });
  objects.put(clusterRoles, {
    metadata: { name: "scraper" },
    rules: [{ nonResourceURLs: ["/metrics", "/logs/*"], verbs: ["get"] }],
  });
  objects.put(roles, {
    metadata: { namespace: "prod", name: "one-secret" },
    rules: [{ apiGroups: [""], resources: ["secrets"], resourceNames: ["tls"], verbs: ["get"] }],
  });
  objects.put(clusterRoleBindings, {
    metadata: { name: "devs-scale" },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "scaler" },
    subjects: [{ apiGroup: rbac, kind: "Group", name: "devs" }],
  });
  objects.put(clusterRoleBindings, {
    metadata: { name: "jane-scrape" },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "scraper" },
    subjects: [{ apiGroup: rbac, kind: "User", name: "jane" }],
  });
  objects.put(roleBindings, {
    metadata: { namespace: "prod", name: "readers" },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "reader" },
    subjects: [
      { apiGroup: rbac, kind: "User", name: "jane" },
      { kind: "ServiceAccount", namespace: "ci", name: "robot" },
    ],
  });
  objects.put(roleBindings, {
    metadata: { namespace: "prod", name: "secrets" },
    roleRef: { apiGroup: rbac, kind: "Role", name: "one-secret" },
    subjects: [{ apiGroup: rbac, kind: "User", name: "jane" }],
  });
  return objects;
}

const allowed = (reason: string): unknown => ({ outcome: "allow", reason: `RBAC: allowed by ${reason}` });
const nothing = { outcome: "noOpinion", reason: "" };
const byReaders = 'RoleBinding "readers/prod" of ClusterRole "reader" to User "jane"';

describe("RBAC authoriser", () => {
  it.each([
    { name: "role bound in the namespace", request: asks(jane, "list", "pods", "prod"), answer: allowed(byReaders) },
    {
      name: "sub-resource that is named",
      request: asks(jane, "get", "pods/log", "prod", "a"),
      answer: allowed(byReaders),
    },
    { name: "sub-resource that is not named", request: asks(jane, "get", "pods/exec", "prod", "a"), answer: nothing },
    { name: "another namespace", request: asks(jane, "list", "pods", "dev"), answer: nothing },
    { name: "all namespaces", request: asks(jane, "list", "pods"), answer: nothing },
    { name: "another verb", request: asks(jane, "delete", "pods", "prod", "a"), answer: nothing },
    { name: "another group", request: asks(jane, "list", "pods.metrics.k8s.io", "prod"), answer: nothing },
    {
      name: "service account of another namespace",
      request: asks(robot, "get", "pods", "prod", "a"),
      answer: allowed('RoleBinding "readers/prod" of ClusterRole "reader" to ServiceAccount "robot/ci"'),
    },
    {
      name: "one sub-resource of everything",
      request: asks(jane, "update", "deployments.apps/scale", "dev", "web"),
      answer: allowed('ClusterRoleBinding "devs-scale" of ClusterRole "scaler" to Group "devs"'),
    },
    {
      name: "a resource by name",
      request: asks(jane, "get", "secrets", "prod", "tls"),
      answer: allowed('RoleBinding "secrets/prod" of Role "one-secret" to User "jane"'),
    },
    { name: "a resource by another name", request: asks(jane, "get", "secrets", "prod", "db"), answer: nothing },
    {
      name: "a collection, where only one name is granted",
      request: asks(jane, "list", "secrets", "prod"),
      answer: nothing,
    },
    {
      name: "a path",
      request: asks(jane, "get", "/metrics"),
      answer: allowed('ClusterRoleBinding "jane-scrape" of ClusterRole "scraper" to User "jane"'),
    },
    {
      name: "a path below a star",
      request: asks(jane, "get", "/logs/today"),
      answer: allowed('ClusterRoleBinding "jane-scrape" of ClusterRole "scraper" to User "jane"'),
    },
    {
      name: "a path that only begins like a granted one",
      request: asks(jane, "get", "/metrics/slis"),
      answer: nothing,
    },
  ])("decides: $name", ({ request, answer }) => {
    expect(createRbacAuthorizer(clusterWith()).authorize(request)).toEqual(answer);
  });

  it("names roles that bindings refer to in vain, once each", () => {
    const objects = createFixedObjects();
    for (const name of ["a", "b"])
      objects.put(clusterRoleBindings, {
        metadata: { name },
        roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "gone" },
        subjects: [{ apiGroup: rbac, kind: "Group", name: "devs" }],
      });
    objects.put(roleBindings, {
      metadata: { namespace: "prod", name: "c" },
      roleRef: { apiGroup: rbac, kind: "Role", name: "lost" },
      subjects: [{ apiGroup: rbac, kind: "User", name: "jane" }],
    });
    expect(createRbacAuthorizer(objects).authorize(asks(jane, "list", "pods", "prod"))).toEqual({
      outcome: "noOpinion",
      reason: `RBAC: [clusterrole.${rbac} "gone" not found, role.${rbac} "lost" not found]`,
    });
  });

  it("follows bindings and roles as they change", () => {
    const objects = clusterWith();
    const authorizer = createRbacAuthorizer(objects);
    const outcomes: string[] = [];
    const ask = (): void => void outcomes.push(authorizer.authorize(asks(jane, "list", "pods", "prod")).outcome);
    ask();
    objects.put(roleBindings, {
      metadata: { namespace: "prod", name: "readers" },
      roleRef: { apiGroup: rbac, kind: "ClusterRole", name: "reader" },
      subjects: [{ apiGroup: rbac, kind: "User", name: "joe" }],
    });
    ask();
    objects.put(clusterRoles, {
      metadata: { name: "scaler" },
      rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }],
    });
    ask();
    objects.remove(clusterRoleBindings, "devs-scale");
    ask();
    expect(outcomes).toEqual(["allow", "noOpinion", "allow", "noOpinion"]);
  });

  it("lists the rules of a user in a namespace", () => {
    const { rules, errors } = createRbacAuthorizer(clusterWith()).rulesFor(robot, "prod");
    expect({ rules, errors }).toEqual({
      rules: [{ apiGroups: [""], resources: ["pods", "pods/log"], verbs: ["get", "list"] }],
      errors: [],
    });
  });
});
