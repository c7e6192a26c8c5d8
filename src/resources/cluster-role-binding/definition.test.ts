import { describe, expect, it } from "vitest";
import { decodeObject } from "../../api/decode.ts";
import type { Draft } from "../../api/draft.ts";
import { joinFieldErrors } from "../../api/field-error.ts";
import { createSchemaRegistry } from "../../api/schema.ts";
import { clusterRoleDefinition } from "../cluster-role/definition.ts";
import type { AnyResourceDefinition } from "../definition.ts";
import { roleDefinition } from "../role/definition.ts";
import { roleBindingDefinition } from "../role-binding/definition.ts";
import { clusterRoleBindingDefinition } from "./definition.ts";

const registry = createSchemaRegistry();
const rbac = "rbac.authorization.k8s.io";

function build(definition: AnyResourceDefinition, input: object): Draft<never> {
  const schema = registry.struct(`rbac.v1.${definition.resource.kind}`);
  const { object } = decodeObject<Draft<never>>(schema, { metadata: { name: "x" }, ...input });
  definition.applyDefaults?.(object);
  return object;
}

function faultsOf(definition: AnyResourceDefinition, input: object): string {
  return joinFieldErrors(definition.validate?.(build(definition, input)) ?? []);
}

describe("validation of roles and bindings", () => {
  it.each([
    {
      name: "rules of a cluster role",
      definition: clusterRoleDefinition,
      input: {
        rules: [{ verbs: [] }, { verbs: ["get"], nonResourceURLs: ["/a"], apiGroups: [""] }],
        aggregationRule: {},
      },
      faults:
        '[rules[0].verbs: Required value: verbs must contain at least one value, rules[0].apiGroups: Required value: resource rules must supply at least one api group, rules[0].resources: Required value: resource rules must supply at least one resource, rules[1].nonResourceURLs: Invalid value: ["/a"]: rules cannot apply to both regular resources and non-resource URLs, aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil]',
    },
    {
      name: "selectors of an aggregated role",
      definition: clusterRoleDefinition,
      input: {
        aggregationRule: { clusterRoleSelectors: [{ matchExpressions: [{ key: "a", operator: "Foo" }] }] },
      },
      faults:
        '[aggregationRule.clusterRoleSelectors[0].matchExpressions[0].operator: Invalid value: "Foo": not a valid selector operator, aggregationRule.clusterRoleSelectors[0]: Invalid value: null: invalid label selector.]',
    },
    {
      name: "paths in a namespaced role",
      definition: roleDefinition,
      input: { rules: [{ verbs: ["get"], nonResourceURLs: ["/a"] }] },
      faults: 'rules[0].nonResourceURLs: Invalid value: ["/a"]: namespaced rules cannot apply to non-resource URLs',
    },
    {
      name: "a cluster role binding",
      definition: clusterRoleBindingDefinition,
      input: {
        roleRef: { kind: "Role", name: "a/b" },
        subjects: [
          { kind: "User" },
          { kind: "ServiceAccount", name: "a", apiGroup: "b" },
          { kind: "Foo", name: "x" },
          { kind: "Group", name: "x", apiGroup: "y" },
        ],
      },
      faults: `[roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole", roleRef.name: Invalid value: "a/b": may not contain '/', subjects[0].name: Required value, subjects[1].apiGroup: Unsupported value: "b": supported values: "", subjects[1].namespace: Required value, subjects[2].kind: Unsupported value: "Foo": supported values: "ServiceAccount", "User", "Group", subjects[3].apiGroup: Unsupported value: "y": supported values: "${rbac}"]`,
    },
    {
      name: "a role binding",
      definition: roleBindingDefinition,
      input: { roleRef: { kind: "Foo", apiGroup: "z" } },
      faults: `[roleRef.apiGroup: Unsupported value: "z": supported values: "${rbac}", roleRef.kind: Unsupported value: "Foo": supported values: "Role", "ClusterRole", roleRef.name: Required value]`,
    },
  ])("speaks of $name", ({ definition, input, faults }) => {
    expect(faultsOf(definition, input)).toBe(faults);
  });

  it("fills in API groups, so that short bindings are good, in written order", () => {
    const draft = build(roleBindingDefinition, {
      roleRef: { kind: "Role", name: "r" },
      subjects: [
        { kind: "User", name: "jane" },
        { kind: "ServiceAccount", name: "sa" },
      ],
    }) as { roleRef: object; subjects: object[] };
    expect(JSON.stringify([draft.roleRef, draft.subjects])).toBe(
      `[{"apiGroup":"${rbac}","kind":"Role","name":"r"},[{"kind":"User","apiGroup":"${rbac}","name":"jane"},{"kind":"ServiceAccount","name":"sa"}]]`,
    );
  });

  it("lets nobody change the role of a binding", () => {
    const of = (name: string) => build(roleBindingDefinition, { roleRef: { kind: "ClusterRole", name } });
    expect(joinFieldErrors(roleBindingDefinition.validateUpdate?.(of("edit"), of("view")) ?? [])).toBe(
      `roleRef: Invalid value: {"APIGroup":"${rbac}","Kind":"ClusterRole","Name":"edit"}: cannot change roleRef`,
    );
    expect(roleBindingDefinition.validateUpdate?.(of("edit"), of("edit"))).toEqual([]);
  });

  it("lists role and subjects", () => {
    const binding = build(clusterRoleBindingDefinition, {
      metadata: { name: "b", creationTimestamp: "2026-01-01T00:00:00Z" },
      roleRef: { kind: "ClusterRole", name: "view" },
      subjects: [
        { kind: "User", name: "jane" },
        { kind: "User", name: "joe" },
        { kind: "Group", name: "devs" },
        { kind: "ServiceAccount", namespace: "ns", name: "sa" },
      ],
    });
    expect(clusterRoleBindingDefinition.table?.row(binding, { nowMs: Date.UTC(2026, 0, 1, 1) })).toEqual([
      "b",
      "ClusterRole/view",
      "60m",
      "jane, joe",
      "devs",
      "ns/sa",
    ]);
  });
});
