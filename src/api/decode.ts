import { isJsonObject } from "./json-value.ts";
import type { FieldSchema, FieldType, StructSchema } from "./schema.ts";

export { DecodeError } from "./decode/decode-error.ts";

import { DecodeError } from "./decode/decode-error.ts";
import { decodeScalar, zeroScalars } from "./decode/scalars.ts";

/** A complete object, and what a strict reader objects to in the input. */
export interface Decoded<T> {
  /** Every field in written order and in the one form in which the API stores it; unknown fields are gone. */
  readonly object: T;
  /** Paths such as `spec.containers[0].foo`: refused, warned of or ignored, as the request asks. */
  readonly unknownFields: readonly string[];
}

/** Most unknown fields that are reported for one object. */
const maxUnknownFields = 100;

/** Where a value stands: enough to write both kinds of path that messages use, only when one is needed. */
interface Place {
  readonly parent: Place | undefined;
  /** `.name` of a field, `[0]` of an item, `[key]` of a map; empty at the root. */
  readonly step: string;
  /** The innermost struct around the value. */
  readonly struct: StructSchema;
}

type Fields = Record<string, unknown>;

/**
 * Turns parsed JSON (or an object built in code) into a complete object of a schema: fields in written order,
 * amounts and times in their stored form, zero values left out or filled in as the tables say. The result shares
 * nothing mutable with the input, except values that are kept verbatim. Maps have no prototype.
 * @throws {DecodeError} when a value has the wrong type
 */
export function decodeObject<T>(schema: StructSchema, value: unknown): Decoded<T> {
  const root: Place = { parent: undefined, step: "", struct: schema };
  if (!isJsonObject(value)) throw mismatch(value, root, schema.goName);
  const unknownFields: string[] = [];
  return { object: decodeStruct(schema, value, root, unknownFields) as T, unknownFields };
}

/** The zero of a type: what a complete object holds where nothing was given. */
export function zeroOf(type: FieldType): unknown {
  if (type.kind === "scalar") return zeroScalars[type.scalar];
  if (type.kind !== "struct") return null;
  return decodeStruct(type.struct, {}, { parent: undefined, step: "", struct: type.struct }, []);
}

function decodeStruct(schema: StructSchema, value: Readonly<Fields>, place: Place, unknownFields: string[]): Fields {
  const object: Fields = {};
  let known = 0;
  if (schema.typeMeta) {
    for (const name of ["kind", "apiVersion"]) {
      if (!Object.hasOwn(value, name)) continue;
      known += 1;
      const text = value[name] ?? "";
      if (typeof text !== "string") throw mismatch(text, { parent: place, step: `.${name}`, struct: schema }, "string");
      if (text !== "") object[name] = text;
    }
  }
  for (const field of schema.fields) {
    const given = Object.hasOwn(value, field.name);
    if (given) known += 1;
    const input = given ? value[field.name] : undefined;
    const decoded =
      input === undefined || input === null
        ? undefined
        : decodeValue(field.type, input, { parent: place, step: `.${field.name}`, struct: schema }, unknownFields);
    if (decoded !== undefined && isKept(field, decoded)) object[field.name] = decoded;
    else if (field.whenEmpty === "null") object[field.name] = null;
    else if (field.whenEmpty === "zero") object[field.name] = zeroOf(field.type);
  }
  if (known < Object.keys(value).length) reportUnknown(schema, value, place, unknownFields);
  return object;
}

/** Zero values of plain fields count as absent; those of pointers and of fields that are always written do not. */
function isKept(field: FieldSchema, decoded: unknown): boolean {
  if (field.pointer || field.row.always === true) return true;
  switch (field.type.kind) {
    case "list":
      return (decoded as readonly unknown[]).length > 0;
    case "map":
      return Object.keys(decoded as Fields).length > 0;
    case "scalar":
      return decoded !== "" && decoded !== 0 && decoded !== false && decoded !== null;
    case "struct":
      return true;
  }
}

function decodeValue(type: FieldType, value: unknown, place: Place, unknownFields: string[]): unknown {
  switch (type.kind) {
    case "scalar":
      return decodeScalar(type.scalar, value, (goType) => mismatch(value, place, goType));
    case "list":
      if (!Array.isArray(value)) throw mismatch(value, place, goTypeName(type));
      return value.map((item: unknown, index) =>
        item === null || item === undefined
          ? zeroOf(type.element)
          : decodeValue(type.element, item, { ...place, parent: place, step: `[${index}]` }, unknownFields),
      );
    case "map":
      if (!isJsonObject(value)) throw mismatch(value, place, goTypeName(type));
      return decodeMap(type.value, value, place, unknownFields);
    case "struct":
      if (type.struct.row.jsonForm !== undefined) return value;
      if (!isJsonObject(value)) throw mismatch(value, place, type.struct.goName);
      return decodeStruct(type.struct, value, place, unknownFields);
  }
}

/** Maps are written in byte order of their keys. */
function decodeMap(type: FieldType, value: Readonly<Fields>, place: Place, unknownFields: string[]): Fields {
  const keys = Object.keys(value);
  if (keys.length > 1) keys.sort(compareCodePoints);
  const map: Fields = Object.create(null);
  for (const key of keys) {
    const item = value[key];
    map[key] =
      item === null || item === undefined
        ? zeroOf(type)
        : decodeValue(type, item, { ...place, parent: place, step: `[${key}]` }, unknownFields);
  }
  return map;
}

/** Order of UTF-8 bytes, which is the order of code points and not always that of UTF-16 units. */
function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0;
  for (let index = 0; index < a.length && index < b.length; index += 1) {
    const left = a.codePointAt(index) as number;
    const right = b.codePointAt(index) as number;
    if (left !== right) return left - right;
    if (left > 0xffff) index += 1;
  }
  return a.length - b.length;
}

function reportUnknown(schema: StructSchema, value: Readonly<Fields>, place: Place, unknownFields: string[]): void {
  for (const name of Object.keys(value)) {
    if (schema.byName.has(name) || (schema.typeMeta && (name === "kind" || name === "apiVersion"))) continue;
    if (unknownFields.length < maxUnknownFields) unknownFields.push(`${renderPath(place)}.${name}`.slice(1));
  }
}

function renderPath(place: Place): string {
  return place.parent === undefined ? place.step : renderPath(place.parent) + place.step;
}

/** Upstream's words for a value of the wrong JSON type: they name the Go struct and the fields without list positions. */
function mismatch(value: unknown, place: Place, goType: string): DecodeError {
  const path = renderPath(place).replace(/\[[^\]]*\]/g, "");
  const structName = place.struct.name.slice(place.struct.name.lastIndexOf(".") + 1);
  const where = path === "" ? `Go value of type ${goType}` : `Go struct field ${structName}${path} of type ${goType}`;
  return new DecodeError(`json: cannot unmarshal ${describeJson(value)} into ${where}`);
}

function describeJson(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number" || typeof value === "bigint")
    return Number.isInteger(value) ? "number" : `number ${value}`;
  return typeof value;
}

function goTypeName(type: FieldType): string {
  switch (type.kind) {
    case "scalar":
      return type.scalar;
    case "list":
      return `[]${goTypeName(type.element)}`;
    case "map":
      return `map[string]${goTypeName(type.value)}`;
    case "struct":
      return type.struct.goName;
  }
}
