import { afterEach, beforeEach, expect, it } from "vitest";
import { clusterRoles } from "../../api/resources.ts";
import { type ControllerHarness, startControllerHarness } from "../../testing/controller-harness.ts";
import { resourceControllers } from "../controllers.ts";

const controllers = resourceControllers.filter(({ name }) => name === "clusterrole-aggregation-controller");

let harness: ControllerHarness;
beforeEach(async () => {
  harness = await startControllerHarness({ controllers });
});
afterEach(() => harness.stop());

const rulesOf = async (name: string) => (await harness.client.get(clusterRoles, { name })).rules;

it("gathers the rules of what is labelled for a role, as roles come and go", async () => {
  await harness.client.create(clusterRoles, {
    metadata: { name: "widgets-viewer", labels: { "rbac.authorization.k8s.io/aggregate-to-view": "true" } },
    rules: [{ apiGroups: ["acme.io"], resources: ["widgets"], verbs: ["get"] }],
  });
  await harness.run(100);
  const rule = { apiGroups: ["acme.io"], resources: ["widgets"], verbs: ["get"] };
  // `edit` gathers `view`, and `admin` both.
  for (const name of ["view", "edit", "admin"]) expect(await rulesOf(name)).toContainEqual(rule);
  await harness.client.delete(clusterRoles, { name: "widgets-viewer" });
  await harness.run(100);
  for (const name of ["view", "edit", "admin"]) expect(await rulesOf(name)).not.toContainEqual(rule);
  expect(harness.log).toEqual([]);
});
