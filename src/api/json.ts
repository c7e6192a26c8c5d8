import { goQuote } from "./go-quote.ts";
import { parseCarefully } from "./json/careful-parser.ts";
import { surveyJson } from "./json/survey.ts";
import { findSyntaxError, JsonSyntaxError } from "./json/syntax-error.ts";
import { isJsonObject, type JsonValue } from "./json-value.ts";

export { JsonSyntaxError };

/** Deepest nesting of objects and lists. Upstream stops at 10,000; no object comes near, and a stack must hold it. */
export const maxJsonDepth = 1000;

/** What was read. */
export interface ParsedJson {
  readonly value: JsonValue;
  /** The keys of each object in which one is repeated, as they were written; undefined when there is no such object. */
  readonly repeatedKeys: ReadonlyMap<object, readonly string[]> | undefined;
}

/**
 * Reads JSON in UTF-8. Bytes that are none become U+FFFD, as do lone surrogates; integers that a number cannot hold are
 * bigints. Objects are plain, so look for keys with `Object.hasOwn`.
 * @param repeated what becomes of a repeated key whose values are objects. `merge`, the default, is what Go does to structs:
 * both count. `last` is what it does to untyped objects. Of other values the last one counts.
 * @throws {JsonSyntaxError} with the words of Go's decoder
 */
export function parseJson(bytes: Uint8Array, repeated: "merge" | "last" = "merge"): ParsedJson {
  const text = decoder.decode(bytes);
  const survey = surveyJson(text);
  if (survey.depth <= maxJsonDepth && !survey.needsCare) {
    const value = tryParse(text);
    if (value !== undefined && countMembers(value) === survey.members) return { value, repeatedKeys: undefined };
  }
  const fault = findSyntaxError(bytes, maxJsonDepth);
  if (fault !== undefined) throw new JsonSyntaxError(fault.message, fault.offset);
  return parseCarefully(text, repeated);
}

/** Reads JSON from text; see `parseJson`. */
export function parseJsonText(text: string, repeated: "merge" | "last" = "merge"): ParsedJson {
  return parseJson(encoder.encode(text), repeated);
}

/** What a strict reader of untyped JSON objects to: `duplicate field "a.b[0].c"`, each once, in the order written. */
export function repeatedFields({ value, repeatedKeys }: ParsedJson): string[] {
  const problems = new Set<string>();
  if (repeatedKeys !== undefined) addRepeatedFields(value, "", repeatedKeys, problems);
  return [...problems].slice(0, maxStrictProblems);
}

/** Most problems that a strict reader reports. */
export const maxStrictProblems = 100;

function addRepeatedFields(
  value: JsonValue,
  path: string,
  repeatedKeys: ReadonlyMap<object, readonly string[]>,
  problems: Set<string>,
): void {
  if (Array.isArray(value))
    value.forEach((item, index) => addRepeatedFields(item, `${path}[${index}]`, repeatedKeys, problems));
  if (!isJsonObject(value)) return;
  const seen = new Set<string>();
  for (const key of repeatedKeys.get(value) ?? Object.keys(value)) {
    const place = path === "" ? key : `${path}.${key}`;
    if (seen.has(key)) problems.add(`duplicate field ${goQuote(place)}`);
    else addRepeatedFields(value[key] as JsonValue, place, repeatedKeys, problems);
    seen.add(key);
  }
}

/** Writes JSON, bigints as integers. */
export function encodeJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof TypeError) || !/BigInt/.test(error.message)) throw error;
    return JSON.stringify(value, writeBigint);
  }
}

/** Writes JSON in UTF-8. */
export function encodeJsonBytes(value: unknown): Uint8Array<ArrayBuffer> {
  return encoder.encode(encodeJson(value));
}

/**
 * Escapes what pages of HTML might take for theirs, as upstream writes JSON unless told otherwise: in annotations that
 * carry JSON, and in messages that show values. Source: behaviour of Go's encoding/json.
 */
export function escapeForHtml(json: string): string {
  return json.replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The platform's way to write a number exactly, which the compiler's library does not know yet. */
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };

function writeBigint(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? rawJSON(String(value)) : value;
}

function tryParse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Members of all objects in a value. Fewer than the text had colons means that a key was repeated. */
function countMembers(value: JsonValue): number {
  if (Array.isArray(value)) {
    let count = 0;
    for (const item of value) if (typeof item === "object" && item !== null) count += countMembers(item);
    return count;
  }
  if (!isJsonObject(value)) return 0;
  let count = 0;
  for (const key in value) {
    const member = value[key];
    count += typeof member === "object" && member !== null ? 1 + countMembers(member) : 1;
  }
  return count;
}
