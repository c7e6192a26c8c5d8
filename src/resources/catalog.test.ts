import { describe, expect, it } from "vitest";
import { servedKinds } from "../api/kinds.ts";
import { apiVersionOf, type Resource } from "../api/resource.ts";
import { definitionOf, definitions } from "./catalog.ts";

const nameOf = (resource: Pick<Resource, "group" | "version" | "plural">): string =>
  `${apiVersionOf(resource)} ${resource.plural}`;

describe("catalog", () => {
  it("knows every kind once, and as it is served", () => {
    const names = definitions.map(({ resource }) => nameOf(resource));
    expect(new Set(names).size).toBe(names.length);
    const served = new Set(servedKinds.map(nameOf));
    expect(names.filter((name) => !served.has(name))).toEqual([]);
  });

  it("leaves a kind that it does not know to the schema tables", () => {
    const resource = { group: "example.com", version: "v1", plural: "foos", kind: "Foo", namespaced: true } as Resource;
    expect(definitionOf(resource)).toEqual({ resource });
  });

  it("has a table for every kind that can be listed", () => {
    const without = servedKinds.filter(
      (kind) => kind.verbs.includes("list") && definitionOf(kind as unknown as Resource).table === undefined,
    );
    // These are shown as the version that is stored.
    expect(without.map(nameOf)).toEqual(["autoscaling/v1 horizontalpodautoscalers", "events.k8s.io/v1 events"]);
  });
});
