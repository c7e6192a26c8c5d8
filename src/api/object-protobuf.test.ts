import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError, decodeObject } from "./decode.ts";
import { encodeJson, parseJson } from "./json.ts";
import { findKind, kindsOfType } from "./kinds.ts";
import {
  decodeObjectMessage,
  encodeEvent,
  encodeObjectMessage,
  hasProtobufForm,
  listMessage,
  unwrapMessage,
  wrapMessage,
} from "./object-protobuf.ts";
import { groupVersionTables } from "./schema/tables.ts";
import { createSchemaRegistry, type FieldType, type ScalarName, type StructSchema } from "./schema.ts";

const schemas = createSchemaRegistry();
const roundTripFolder = join(import.meta.dirname, "../../../shared/testdata/api-roundtrip/v1.36");
const roundTripFiles = ["", "apiextensions/"].flatMap((folder) =>
  existsSync(join(roundTripFolder, folder))
    ? readdirSync(join(roundTripFolder, folder)).flatMap((file) => (file.endsWith(".pb") ? [folder + file] : []))
    : [],
);

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const fromHex = (text: string): Uint8Array => Buffer.from(text.replaceAll(" ", ""), "hex");
const complete = <T extends object>(type: string, value: unknown): T =>
  decodeObject<T>(schemas.struct(type), value).object;

const allSchemas = Object.entries(groupVersionTables).flatMap(([file, table]) =>
  Object.keys(table.types).map((type) => schemas.struct(`${file}.${type}`)),
);
const kindSchemas = allSchemas.filter((schema) => hasProtobufForm(schema) && kindsOfType(schema.name).length > 0);

