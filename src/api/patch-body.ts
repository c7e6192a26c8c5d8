import { JsonSyntaxError, type ParsedJson, parseJson, repeatedFields } from "./json.ts";
import { type DecodedJsonPatch, decodeJsonPatch } from "./json-patch.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json-value.ts";
import { PatchError } from "./patch-error.ts";

/** A patch as it was read from a request, and what a strict reader objects to: `duplicate field "data.a"`. */
export interface PatchBody<Patch> {
  readonly patch: Patch;
  readonly problems: readonly string[];
}

/**
 * Reads the body of a JSON patch (`application/json-patch+json`).
 * @param strict true unless the request says `fieldValidation=Ignore`
 * @throws {PatchError} 400 or 413
 */
export function readJsonPatch(bytes: Uint8Array, strict: boolean): DecodedJsonPatch {
  const parsed = read(bytes, (message) => (strict ? `error decoding patch: ${message}` : message));
  return decodeJsonPatch(parsed.value, strict, parsed.repeatedKeys);
}

/**
 * Reads the body of a JSON merge patch (`application/merge-patch+json`).
 * @param strict true unless the request says `fieldValidation=Ignore`
 * @throws {PatchError} 400
 */
export function readMergePatch(bytes: Uint8Array, strict: boolean): PatchBody<JsonValue> {
  const parsed = read(bytes, (message) => (strict ? `error decoding patch: ${message}` : "Invalid JSON Patch"));
  if (!strict) return { patch: parsed.value, problems: [] };
  if (parsed.value !== null && !isJsonObject(parsed.value))
    throw new PatchError(400, `error decoding patch: ${notAnObject(parsed.value)}`);
  return { patch: parsed.value, problems: repeatedFields(parsed) };
}

/**
 * Reads the body of a strategic merge patch (`application/strategic-merge-patch+json`).
 * @param strict true unless the request says `fieldValidation=Ignore`
 * @throws {PatchError} 400
 */
export function readStrategicMergePatch(bytes: Uint8Array, strict: boolean): PatchBody<JsonObject> {
  const parsed = read(bytes, (message) => message);
  const patch = parsed.value ?? {};
  if (!isJsonObject(patch)) throw new PatchError(400, notAnObject(patch));
  return { patch, problems: strict ? repeatedFields(parsed) : [] };
}

function read(bytes: Uint8Array, explain: (message: string) => string): ParsedJson {
  try {
    return parseJson(bytes, "last");
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw new PatchError(400, explain(error.message), { cause: error });
    throw error;
  }
}

function notAnObject(value: JsonValue): string {
  const type = Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;
  return `json: cannot unmarshal ${type === "bigint" ? "number" : type} into Go value of type map[string]interface {}`;
}
