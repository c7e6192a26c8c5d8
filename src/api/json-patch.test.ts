import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { freezeDeep } from "./freeze.ts";
import { applyJsonPatch, decodeJsonPatch, maxJsonPatchOperations } from "./json-patch.ts";
import type { JsonValue } from "./json-value.ts";
import { PatchError, patchFailure } from "./patch-error.ts";

const patched = (document: JsonValue, patch: unknown): JsonValue =>
  applyJsonPatch(freezeDeep(document), decodeJsonPatch(freezeDeep(patch), true).operations);

const list = { a: ["x", "y"], n: null, o: { "c/d": 1, "e~f": 2 } };

describe("JSON patch", () => {
  it.each<[string, unknown, JsonValue]>([
    ["adds a member", [{ op: "add", path: "/b", value: 1 }], { ...list, b: 1 }],
    ["adds null where no value is given", [{ op: "add", path: "/b" }], { ...list, b: null }],
    ["inserts into a list", [{ op: "add", path: "/a/1", value: "z" }], { ...list, a: ["x", "z", "y"] }],
    ["inserts before a list", [{ op: "add", path: "/a/0", value: "z" }], { ...list, a: ["z", "x", "y"] }],
    [
      "inserts before a list, counted from its end",
      [{ op: "add", path: "/a/-3", value: "z" }],
      { ...list, a: ["z", "x", "y"] },
    ],
    ["appends to a list", [{ op: "add", path: "/a/-", value: "z" }], { ...list, a: ["x", "y", "z"] }],
    ["appends at index -1", [{ op: "add", path: "/a/-1", value: "z" }], { ...list, a: ["x", "y", "z"] }],
    ["removes a list item from the end", [{ op: "remove", path: "/a/-2" }], { ...list, a: ["y"] }],
    [
      "reads escapes in a path",
      [
        { op: "replace", path: "/o/c~1d", value: 3 },
        { op: "remove", path: "/o/e~0f" },
      ],
      { ...list, o: { "c/d": 3 } },
    ],
    ["replaces a missing member", [{ op: "replace", path: "/b", value: 1 }], { ...list, b: 1 }],
    ["replaces the document", [{ op: "replace", path: "", value: { z: 1 } }], { z: 1 }],
    ["ignores what stands before the first slash", [{ op: "add", path: "here/b", value: 1 }], { ...list, b: 1 }],
    ["moves", [{ op: "move", from: "/a/0", path: "/o/first" }], { ...list, a: ["y"], o: { ...list.o, first: "x" } }],
    [
      "copies, and the copy is its own",
      [
        { op: "copy", from: "/o", path: "/p" },
        { op: "add", path: "/p/q", value: 1 },
      ],
      { ...list, p: { ...list.o, q: 1 } },
    ],
    [
      "copies a parent into its child",
      [
        { op: "add", path: "/o/x", value: {} },
        { op: "copy", from: "/o", path: "/o/x/o" },
      ],
      { ...list, o: { ...list.o, x: { o: { ...list.o, x: {} } } } },
    ],
    ["tests whatever the order of keys", [{ op: "test", path: "/o", value: { "e~f": 2, "c/d": 1 } }], list],
    ["tests a missing member as null", [{ op: "test", path: "/missing", value: null }], list],
    ["does nothing for null", null, list],
  ])("%s", (_name, patch, result) => {
    expect(patched(list, patch)).toEqual(result);
  });

  it.each([
    [
      "a missing member to remove",
      { op: "remove", path: "/b" },
      "error in remove for path: '/b': Unable to remove nonexistent key: b: missing value",
    ],
    [
      "a missing parent",
      { op: "add", path: "/b/c", value: 1 },
      'add operation does not apply: doc is missing path: "/b/c": missing value',
    ],
    [
      "a null parent",
      { op: "add", path: "/n/c", value: 1 },
      'add operation does not apply: doc is missing path: "/n/c": missing value',
    ],
    [
      "an index behind the end",
      { op: "add", path: "/a/3", value: 1 },
      "error in add for path: '/a/3': Unable to access invalid index: 3: invalid index referenced",
    ],
    [
      "an index that is no number",
      { op: "add", path: "/a/x", value: 1 },
      `error in add for path: '/a/x': value was not a proper array index: 'x': strconv.Atoi: parsing "x": invalid syntax`,
    ],
    [
      "an item to replace that is not there",
      { op: "replace", path: "/a/2", value: 1 },
      "replace operation does not apply: doc is missing key: /a/2: missing value",
    ],
    ["a test that fails", { op: "test", path: "/a/0", value: "y" }, "testing value /a/0 failed: test failed"],
    ["an unknown operation", { op: "frob", path: "/a" }, "Unexpected kind: frob"],
    ["no path", { op: "add" }, "add operation failed to decode path: missing value"],
    [
      "a prototype as a parent",
      { op: "add", path: "/__proto__/x", value: 1 },
      'add operation does not apply: doc is missing path: "/__proto__/x": missing value',
    ],
  ])("refuses %s", (_name, operation, message) => {
    expect(() => patched(list, [operation])).toThrow(new PatchError(422, message));
  });

  it.each([
    [
      "an object",
      {},
      true,
      "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
    ],
    ["an object, read loosely", {}, false, "json: cannot unmarshal object into Go value of type jsonpatch.Patch"],
    [
      "a list of words",
      ["a"],
      true,
      "error decoding patch: json: cannot unmarshal string into Go value of type handlers.jsonPatchOp",
    ],
    [
      "a list of words, read loosely",
      ["a"],
      false,
      "json: cannot unmarshal string into Go value of type jsonpatch.Operation",
    ],
    [
      "a path that is no text",
      [{ op: "add", path: 5 }],
      true,
      "error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.path of type string",
    ],
  ])("refuses %s as a patch", (_name, value, strict, message) => {
    expect(() => decodeJsonPatch(value, strict)).toThrow(new PatchError(400, message));
  });

  it("reports unknown members to strict readers only", () => {
    const patch = [{ op: "add", path: "/a", foo: 1 }];
    expect([decodeJsonPatch(patch, true).problems, decodeJsonPatch(patch, false).problems]).toEqual([
      ['json patch unknown field "[0].foo"'],
      [],
    ]);
  });

  it("refuses more operations than the limit", () => {
    const patch = Array.from({ length: maxJsonPatchOperations + 1 }, () => ({ op: "test", path: "/a" }));
    expect(() => decodeJsonPatch(patch, true)).toThrow(
      new PatchError(413, "The allowed maximum operations in a JSON patch is 10000, got 10001"),
    );
  });

  it("stops copies that would let a document grow without bound", () => {
    const doubling = Array.from({ length: 40 }, (_unused, index) => ({ op: "copy", from: "/a", path: `/a/x${index}` }));
    expect(() => patched({ a: { text: "x".repeat(1000) } }, doubling)).toThrow(/^Unable to complete the copy/);
  });

  it("keeps __proto__ a key like any other", () => {
    const document = JSON.parse('{"__proto__":{"a":1}}') as JsonValue;
    const result = patched(document, JSON.parse('[{"op":"add","path":"/__proto__/b","value":2}]'));
    expect([JSON.stringify(result), Object.getPrototypeOf(result)]).toEqual([
      '{"__proto__":{"a":1,"b":2}}',
      Object.prototype,
    ]);
  });

  it("answers as the API does: the reason only where the request could not be read", () => {
    expect(
      [400, 413, 422, 500].map((code) => {
        const { status } = patchFailure(new PatchError(code as PatchError["code"], "why"));
        return [status.code, status.reason, status.message];
      }),
    ).toEqual([
      [400, "BadRequest", "why"],
      [413, "RequestEntityTooLarge", "Request entity too large: why"],
      [422, "Invalid", "the server rejected our request due to an error in our request"],
      [500, undefined, "why"],
    ]);
  });

  it("never changes the document that it is given, and undoes what it did", () => {
    const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>;
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ maxLength: 3 }), json),
        fc.string({ maxLength: 3 }),
        json,
        (fields, key, value) => {
          const document = { ...fields };
          delete document[key];
          const path = `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
          const roundTrip = [
            { op: "add", path, value },
            { op: "test", path, value },
            { op: "remove", path },
          ];
          expect(patched(document, roundTrip)).toEqual(document);
        },
      ),
    );
  });
});
