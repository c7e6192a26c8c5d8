import type { FieldSchema, FieldType, StructSchema } from "../schema.ts";
import { zeroScalars } from "./scalars.ts";

type Fields = Record<string, unknown>;

/**
 * Puts a field into an object that is to be complete, whatever it was decoded from: its value, or what stands there
 * when the value is zero or, being undefined, was not given.
 */
export function putField(object: Fields, field: FieldSchema, decoded: unknown): void {
  if (decoded !== undefined && isKept(field, decoded)) object[field.name] = decoded;
  else if (field.whenEmpty === "null") object[field.name] = null;
  else if (field.whenEmpty === "zero") object[field.name] = field.type.kind === "list" ? [] : zeroOf(field.type);
}

/** The zero of a type: what a complete object holds where nothing was given. */
export function zeroOf(type: FieldType): unknown {
  if (type.kind === "scalar") return zeroScalars[type.scalar];
  if (type.kind !== "struct" || type.struct.row.jsonForm !== undefined) return null;
  return zeroStruct(type.struct);
}

function zeroStruct(schema: StructSchema): Fields {
  const object: Fields = {};
  for (const field of schema.fields) putField(object, field, undefined);
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
      return decoded !== "" && decoded !== 0 && decoded !== false && decoded !== null && !isEmptyList(decoded);
    case "struct":
      return true;
  }
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
