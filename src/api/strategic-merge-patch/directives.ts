import { goFormat } from "../go-format.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json-value.ts";
import { PatchError } from "../patch-error.ts";

/** An object under construction. */
export type MutableObject = { [key: string]: JsonValue };

/** The member of an object that says what to do with it: `replace`, `delete` or `merge`. */
export const directiveKey = "$patch";
/** The member that lists the keys to keep. */
export const retainKeysKey = "$retainKeys";
/** What stands before `/<field>` in the list of plain values to delete from that field. */
export const deletionListPrefix = "$deleteFromPrimitiveList";
/** What stands before `/<field>` in the list that gives the order of that field's items. */
export const elementOrderPrefix = "$setElementOrder";

/** The field that a directive with a prefix speaks of. */
export function directiveTarget(key: string, prefix: string): string {
  if (key.startsWith(`${prefix}/`)) return key.slice(prefix.length + 1);
  throw new PatchError(
    400,
    prefix === deletionListPrefix
      ? "invalid patch format of primitive list"
      : "invalid patch format of setElementOrder list",
  );
}

/**
 * A part of a patch as it is taken over where the document has nothing to merge with: objects that carry a directive
 * vanish (undefined), also from the inside.
 */
export function withoutDirectives(value: JsonValue): JsonValue | undefined {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item): item is JsonValue => item !== undefined);
  if (!isJsonObject(value)) return value;
  if (Object.hasOwn(value, directiveKey)) return undefined;
  const object = value as MutableObject;
  for (const key of Object.keys(object)) {
    const member = withoutDirectives(object[key] as JsonValue);
    if (member === undefined) delete object[key];
    else setMember(object, key, member);
  }
  return object;
}

function setMember(object: MutableObject, key: string, value: JsonValue): void {
  // An own __proto__ is already a plain property, but assigning to it would not reach it.
  if (object[key] !== value)
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

/** Takes null members out of a part of a patch, at every depth. */
export function discardNulls(value: JsonValue): void {
  if (Array.isArray(value)) for (const item of value) discardNulls(item);
  else if (isJsonObject(value))
    for (const key of Object.keys(value)) {
      if (value[key] === null) delete (value as MutableObject)[key];
      else discardNulls(value[key] as JsonValue);
    }
}

/** The type that upstream names in messages about values of the wrong one. */
export function goTypeOf(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return "%!s(<nil>)";
  if (Array.isArray(value)) return "[]interface {}";
  if (typeof value === "object") return "map[string]interface {}";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "string";
  return typeof value === "bigint" || Number.isInteger(value) ? "int64" : "float64";
}

export function expectedList(value: JsonValue | undefined): PatchError {
  return new PatchError(500, `expected a []interface {}, but received a ${goTypeOf(value)}`);
}

export function expectedObject(value: JsonValue | undefined): PatchError {
  return new PatchError(500, `expected a map[string]interface {}, but received a ${goTypeOf(value)}`);
}

export function noMergeKey(object: JsonObject, mergeKey: string): PatchError {
  return new PatchError(500, `map: ${goFormat(object)} does not contain declared merge key: ${mergeKey}`);
}

export function unknownDirective(directive: JsonValue, object: JsonObject): PatchError {
  const shown = typeof directive === "string" ? directive : `%!s(${goTypeOf(directive)}=${goFormat(directive)})`;
  return new PatchError(500, `unknown patch type: ${shown} in map: ${goFormat(object)}`);
}
