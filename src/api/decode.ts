import { putField, zeroOf } from "./decode/completion.ts";
import { DecodeError, mismatch } from "./decode/decode-error.ts";
import { diagnose } from "./decode/diagnosis.ts";
import { decodeScalar } from "./decode/scalars.ts";
import { explainUnstructured } from "./decode/unstructured-diagnosis.ts";
import { isJsonObject } from "./json-value.ts";
import type { FieldSchema, FieldType, StructSchema } from "./schema.ts";
import { compareUtf8 } from "./utf8.ts";

export { DecodeError, zeroOf };

/** A complete object, and what a strict reader objects to in the input. */
export interface Decoded<T> {
  /** Every field in written order and in the one form in which the API stores it; unknown fields are gone. */
  readonly object: T;
  /**
   * `unknown field "spec.containers[0].foo"`, and `duplicate field "..."` where repeated keys were given; in the order
   * written, each once, a hundred at most. Refused, warned of or ignored, as the request asks.
   */
  readonly problems: readonly string[];
  /** The paths of the unknown fields among them. */
  readonly unknownFields: readonly string[];
}

type Fields = Record<string, unknown>;

/** What decoding notices on its way. */
interface Notes {
  hasUnknownFields: boolean;
}

/**
 * Turns parsed JSON (or an object built in code) into a complete object of a schema: fields in written order,
 * amounts and times in their stored form, zero values left out or filled in as the tables say. The result shares
 * nothing mutable with the input, except values that are kept verbatim. Maps have no prototype.
 * @param repeatedKeys what `parseJson` says of repeated keys, to have them reported
 * @throws {DecodeError} when a value has the wrong type, in upstream's words
 */
export function decodeObject<T>(
  schema: StructSchema,
  value: unknown,
  repeatedKeys?: ReadonlyMap<object, readonly string[]>,
): Decoded<T> {
  const notes: Notes = { hasUnknownFields: false };
  const object = tryDecode(schema, value, notes, () => diagnose(schema, value, undefined).error) as T;
  if (!notes.hasUnknownFields && repeatedKeys === undefined) return { object, problems: none, unknownFields: none };
  const { problems, unknownFields } = diagnose(schema, value, repeatedKeys);
  return { object, problems, unknownFields };
}

/**
 * Decodes an untyped object that was made here, such as the result of a strategic merge patch. The same as
 * `decodeObject`, but for the words in which upstream reports what does not fit, and the order of problems: sorted.
 * @throws {DecodeError}
 */
export function decodeUnstructured<T>(schema: StructSchema, value: unknown): Decoded<T> {
  const fault = (): string | undefined => explainUnstructured(schema, value);
  const notes: Notes = { hasUnknownFields: false };
  const object = tryDecode(schema, value, notes, fault) as T;
  if (!notes.hasUnknownFields) return { object, problems: none, unknownFields: none };
  const { problems, unknownFields } = diagnose(schema, value, undefined, false);
  return { object, problems: problems.toSorted(compareUtf8), unknownFields };
}

const none: readonly string[] = Object.freeze([]);

function tryDecode(schema: StructSchema, value: unknown, notes: Notes, explain: () => string | undefined): Fields {
  try {
    if (!isJsonObject(value)) throw mismatch;
    return decodeStruct(schema, value, notes);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new DecodeError(explain() ?? error.message, { cause: error });
  }
}

function decodeStruct(schema: StructSchema, value: Readonly<Fields>, notes: Notes): Fields {
  const object: Fields = {};
  let known = 0;
  if (schema.typeMeta) {
    for (const name of typeMetaNames) {
      const text = value[name];
      if (text === undefined) continue;
      known += 1;
      if (text !== null && typeof text !== "string") throw mismatch;
      if (text !== null && text !== "") object[name] = text;
    }
  }
  for (const field of schema.fields) {
    const { name } = field;
    const input = field.isInherited && !Object.hasOwn(value, name) ? undefined : value[name];
    if (input !== undefined) known += 1;
    putField(object, field, input === undefined || input === null ? undefined : decodeValue(field.type, input, notes));
  }
  if (known < Object.keys(value).length) notes.hasUnknownFields = true;
  return object;
}

const typeMetaNames = ["kind", "apiVersion"] as const;

function decodeValue(type: FieldType, value: unknown, notes: Notes): unknown {
  switch (type.kind) {
    case "scalar":
      return decodeScalar(type.scalar, value);
    case "list":
      if (!Array.isArray(value)) throw mismatch;
      return decodeList(type.element, value, notes);
    case "map":
      if (!isJsonObject(value)) throw mismatch;
      return decodeMap(type.value, value, notes);
    case "struct":
      if (type.struct.row.jsonForm !== undefined) return decodeJsonForm(type.struct, value);
      if (!isJsonObject(value)) throw mismatch;
      return decodeStruct(type.struct, value, notes);
  }
}

function decodeList(element: FieldType, value: readonly unknown[], notes: Notes): unknown[] {
  const list: unknown[] = [];
  for (const item of value)
    list.push(item === null || item === undefined ? zeroOf(element) : decodeValue(element, item, notes));
  return list;
}

/** Maps are written in byte order of their keys. */
function decodeMap(type: FieldType, value: Readonly<Fields>, notes: Notes): Fields {
  const keys = Object.keys(value);
  if (keys.length > 1) keys.sort(compareUtf8);
  const map: Fields = Object.create(null);
  for (const key of keys) {
    const item = value[key];
    map[key] = item === null || item === undefined ? zeroOf(type) : decodeValue(type, item, notes);
  }
  return map;
}

/**
 * The three places of a JSON schema where something else than a schema may stand: a list of schemas, a boolean, a list
 * of names. What is none of these is null, except where a boolean belongs. Unknown fields inside are not reported.
 */
function decodeJsonForm(form: StructSchema, value: unknown): unknown {
  const notes: Notes = { hasUnknownFields: false };
  const [first, second] = form.fields as readonly [FieldSchema, FieldSchema];
  const schemaType = form.row.jsonForm === "schemaOrBool" ? second.type : first.type;
  if (isJsonObject(value)) return decodeValue(schemaType, value, notes);
  if (form.row.jsonForm === "schemaOrBool") {
    if (typeof value !== "boolean") throw new DecodeError("boolean or JSON schema expected");
    return value;
  }
  if (!Array.isArray(value)) return null;
  const list = decodeValue(second.type, value, notes) as readonly unknown[];
  return list.length === 0 ? null : list;
}
