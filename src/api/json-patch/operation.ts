import { goQuote } from "../go-quote.ts";
import type { ParsedJson } from "../json.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json-value.ts";
import { PatchError } from "../patch-error.ts";

/** One step of an RFC 6902 patch. Members that it needs may be missing: applying it then fails. */
export interface JsonPatchOperation {
  /** `unknown` when it was missing or no text. */
  readonly op: string;
  readonly path?: string;
  readonly from?: string;
  /** A missing value is like null. */
  readonly value?: JsonValue;
}

const members: ReadonlySet<string> = new Set(["op", "path", "from", "value"]);
const textMembers = ["op", "path", "from"] as const;

/**
 * Reads operations from parsed JSON. A strict reader also checks types and reports members that it does not know or that
 * are repeated.
 */
export function decodeOperations(
  value: unknown,
  strict: boolean,
  repeatedKeys: ParsedJson["repeatedKeys"],
): { operations: JsonPatchOperation[]; problems: string[] } {
  if (value === null) return { operations: [], problems: [] };
  if (!Array.isArray(value))
    throw mismatch(value, `value of type ${strict ? "[]handlers.jsonPatchOp" : "jsonpatch.Patch"}`, strict);
  const problems = new Set<string>();
  const operations = value.map((item: unknown, index): JsonPatchOperation => {
    if (item === null) return { op: "unknown" };
    if (!isJsonObject(item))
      throw mismatch(item, `value of type ${strict ? "handlers.jsonPatchOp" : "jsonpatch.Operation"}`, strict);
    if (strict) for (const problem of checkMembers(item, index, repeatedKeys)) problems.add(problem);
    return readOperation(item);
  });
  return { operations, problems: [...problems] };
}

function checkMembers(item: JsonObject, index: number, repeatedKeys: ParsedJson["repeatedKeys"]): string[] {
  for (const name of textMembers)
    if (Object.hasOwn(item, name) && item[name] !== null && typeof item[name] !== "string")
      throw mismatch(item[name], `struct field jsonPatchOp.${name} of type string`, true);
  const seen = new Set<string>();
  return (repeatedKeys?.get(item) ?? Object.keys(item)).flatMap((name) => {
    const problem = members.has(name) ? (seen.has(name) ? "duplicate" : undefined) : "unknown";
    seen.add(name);
    return problem === undefined ? [] : [`json patch ${problem} field ${goQuote(`[${index}].${name}`)}`];
  });
}

function readOperation(item: JsonObject): JsonPatchOperation {
  const text = (name: string): string | undefined => {
    const value = Object.hasOwn(item, name) ? item[name] : undefined;
    return typeof value === "string" ? value : undefined;
  };
  const path = text("path");
  const from = text("from");
  return {
    op: text("op") ?? "unknown",
    ...(path === undefined ? {} : { path }),
    ...(from === undefined ? {} : { from }),
    ...(Object.hasOwn(item, "value") ? { value: item["value"] as JsonValue } : {}),
  };
}

function mismatch(value: unknown, where: string, strict: boolean): PatchError {
  const prefix = strict ? "error decoding patch: " : "";
  return new PatchError(400, `${prefix}json: cannot unmarshal ${describe(value)} into Go ${where}`);
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  return typeof value === "bigint" ? "number" : typeof value;
}
