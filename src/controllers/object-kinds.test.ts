import { describe, expect, it } from "vitest";
import { customResourceDefinitions } from "../api/resources.ts";
import type { CustomResourceDefinition } from "../api/types/apiextensions-v1.ts";
import { buildObject } from "../testing/build-object.ts";
import { kindsOfDefinition } from "./object-kinds.ts";

function definition(versions: Record<string, boolean>, established: "True" | "False"): CustomResourceDefinition {
  return buildObject(customResourceDefinitions, {
    metadata: { name: "crontabs.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural: "crontabs", kind: "CronTab" },
      versions: Object.entries(versions).map(([name, served]) => ({ name, served, storage: false })),
    },
    status: {
      conditions: [{ type: "Established", status: established }],
      acceptedNames: { plural: "crontabs", kind: "CronTab" },
    },
  });
}

describe("kinds that users define", () => {
  it("are there in every served version, the most stable and newest preferred", () => {
    const kinds = kindsOfDefinition(
      definition({ v1alpha1: true, v1beta2: true, v1beta10: true, v1: false, other: true, v2alpha1: true }, "True"),
    );
    expect(kinds.map(({ resource, isPreferred }) => [resource.version, isPreferred])).toEqual([
      ["v1alpha1", false],
      ["v1beta2", false],
      ["v1beta10", true],
      ["other", false],
      ["v2alpha1", false],
    ]);
    expect(kinds[0]?.resource).toEqual({
      group: "example.com",
      version: "v1alpha1",
      plural: "crontabs",
      kind: "CronTab",
      namespaced: true,
    });
  });

  it("are not there before their names are accepted", () => {
    expect(kindsOfDefinition(definition({ v1: true }, "False"))).toEqual([]);
  });
});
