import { isJsonObject } from "../json-value.ts";
import type { FieldSchema, FieldType, StructSchema } from "../schema.ts";
import { DecodeError, mismatch } from "./decode-error.ts";
import { goTypeName } from "./go-type-names.ts";
import { decodeScalar } from "./scalars.ts";

type Scalar = FieldType & { readonly kind: "scalar" };

/**
 * Why an untyped object, such as the result of a strategic merge patch, does not fit a type. Upstream converts these with
 * words of their own, which say nothing of the place, and finds the first fault in the order of the type's fields.
 * @returns undefined when it fits
 */
export function explainUnstructured(schema: StructSchema, value: unknown): string | undefined {
  if (!isJsonObject(value)) return `cannot restore struct from: ${goKindOf(value)}`;
  for (const field of schema.fields) {
    const member = Object.hasOwn(value, field.name) ? value[field.name] : undefined;
    const fault = explainValue(field.type, member, field, schema);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function explainValue(type: FieldType, value: unknown, field: FieldSchema, struct: StructSchema): string | undefined {
  if (value === null || value === undefined) return undefined;
  switch (type.kind) {
    case "scalar":
      return explainScalar(type, value, field, struct);
    case "list":
      if (!Array.isArray(value)) return `cannot restore slice from ${goKindOf(value)}`;
      return firstFault(value, (item) => explainValue(type.element, item, field, struct));
    case "map":
      if (!isJsonObject(value)) return `cannot restore map from ${goKindOf(value)}`;
      return firstFault(Object.keys(value), (key) => explainValue(type.value, value[key], field, struct));
    case "struct":
      return type.struct.row.jsonForm === undefined ? explainUnstructured(type.struct, value) : undefined;
  }
}

function firstFault<T>(items: readonly T[], explain: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const fault = explain(item);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function explainScalar(type: Scalar, value: unknown, field: FieldSchema, struct: StructSchema): string | undefined {
  try {
    decodeScalar(type.scalar, value);
    return undefined;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    if (error !== mismatch)
      return type.scalar === "bytes" ? `error decoding from json: ${error.message}` : error.message;
  }
  const goType = goTypeName(type, field, struct);
  switch (type.scalar) {
    case "string":
      return goKindOf(value) === "int64" ? `cannot convert int64 to ${goType}` : "unrecognized type: string";
    case "bool":
      return "unrecognized type: bool";
    case "int32":
    case "int64":
      return typeof value === "number"
        ? `cannot convert ${goKindOf(value)} to ${goType}`
        : `unrecognized type: ${goType}`;
    case "float64":
      return "unrecognized type: float64";
    case "bytes":
    case "stringList":
      return Array.isArray(value) ? "unrecognized type: string" : `cannot restore slice from ${goKindOf(value)}`;
    default:
      return `json: cannot unmarshal ${jsonTypeOf(value, type.scalar === "intOrString")} into Go value of type ${goType}`;
  }
}

function goKindOf(value: unknown): string {
  if (Array.isArray(value)) return "slice";
  if (typeof value === "object") return "map";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "string";
  return Number.isInteger(value) || typeof value === "bigint" ? "int64" : "float64";
}

function jsonTypeOf(value: unknown, isInteger: boolean): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number" || typeof value === "bigint") return isInteger ? `number ${value}` : "number";
  return typeof value;
}
