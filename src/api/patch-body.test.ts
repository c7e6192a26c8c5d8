import { describe, expect, it } from "vitest";
import { readJsonPatch, readMergePatch, readStrategicMergePatch } from "./patch-body.ts";
import { PatchError } from "./patch-error.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const untyped = "Go value of type map[string]interface {}";

describe("patch bodies", () => {
  it.each([
    [
      "a truncated JSON patch",
      () => readJsonPatch(bytes("["), true),
      "error decoding patch: unexpected end of JSON input",
    ],
    ["a truncated JSON patch, read loosely", () => readJsonPatch(bytes("["), false), "unexpected end of JSON input"],
    [
      "a truncated merge patch",
      () => readMergePatch(bytes("{"), true),
      "error decoding patch: unexpected end of JSON input",
    ],
    ["a truncated merge patch, read loosely", () => readMergePatch(bytes("{"), false), "Invalid JSON Patch"],
    [
      "a list as merge patch",
      () => readMergePatch(bytes("[]"), true),
      `error decoding patch: json: cannot unmarshal array into ${untyped}`,
    ],
    ["a truncated strategic patch", () => readStrategicMergePatch(bytes("{"), true), "unexpected end of JSON input"],
    [
      "a number as strategic patch",
      () => readStrategicMergePatch(bytes("5"), false),
      `json: cannot unmarshal number into ${untyped}`,
    ],
  ])("refuses %s in upstream's words", (_name, read, message) => {
    expect(read).toThrow(new PatchError(400, message));
  });

  it("are read with what strict readers object to, in the order written", () => {
    const operations = '[{"op":"add","path":"/a","foo":1,"value":1,"op":"add","foo":2}]';
    const object = '{"data":{"a":"1","a":"2"},"data":{"b":"3"}}';
    expect([
      readJsonPatch(bytes(operations), true).problems,
      readMergePatch(bytes(object), true),
      readStrategicMergePatch(bytes(object), false),
      readStrategicMergePatch(bytes("null"), true),
    ]).toEqual([
      ['json patch unknown field "[0].foo"', 'json patch duplicate field "[0].op"'],
      { patch: { data: { b: "3" } }, problems: ['duplicate field "data"'] },
      { patch: { data: { b: "3" } }, problems: [] },
      { patch: {}, problems: [] },
    ]);
  });
});