describe("messages of objects", () => {
  it.skipIf(roundTripFiles.length === 0)("are those of upstream's round-trip files, byte for byte", () => {
    let compared = 0;
    for (const file of roundTripFiles) {
      const bytes = readFileSync(join(roundTripFolder, file));
      const wrapped = unwrapMessage(bytes);
      // An event of a watch says nothing of its type.
      const type = wrapped.kind === "" ? "meta.v1.WatchEvent" : findKind(wrapped.apiVersion, wrapped.kind)?.type;
      if (type === undefined) continue;
      const schema = schemas.struct(type);
      const json = parseJson(readFileSync(join(roundTripFolder, file.replace(/pb$/, "json")))).value;
      const { kind: _kind, apiVersion: _apiVersion, ...object } = complete<Record<string, unknown>>(type, json);
      const decoded = decodeObjectMessage(schema, wrapped.message);
      const encoded = Buffer.concat(wrapMessage(wrapped, [encodeObjectMessage(schema, object)]));
      expect([file, encodeJson(decoded), hex(encoded)]).toEqual([file, encodeJson(object), hex(bytes)]);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(120);
  });

  it.each<[string, string, object, string]>([
    ["zeros that are no pointers", "core.v1.ContainerPort", {}, "0a00 1000 1800 2200 2a00"],
    ["zeros that pointers point to", "core.v1.SeccompProfile", { type: "", localhostProfile: "" }, "0a00 1200"],
    ["nothing for pointers to nothing", "core.v1.SeccompProfile", {}, "0a00"],
    [
      "a struct inside JSON as a message",
      "core.v1.ConfigMapKeySelector",
      { name: "n", key: "k" },
      "0a03 0a016e 12016b",
    ],
    [
      "maps in byte order of their keys",
      "core.v1.ConfigMap",
      { metadata: {}, data: { b: "2", a: "1" } },
      "0a10 0a00 1200 1a00 2200 2a00 3200 3800 4200 1206 0a0161 120131 1206 0a0162 120132",
    ],
    [
      "bytes, also when there are none",
      "core.v1.Secret",
      { metadata: {}, data: { a: "AP8=", b: "", c: null } },
      "0a10 0a00 1200 1a00 2200 2a00 3200 3800 4200 1207 0a0161 120200ff 1205 0a0162 1200 1203 0a0163 1a00",
    ],
    ["a quantity", "core.v1.ResourceFieldSelector", { divisor: "1024Mi" }, "0a00 1200 1a05 0a03 314769"],
    ["a port by number", "core.v1.TCPSocketAction", { port: 80 }, "0a06 0800 1050 1a00 1200"],
    ["a port by name", "core.v1.TCPSocketAction", { port: "web" }, "0a09 0801 1000 1a03 776562 1200"],
    ["a time", "core.v1.ContainerStateRunning", { startedAt: "2026-04-22T10:00:00Z" }, "0a08 08a0b8a2cf06 1000"],
    ["no time", "core.v1.ContainerStateRunning", {}, "0a00"],
    [
      "a time before 1970",
      "core.v1.ContainerStateRunning",
      { startedAt: "1969-12-31T23:59:59Z" },
      "0a0d 08ffffffffffffffffff01 1000",
    ],
    [
      "a time with microseconds",
      "coordination.v1.LeaseSpec",
      { renewTime: "2026-04-22T10:00:00.000001Z" },
      "2209 08a0b8a2cf06 10e807",
    ],
    ["unpacked numbers", "core.v1.PodSecurityContext", { supplementalGroups: [1, -1] }, "2001 20ffffffffffffffffff01"],
  ])("hold %s", (_name, type, value, expected) => {
    expect(hex(encodeObjectMessage(schemas.struct(type), complete(type, value)))).toBe(expected.replaceAll(" ", ""));
  });

  it("are the same for a field that is zero and one that was left out", () => {
    const schema = schemas.struct("core.v1.Pod");
    expect(hex(encodeObjectMessage(schema, {}))).toBe(hex(encodeObjectMessage(schema, complete("core.v1.Pod", {}))));
  });

  const forms: readonly [string, object][] = [
    ["a schema", { items: { type: "string" } }],
    ["a list of schemas", { items: [{ type: "string" }, { type: "integer" }] }],
    ["yes", { additionalProperties: true }],
    ["no", { additionalProperties: false }],
    ["a schema for what is more", { additionalProperties: { type: "string" } }],
    ["names that are needed", { dependencies: { a: ["b"], c: { type: "string" } } }],
    ["schemas in schemas", { properties: { a: { properties: { b: { not: { type: "string" } } } } } }],
    ["JSON of any form", { default: { b: [1, null], a: 9_007_199_254_740_993n }, enum: ["a", 1, false] }],
  ];
  it.each(forms)("keep %s in a JSON schema", (_name, value) => {
    const schema = schemas.struct("apiextensions.v1.JSONSchemaProps");
    const object = complete(schema.name, value);
    expect(decodeObjectMessage(schema, encodeObjectMessage(schema, object))).toEqual(object);
  });

  it("give back every object of every kind", () => {
    for (const schema of kindSchemas) {
      const object = arbitraryStruct(schema, 3).map((value) => complete(schema.name, value));
      fc.assert(
        fc.property(object, (value) => {
          const { kind: _kind, apiVersion: _apiVersion, ...expected } = value as Record<string, unknown>;
          expect(encodeJson(decodeObjectMessage(schema, encodeObjectMessage(schema, value)))).toBe(
            encodeJson(expected),
          );
        }),
        { numRuns: 3, seed: 1 },
      );
    }
  });

  it.each<[string, string, string, object]>([
    ["nothing as zeros", "core.v1.ContainerPort", "", complete("core.v1.ContainerPort", {})],
    ["fields in any order", "core.v1.ContainerPort", "1850 0a01 61", { name: "a", containerPort: 80 }],
    ["the last of two", "core.v1.ContainerPort", "1850 1851", { containerPort: 81 }],
    [
      "a struct in two pieces as their sum",
      "core.v1.EnvVar",
      "0a0161 1a06 0a04 12026162 1a06 1a04 0a020a00",
      { name: "a", valueFrom: { fieldRef: { fieldPath: "ab" }, configMapKeyRef: { key: "" } } },
    ],
    [
      "past unknown fields of all forms",
      "core.v1.ContainerPort",
      "a00601 a106 0000000000000000 a20601ff 1850",
      { containerPort: 80 },
    ],
    ["packed numbers", "core.v1.PodSecurityContext", "2203 010203 2004", { supplementalGroups: [1, 2, 3, 4] }],
    ["a member of a map that says nothing", "core.v1.ConfigMap", "1200", { metadata: {}, data: { "": "" } }],
    [
      "maps in byte order of their keys",
      "core.v1.ConfigMap",
      "1205 0a0162 1200 1205 0a0161 1200",
      { metadata: {}, data: { a: "", b: "" } },
    ],
    [
      "__proto__ as a key like any other",
      "core.v1.ConfigMap",
      "120d 0a09 5f5f70726f746f5f5f 1200",
      { metadata: {}, data: JSON.parse('{"__proto__":""}') },
    ],
    [
      "an amount that is not in its stored form",
      "core.v1.ResourceFieldSelector",
      "1200 1a08 0a06 313032344d69",
      { resource: "", divisor: "1Gi" },
    ],
    [
      "the time at which counting starts",
      "core.v1.ContainerStateRunning",
      "0a04 0800 1000",
      { startedAt: "1970-01-01T00:00:00Z" },
    ],
    ["Go's zero time as none", "core.v1.ContainerStateRunning", "0a0b 08 8092b8c398feffffff01", { startedAt: null }],
    [
      "a moment within a second, rounded down",
      "coordination.v1.LeaseSpec",
      "2205 0801 10cf0f",
      { renewTime: "1970-01-01T00:00:01.000001Z" },
    ],
  ])("are read: %s", (_name, type, bytes, expected) => {
    const object = decodeObjectMessage(schemas.struct(type), fromHex(bytes));
    expect(JSON.parse(encodeJson(object))).toEqual(JSON.parse(encodeJson(complete(type, expected))));
  });

  it.each<[string, string, string, string]>([
    ["of a text that ends early", "core.v1.ContainerPort", "0a0561", "unexpected EOF"],
    ["of a number where text belongs", "core.v1.ContainerPort", "0801", "proto: wrong wireType = 0 for field name"],
    ["of a number where a struct belongs", "core.v1.Pod", "0801", "proto: wrong wireType = 0 for field metadata"],
    ["of a field without number", "core.v1.Pod", "02", "proto: core.v1.Pod: illegal tag 0 (wire type 2)"],
    [
      "of an amount that is none",
      "core.v1.ResourceFieldSelector",
      "1a03 0a0178",
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      "of a time beyond the year 9999",
      "core.v1.ContainerStateRunning",
      "0a07 088083d1ffaf07",
      "Time.MarshalJSON: year outside of range [0,9999]",
    ],
    [
      "of raw bytes that are no JSON",
      "apps.v1.ControllerRevision",
      "1203 0a0178",
      "invalid character 'x' looking for beginning of value",
    ],
  ])("are refused because %s", (_name, type, bytes, message) => {
    expect(() => decodeObjectMessage(schemas.struct(type), fromHex(bytes))).toThrow(new DecodeError(message));
  });

  it("are refused when they nest too deeply, in either direction", () => {
    const schema = schemas.struct("apiextensions.v1.JSONSchemaProps");
    let value: object = {};
    for (let level = 0; level < 1001; level += 1) value = { not: value };
    expect(() => encodeObjectMessage(schema, value)).toThrow("proto: exceeded max depth");
    const number = schema.byName.get("not")?.row.pb as number;
    let bytes = Buffer.alloc(0);
    for (let level = 0; level < 1001; level += 1) bytes = Buffer.concat([fieldStart(number, bytes.length), bytes]);
    expect(() => decodeObjectMessage(schema, bytes)).toThrow(new DecodeError("proto: exceeded max depth"));
  });

  it("are refused when they have more members than memory is meant for", () => {
    const bytes = new Uint8Array(2_000_002).fill(0);
    for (let index = 0; index < bytes.length; index += 2) bytes[index] = 0x12;
    expect(() => decodeObjectMessage(schemas.struct("core.v1.PodSpec"), bytes)).toThrow(
      new DecodeError("proto: message has too many members"),
    );
  });

  it("are there for every kind but tables", () => {
    const without = allSchemas.filter((schema) => !hasProtobufForm(schema)).map((schema) => schema.name);
    expect(without).toEqual([
      "meta.v1.Table",
      "meta.v1.TableColumnDefinition",
      "meta.v1.TableRow",
      "meta.v1.TableRowCondition",
    ]);
  });
});

describe("messages of lists", () => {
  // A list of anything has no items of one kind.
  const lists = kindSchemas.flatMap((schema) => {
    const items = schema.byName.get("items")?.type;
    if (items?.kind !== "list" || items.element.kind !== "struct" || !schema.byName.has("metadata")) return [];
    return [{ schema, item: items.element.struct }];
  });

  it("are the same from objects and from the messages of their items", () => {
    expect(lists.length).toBeGreaterThan(50);
    for (const { schema, item } of lists) {
      const { items: _items, ...list } = complete<{ items?: unknown }>(schema.name, {
        metadata: { resourceVersion: "7" },
      });
      const object = complete(item.name, {});
      const message = encodeObjectMessage(item, object);
      expect([schema.name, hex(Buffer.concat(listMessage(schema, list, [message, message])))]).toEqual([
        schema.name,
        hex(encodeObjectMessage(schema, { ...list, items: [object, object] })),
      ]);
    }
  });
});

describe("envelopes", () => {
  it("hold type and message", () => {
    const wrapped = Buffer.concat(wrapMessage({ apiVersion: "v1", kind: "Pod" }, [fromHex("0a"), fromHex("00")]));
    expect(hex(wrapped)).toBe("6b387300 0a09 0a027631 1203506f64 1202 0a00 1a00 2200".replaceAll(" ", ""));
    expect(unwrapMessage(wrapped)).toEqual({ apiVersion: "v1", kind: "Pod", message: Uint8Array.of(0x0a, 0x00) });
  });

  it.each([
    ["that are empty", "", "empty data"],
    ["of JSON", "7b7d", "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]"],
    ["with nothing inside", "6b387300", "empty body"],
    ["that end early", "6b387300 0a09", "unexpected EOF"],
  ])("are refused: bytes %s", (_name, bytes, message) => {
    expect(() => unwrapMessage(fromHex(bytes))).toThrow(new DecodeError(message));
  });

  it("stand in events behind their length", () => {
    expect(hex(encodeEvent("ADDED", fromHex("6b387300")))).toBe(
      "0000000f 0a05 4144444544 1206 0a04 6b387300".replaceAll(" ", ""),
    );
  });
});

function fieldStart(number: number, length: number): Uint8Array {
  const bytes: number[] = [];
  for (const value of [number * 8 + 2, length]) {
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80);
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}

const int64 = fc.oneof(
  fc.maxSafeInteger(),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
);
const timestamp = fc.date({
  min: new Date(-62_167_219_200_000),
  max: new Date(253_402_300_799_999),
  noInvalidDate: true,
});
const text = fc.string({ unit: "grapheme" });
const anyJson = fc.dictionary(text, fc.oneof(text, fc.integer(), fc.constant(null)));
const scalars: Readonly<Record<ScalarName, fc.Arbitrary<unknown>>> = {
  string: text,
  bool: fc.boolean(),
  int32: fc.integer(),
  int64,
  float64: fc.double({ noNaN: true, noDefaultInfinity: true }),
  bytes: fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("base64")),
  quantity: fc.constantFrom("0", "100m", "1Gi", "1500", "-3k", "1e3"),
  intOrString: fc.oneof(text, fc.integer()),
  time: timestamp.map((date) => date.toISOString()),
  microTime: timestamp.map((date) => date.toISOString().replace("Z", "999Z")),
  duration: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((nanos) => `${nanos}ns`),
  rawExtension: anyJson,
  fieldsV1: anyJson,
  json: fc.oneof(anyJson, text, fc.array(fc.integer())),
  stringList: fc.array(text),
};

/**
 * Values of a type, as clients send them; structs below so many levels are empty. Lists and maps are not: protobuf
 * cannot tell them from those that are not there.
 */
function arbitrary(type: FieldType, levels: number): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case "scalar":
      return scalars[type.scalar];
    case "list":
      return fc.array(arbitrary(type.element, levels), { minLength: 1, maxLength: 2 });
    case "map":
      return fc.dictionary(text, arbitrary(type.value, levels), { minKeys: 1, maxKeys: 2 });
    case "struct":
      if (type.struct.row.jsonForm !== undefined) return fc.constantFrom({}, { type: "string" });
      return levels === 0 ? fc.constant({}) : arbitraryStruct(type.struct, levels - 1);
  }
}

function arbitraryStruct(schema: StructSchema, levels: number): fc.Arbitrary<object> {
  return fc.record(Object.fromEntries(schema.fields.map(({ name, type }) => [name, arbitrary(type, levels)])), {
    requiredKeys: [],
  });
}
