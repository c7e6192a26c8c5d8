import { type Decoded, DecodeError, decodeObject } from "../../api/decode.ts";
import { JsonSyntaxError, type ParsedJson, parseJson } from "../../api/json.ts";
import { getOwn, isJsonObject, type JsonObject, type JsonValue } from "../../api/json-value.ts";
import { findKind } from "../../api/kinds.ts";
import { badRequest, unsupportedMediaType } from "../../api/status-error.ts";
import { parseYaml, repeatedKeysProblem, YamlError } from "../../api/yaml.ts";
import { type BodyKind, type RequestBody, unknownKind } from "../chain/request-body.ts";
import type { PatchReading } from "../chain/request-patch.ts";
import type { ObjectDraft } from "../registry/write-request.ts";
import { type Encoding, encodings } from "./negotiate.ts";

/** How the bytes of a request become an object. */
export type BodyReading = PatchReading;

/**
 * The encoding of a body.
 * @throws {StatusError} UnsupportedMediaType
 */
export function encodingOfBody(contentType: string | undefined): Encoding {
  const mediaType = (contentType ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (mediaType === "") return "json";
  const known = encodings.find((offer) => offer.mediaType === mediaType);
  if (known === undefined) throw unsupportedMediaType(encodings.map((offer) => offer.mediaType));
  return known.encoding;
}

/** A body in the bytes of a request. */
export function bytesBody(bytes: Uint8Array, encoding: Encoding, reading: BodyReading): RequestBody {
  let parsed: ParsedBody | undefined;
  let hasReported = false;
  return {
    read(kind) {
      parsed ??= parseBody(bytes, encoding, kind);
      const decoded = decodeAs(parsed, kind);
      const problems = [...parsed.problems, ...decoded.problems];
      if (problems.length > 0 && !hasReported) {
        hasReported = true;
        report(problems, kind, parsed.type, reading);
      }
      return { ...decoded.object, kind: kind.kind, apiVersion: kind.apiVersion };
    },
  };
}

/** The type that a body says it has, filled in from the request where it says nothing. */
interface StatedType {
  readonly kind: string;
  readonly apiVersion: string;
}

interface ParsedBody {
  readonly value: JsonObject;
  readonly type: StatedType;
  /** What YAML says of keys that are there twice. */
  readonly problems: readonly string[];
  /** Keys of JSON that are there twice. */
  readonly repeatedKeys: ParsedJson["repeatedKeys"];
}

function parseBody(bytes: Uint8Array, encoding: Encoding, expected: BodyKind): ParsedBody {
  const unrecognized = (why: string): Error =>
    badRequest(`the object provided is unrecognized (must be of type ${expected.kind}): ${why} (${summarize(bytes)})`);
  const parsed = parseText(bytes, encoding, unrecognized);
  // A body of `null` says nothing, like an empty object.
  const value = parsed.value ?? {};
  const fault = typeFault(value);
  if (fault !== undefined || !isJsonObject(value))
    throw unrecognized(`couldn't get version/kind; json parse error: json: cannot unmarshal ${fault}`);
  const kind = statedText(value, "kind");
  const apiVersion = statedText(value, "apiVersion");
  const type = {
    kind: kind === "" ? expected.kind : kind,
    apiVersion: apiVersion === "" ? expected.apiVersion : apiVersion,
  };
  checkType(type, expected);
  return { value, type, problems: parsed.problems, repeatedKeys: parsed.repeatedKeys };
}

function parseText(
  bytes: Uint8Array,
  encoding: Encoding,
  unrecognized: (why: string) => Error,
): { readonly value: JsonValue } & Pick<ParsedBody, "problems" | "repeatedKeys"> {
  try {
    if (encoding === "json") return { ...parseJson(bytes), problems: [] };
    const { value, repeatedKeys } = parseYaml(bytes);
    const problem = repeatedKeysProblem(repeatedKeys);
    return { value, problems: problem === undefined ? [] : [problem], repeatedKeys: undefined };
  } catch (error) {
    if (error instanceof JsonSyntaxError)
      throw unrecognized(`couldn't get version/kind; json parse error: ${error.message}`);
    if (error instanceof YamlError) throw unrecognized(error.message);
    throw error;
  }
}

/** What in a value keeps its kind and version from being read. */
function typeFault(value: JsonValue): string | undefined {
  if (!isJsonObject(value))
    return `${jsonType(value)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`;
  for (const field of ["apiVersion", "kind"] as const) {
    const stated = getOwn(value, field);
    if (stated !== undefined && stated !== null && typeof stated !== "string")
      return `${jsonType(stated)} into Go struct field .${field} of type string`;
  }
  return undefined;
}

function jsonType(value: JsonValue): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  return typeof value === "bigint" ? "number" : typeof value;
}

function statedText(value: JsonObject, field: string): string {
  const stated = getOwn(value, field);
  return typeof stated === "string" ? stated : "";
}

/** @throws {StatusError} BadRequest when the body is of another kind or version than the request is for */
function checkType(type: StatedType, expected: BodyKind): void {
  const { apiVersion, oldVersions = [] } = expected;
  if (type.kind === expected.kind && [apiVersion, ...oldVersions].includes(type.apiVersion)) return;
  if (findKind(type.apiVersion, type.kind) === undefined)
    throw cannotHandle(type, expected, unknownKind(type.apiVersion, type.kind));
  if (type.kind !== expected.kind)
    throw cannotHandle(
      type,
      expected,
      `converting (${versionOf(type)}.${type.kind}) to (${internalPackage(expected.apiVersion)}.${expected.kind}): unknown conversion`,
    );
  throw badRequest(
    `the API version in the data (${type.apiVersion}) does not match the expected API version (${expected.apiVersion})`,
  );
}

function decodeAs({ value, type, repeatedKeys }: ParsedBody, kind: BodyKind): Decoded<ObjectDraft> {
  try {
    return decodeObject<ObjectDraft>(kind.schema, value, repeatedKeys);
  } catch (error) {
    if (error instanceof DecodeError) throw cannotHandle(type, kind, error.message);
    throw error;
  }
}

function report(problems: readonly string[], kind: BodyKind, type: StatedType, reading: BodyReading): void {
  // What a reader of YAML objects to comes as several lines, each a warning of its own.
  if (reading.fieldValidation === "Warn")
    for (const problem of problems)
      for (const line of problem.replace(/^yaml: unmarshal errors:\n/, "").split("\n")) reading.warn(line.trim());
  if (reading.fieldValidation === "Strict")
    throw cannotHandle(type, kind, `strict decoding error: ${problems.join(", ")}`);
}

function cannotHandle(type: StatedType, expected: BodyKind, why: string): Error {
  return badRequest(`${type.kind} in version "${versionOf(type)}" cannot be handled as a ${expected.kind}: ${why}`);
}

function versionOf({ apiVersion }: StatedType): string {
  return apiVersion.slice(apiVersion.indexOf("/") + 1);
}

/** The package that upstream's messages name a kind's own form by. */
export function internalPackage(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "core" : (apiVersion.slice(0, slash).split(".")[0] as string);
}

/** Most of a body that a message shows, in bytes. */
const maxSummaryBytes = 30;

function summarize(bytes: Uint8Array): string {
  if (bytes.length === 0) return "<empty>";
  const shown = bytes.subarray(0, maxSummaryBytes);
  const ellipsis = bytes.length > maxSummaryBytes ? " ..." : "";
  if (bytes[0] === 0x7b) return new TextDecoder().decode(shown) + ellipsis;
  return Array.from(shown, (byte) => byte.toString(16).padStart(2, "0")).join("") + ellipsis;
}
