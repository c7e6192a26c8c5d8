import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { freezeDeep } from "./freeze.ts";
import type { JsonObject, JsonValue } from "./json-value.ts";
import { applyMergePatch, createMergePatch, createThreeWayMergePatch } from "./merge-patch.ts";
import { PatchPreconditionError } from "./patch-conflict.ts";
import { PatchError } from "./patch-error.ts";

const document = freezeDeep({ a: { b: 1, c: 2 }, l: [1, 2], s: "x" });

describe("JSON merge patch", () => {
  it.each<[string, JsonValue, JsonValue]>([
    ["sets, adds and deletes members", { a: { b: null, d: 3 }, s: "y" }, { a: { c: 2, d: 3 }, l: [1, 2], s: "y" }],
    ["replaces lists", { l: [3] }, { ...document, l: [3] }],
    ["replaces an object by a list, nulls inside and all", { a: [{ n: null }] }, { ...document, a: [{ n: null }] }],
    ["drops nulls of what is new", { n: { x: null, y: [{ z: null }, null] } }, { ...document, n: { y: [{}, null] } }],
    ["ignores the deletion of what is not there", { n: null }, document],
    ["takes a list for the document", [{ a: null }], [{}]],
  ])("%s", (_name, patch, result) => {
    expect(applyMergePatch(document, freezeDeep(patch))).toEqual(result);
  });

  it.each([
    ["null", null],
    ["a number", 5],
    ["a word", "x"],
  ])("refuses %s", (_name, patch) => {
    expect(() => applyMergePatch(document, patch)).toThrow(new PatchError(400, "Invalid JSON Patch"));
  });

  it("keeps __proto__ a key like any other", () => {
    const patch = JSON.parse('{"__proto__":{"a":1}}') as JsonValue;
    expect(JSON.stringify(applyMergePatch({}, patch))).toBe('{"__proto__":{"a":1}}');
  });

  it("created from two objects without nulls, turns one into the other", () => {
    const leaf = fc.oneof(fc.boolean(), fc.integer(), fc.string({ maxLength: 3 }));
    const { object } = fc.letrec((tie) => ({
      value: fc.oneof({ depthSize: "small" }, leaf, fc.array(leaf, { maxLength: 3 }), tie("object")),
      object: fc.dictionary(fc.constantFrom("a", "b", "c", "__proto__"), tie("value"), { maxKeys: 3 }),
    }));
    const objects = object as fc.Arbitrary<JsonObject>;
    fc.assert(
      fc.property(objects, objects, (before, after) => {
        expect(applyMergePatch(freezeDeep(before), createMergePatch(before, after))).toEqual(after);
      }),
    );
  });
});

describe("three-way JSON merge patch", () => {
  it("keeps what others have added and deletes only what was once wanted", () => {
    const original = { spec: { a: 1, gone: 2 } };
    const modified = { spec: { a: 3 } };
    const current = { spec: { a: 1, gone: 2, theirs: 4 } };
    expect(createThreeWayMergePatch(original, modified, current)).toEqual({ spec: { a: 3, gone: null } });
  });

  it("says nothing of objects in which nothing is to change or to go", () => {
    const original = { a: { gone: 1 }, b: { c: 1 } };
    const modified = { a: {}, b: { c: 2 }, empty: {} };
    expect(createThreeWayMergePatch(original, modified, original)).toEqual({
      a: { gone: null },
      b: { c: 2 },
      empty: {},
    });
  });

  it("minds no member of the same name elsewhere, nor one that it leaves alone", () => {
    const current = { metadata: { name: "a", labels: {} } };
    const modified = { metadata: { name: "a", labels: { name: "x" } }, spec: { name: "b" } };
    expect(createThreeWayMergePatch({}, modified, current, ["kind", "metadata.name"])).toEqual({
      metadata: { labels: { name: "x" } },
      spec: { name: "b" },
    });
    expect(createThreeWayMergePatch({}, { metadata: 5 }, current, ["metadata.name"])).toEqual({ metadata: 5 });
  });

  it("refuses to touch what must stay", () => {
    const make = (): JsonObject =>
      createThreeWayMergePatch({}, { metadata: { name: "b" } }, { metadata: { name: "a" } }, ["kind", "metadata.name"]);
    expect(make).toThrow(PatchPreconditionError);
    expect(make).toThrow("precondition failed for: map[metadata:map[name:b]]");
  });
});
