import { describe, expect, test } from "vitest";
import { createSchemaRegistry } from "../../api/schema.ts";
import { storedFormOf } from "./stored-form.ts";

const schemas = createSchemaRegistry();

describe("the stored form", () => {
  test.each([
    {
      name: "of a list that is always written is null when it is empty",
      type: "rbac.v1.ClusterRole",
      value: { rules: [] },
      stored: { rules: null },
    },
    {
      name: "reaches into lists",
      type: "rbac.v1.ClusterRole",
      value: { rules: [{ verbs: [], resources: ["pods"] }, { verbs: ["get"] }] },
      stored: { rules: [{ verbs: null, resources: ["pods"] }, { verbs: ["get"] }] },
    },
    {
      name: "reaches into structs",
      type: "core.v1.LimitRange",
      value: { spec: { limits: [] } },
      stored: { spec: { limits: null } },
    },
    {
      name: "leaves out nothing that may be empty and is left out when absent",
      type: "core.v1.ConfigMap",
      value: { data: { a: "" } },
      stored: { data: { a: "" } },
    },
  ])("$name", ({ type, value, stored }) => {
    const frozen = Object.freeze(value);
    expect(storedFormOf(schemas.struct(type))(frozen)).toEqual(stored);
  });

  test("of what does not change is the same object", () => {
    const value = { rules: [{ verbs: ["get"] }] };
    expect(storedFormOf(schemas.struct("rbac.v1.ClusterRole"))(value)).toBe(value);
  });
});
