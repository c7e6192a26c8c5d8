import { describe, expect, it } from "vitest";
import { clusterRoles } from "../../api/resources.ts";
import type { ClusterRole } from "../../api/types/rbac-v1.ts";
import { createFixedObjects } from "../../testing/fixed-objects.ts";
import { planClusterRoleAggregation } from "./plan-aggregation.ts";

const rule = (resource: string) => ({ apiGroups: [""], resources: [resource], verbs: ["get"] });
const role = (
  name: string,
  labels: Record<string, string>,
  resources: string[],
  selectors?: Record<string, string>[],
): ClusterRole =>
  createFixedObjects().put(clusterRoles, {
    metadata: { name, labels },
    rules: resources.map(rule),
    ...(selectors === undefined
      ? {}
      : { aggregationRule: { clusterRoleSelectors: selectors.map((matchLabels) => ({ matchLabels })) } }),
  });

describe("aggregation of cluster roles", () => {
  const b = role("b", { to: "edit" }, ["pods", "services"]);
  const a = role("a", { to: "edit" }, ["nodes", "pods"]);
  const other = role("other", { to: "view" }, ["events"]);

  it("gathers rules by selector, then by name, each once", () => {
    const edit = role("edit", {}, [], [{ to: "view" }, { to: "edit" }]);
    expect(planClusterRoleAggregation(edit, [edit, b, other, a])).toEqual({
      rules: ["events", "nodes", "pods", "services"].map(rule),
    });
  });

  it("takes away what is no longer gathered, and never gathers itself", () => {
    const edit = role("edit", { to: "edit" }, ["secrets"], [{ to: "edit" }]);
    expect(planClusterRoleAggregation(edit, [edit, a])).toEqual({ rules: ["nodes", "pods"].map(rule) });
  });

  it("has nothing to do when all is there, or the role is no aggregate", () => {
    const edit = role("edit", {}, ["nodes", "pods"], [{ to: "edit" }]);
    expect([planClusterRoleAggregation(edit, [a, edit]), planClusterRoleAggregation(a, [a, b])]).toEqual([
      undefined,
      undefined,
    ]);
  });
});
