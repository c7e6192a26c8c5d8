import { expect, test } from "vitest";
import type { JsonObject } from "../../api/json-value.ts";
import { encodeV2Document } from "./encode-v2.ts";

/** A field as it is on the wire: of messages and texts, the bytes. */
type WireField = readonly [number: number, value: Uint8Array | number];

function readFields(bytes: Uint8Array): WireField[] {
  const fields: WireField[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    if ((tag & 7) === 0) {
      fields.push([tag >> 3, varint()]);
      continue;
    }
    const length = varint();
    fields.push([tag >> 3, bytes.subarray(at, at + length)]);
    at += length;
  }
  return fields;
}

/** Follows field numbers into a message. */
function at(bytes: Uint8Array, ...path: readonly number[]): Uint8Array[] {
  const [first, ...rest] = path;
  if (first === undefined) return [bytes];
  return readFields(bytes)
    .filter(([number]) => number === first)
    .flatMap(([, value]) => (typeof value === "number" ? [] : at(value, ...rest)));
}

const texts = (bytes: readonly Uint8Array[]): string[] => bytes.map((part) => new TextDecoder().decode(part));

const document: JsonObject = {
  swagger: "2.0",
  info: { title: "Kubernetes", version: "1.36" },
  paths: {
    "/api/v1/pods": {
      get: {
        operationId: "listPods",
        tags: ["core_v1"],
        produces: ["application/json"],
        responses: { "200": { description: "OK", schema: { $ref: "#/definitions/PodList" } } },
        "x-kubernetes-action": "list",
        parameters: [
          { name: "limit", in: "query", type: "integer", uniqueItems: true },
          { $ref: "#/parameters/watch" },
        ],
      },
    },
  },
  definitions: {
    Pod: {
      type: "object",
      required: ["spec"],
      properties: { spec: { $ref: "#/definitions/PodSpec" }, names: { type: "array", items: { type: "string" } } },
      "x-kubernetes-group-version-kind": [{ group: "", kind: "Pod", version: "v1" }],
    },
  },
};
const bytes = encodeV2Document(document);

test("a document starts with its version and title", () => {
  expect(texts(at(bytes, 1))).toEqual(["2.0"]);
  expect(texts([...at(bytes, 2, 1), ...at(bytes, 2, 2)])).toEqual(["Kubernetes", "1.36"]);
});

test("operations keep names, types and answers", () => {
  const [path] = at(bytes, 8, 2);
  if (path === undefined) throw new Error("no path");
  expect(texts(at(path, 1))).toEqual(["/api/v1/pods"]);
  const [get] = at(path, 2, 2);
  if (get === undefined) throw new Error("no operation");
  expect(texts([...at(get, 1), ...at(get, 5), ...at(get, 6)])).toEqual(["core_v1", "listPods", "application/json"]);
  expect(texts(at(get, 9, 1, 1))).toEqual(["200"]);
  // Of a parameter in a query, the name is field 4 of the third kind that is not a body; of a reference, field 1.
  expect(texts(at(get, 8, 2, 1))).toEqual(["#/parameters/watch"]);
});

test("schemas keep references, requirements and properties", () => {
  const [pod] = at(bytes, 9, 1, 2);
  if (pod === undefined) throw new Error("no definition");
  expect(texts(at(bytes, 9, 1, 1))).toEqual(["Pod"]);
  expect(texts(at(pod, 19))).toEqual(["spec"]);
  expect(texts(at(pod, 22, 1))).toEqual(["object"]);
  expect(texts(at(pod, 25, 1, 1))).toEqual(["spec", "names"]);
  expect(texts(at(pod, 25, 1, 2, 1))).toEqual(["#/definitions/PodSpec"]);
});

test("extensions are written as YAML, which is how readers take them", () => {
  const [extension] = at(bytes, 9, 1, 2, 31);
  if (extension === undefined) throw new Error("no extension");
  expect(texts(at(extension, 1))).toEqual(["x-kubernetes-group-version-kind"]);
  expect(texts(at(extension, 2, 2)).map((yaml) => yaml.trim())).toEqual(['[{"group":"","kind":"Pod","version":"v1"}]']);
});
