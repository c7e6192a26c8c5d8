import { describe, expect, it } from "vitest";
import type { Input } from "../../api/draft.ts";
import { clusterRoleBindings, clusterRoles } from "../../api/resources.ts";
import type { ClusterRole } from "../../api/types/rbac-v1.ts";
import { createFixedObjects } from "../../testing/fixed-objects.ts";
import { autoUpdateAnnotation, defaultPolicy } from "./default-policy.ts";
import { planDefaultBinding, planDefaultRole } from "./policy-plan.ts";

const labels = { "kubernetes.io/bootstrapping": "rbac-defaults" };
const annotations = { [autoUpdateAnnotation]: "true" };
const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] }];
const wanted = { name: "r", rules };
const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "r" };
const subject = (name: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind: "User", name });

function stored(role: Omit<Input<ClusterRole>, "metadata"> & { readonly metadata?: object }): ClusterRole {
  return createFixedObjects().put(clusterRoles, {
    ...role,
    metadata: { name: "r", labels, annotations, ...role.metadata },
  });
}

describe("plan for a default role", () => {
  it("creates it when it is missing, with label and annotation", () => {
    expect(planDefaultRole(wanted, undefined)).toEqual({
      kind: "create",
      object: { metadata: { name: "r", labels, annotations }, rules },
    });
  });

  it("leaves it alone when it grants enough, with more beside", () => {
    const more = { apiGroups: [""], resources: ["nodes"], verbs: ["get"] };
    expect(planDefaultRole(wanted, stored({ rules: [...rules, more] }))).toEqual({ kind: "none" });
  });

  it("adds what is missing, broken down, and keeps labels that someone changed", () => {
    const role = stored({
      metadata: { labels: { "kubernetes.io/bootstrapping": "mine", team: "a" } },
      rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
    });
    const missing = { apiGroups: [""], resources: ["pods"], verbs: ["list"] };
    expect(planDefaultRole(wanted, role)).toEqual({
      kind: "update",
      object: { ...role, rules: [...(role.rules ?? []), missing] },
    });
  });

  it("puts back a lost annotation", () => {
    const role = stored({ metadata: { annotations: {} }, rules });
    expect(planDefaultRole(wanted, role)).toEqual({
      kind: "update",
      object: { ...role, metadata: { ...role.metadata, annotations } },
    });
  });

  it("does not touch a role whose annotation says so", () => {
    const role = stored({ metadata: { annotations: { [autoUpdateAnnotation]: "false" } }, rules: [] });
    expect(planDefaultRole(wanted, role)).toEqual({ kind: "protected" });
  });

  it("adds missing aggregation, and takes away what is not wanted", () => {
    const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] };
    const plain = stored({ rules });
    const aggregated = stored({ rules, aggregationRule });
    expect([
      planDefaultRole({ name: "r", aggregationRule }, plain),
      planDefaultRole({ name: "r", aggregationRule }, aggregated),
      planDefaultRole(wanted, aggregated),
    ]).toEqual([
      { kind: "update", object: { ...plain, aggregationRule } },
      { kind: "none" },
      { kind: "update", object: plain },
    ]);
  });
});

describe("plan for a default binding", () => {
  const put = (binding: object) =>
    createFixedObjects().put(clusterRoleBindings, { metadata: { name: "b", labels, annotations }, ...binding });
  it("adds missing subjects and keeps added ones", () => {
    const existing = put({ roleRef, subjects: [subject("joe")] });
    expect(planDefaultBinding({ name: "b", roleRef, subjects: [subject("jane")] }, existing)).toEqual({
      kind: "update",
      object: { ...existing, subjects: [subject("joe"), subject("jane")] },
    });
  });

  it("makes a new one when the role is another", () => {
    const existing = put({ roleRef: { ...roleRef, name: "other" }, subjects: [subject("joe")] });
    expect(planDefaultBinding({ name: "b", roleRef, subjects: [subject("jane")] }, existing)).toEqual({
      kind: "recreate",
      object: { metadata: { name: "b", labels, annotations }, roleRef, subjects: [subject("jane")] },
    });
  });
});

describe("default policy", () => {
  it("has as many roles and bindings as the original", () => {
    const { clusterRoles: cluster, clusterRoleBindings: clusterBindings, roles, roleBindings } = defaultPolicy;
    expect([cluster, clusterBindings, roles, roleBindings].map((list) => list.length)).toEqual([69, 50, 7, 7]);
  });

  it("binds only roles that it has", () => {
    const names = new Set([
      ...defaultPolicy.clusterRoles.map((role) => `ClusterRole ${role.name}`),
      ...defaultPolicy.roles.map((role) => `Role ${role.namespace}/${role.name}`),
    ]);
    const dangling = [...defaultPolicy.clusterRoleBindings, ...defaultPolicy.roleBindings].filter(
      ({ namespace, roleRef }) =>
        !names.has(`${roleRef.kind} ${roleRef.kind === "Role" ? `${namespace}/` : ""}${roleRef.name}`),
    );
    expect(dangling).toEqual([]);
  });
});
