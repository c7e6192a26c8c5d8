import { endOfString } from "./json/survey.ts";
import { JsonSyntaxError, parseJsonText } from "./json.ts";
import type { JsonValue } from "./json-value.ts";
import { readYaml, type YamlDocument } from "./yaml/reader.ts";
import { writeYaml } from "./yaml/writer.ts";
import { YamlError } from "./yaml/yaml-error.ts";

export { type YamlDocument, YamlError };

/**
 * Reads the first document of a YAML text, as the API reads a body: YAML 1.1 in Go's dialect (`0644` and `0o644` are octal,
 * `y` and `on` are booleans, times stay text). An empty text is null.
 * @param source bytes or text
 * @throws {YamlError} with the words of Go's decoder; for faults of grammar they are as near as the parser below allows
 */
export function parseYaml(source: string | Uint8Array): YamlDocument {
  const text = typeof source === "string" ? source : decodeText(source);
  if (unreadable.test(text)) throw new YamlError("yaml: control characters are not allowed");
  return readYaml(text);
}

/** How a strict reader lists what `YamlDocument.repeatedKeys` says; undefined when it says nothing. */
export function repeatedKeysProblem(repeatedKeys: readonly string[]): string | undefined {
  return repeatedKeys.length === 0 ? undefined : `yaml: unmarshal errors:\n  ${repeatedKeys.join("\n  ")}`;
}

/**
 * Reads a file of manifests: YAML documents between `---` lines, or JSON values one after another. Empty documents are
 * left out.
 * @throws {YamlError}
 */
export function parseManifest(source: string | Uint8Array): YamlDocument[] {
  const text = typeof source === "string" ? source : decodeText(source);
  if (!/^\s*\{/.test(text)) return parseDocuments(text);
  try {
    return splitJsonValues(text).map((part) => ({ value: parseJsonText(part).value, repeatedKeys: [] }));
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    return parseFlowOr(text, new YamlError(`json: offset ${error.offset}: ${error.message}`, { cause: error }));
  }
}

/** Writes a value as `kubectl -o yaml` does. Members that are undefined are left out. */
export function encodeYaml(value: unknown): string {
  return writeYaml(value as JsonValue);
}

/**
 * The documents of a text, each ending with a line break. Lines that begin with `---` separate them.
 * @throws {YamlError} when something other than a comment stands behind a separator
 */
export function splitYamlDocuments(text: string): string[] {
  const documents: string[] = [];
  let lines: string[] = [];
  const finish = (): void => {
    if (lines.length > 0) documents.push(`${lines.join("\n")}\n`);
    lines = [];
  };
  const all = text.split(/\r?\n/);
  if (all[all.length - 1] === "") all.pop();
  for (const line of all) {
    if (!line.startsWith("---")) {
      lines.push(line);
      continue;
    }
    const rest = line.slice(3).trim();
    if (rest !== "" && !rest.startsWith("#")) throw new YamlError(`invalid Yaml document separator: ${rest}`);
    // The first separator begins a document; it stays a part of it.
    if (lines.length > 0) finish();
    else lines.push(line);
  }
  finish();
  return documents;
}

const decoder = new TextDecoder("utf-8", { fatal: true });
// oxlint-disable-next-line no-control-regex -- these are the characters to refuse
const unreadable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/;

function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    throw new YamlError("yaml: invalid leading UTF-8 octet", { cause: error });
  }
}

function parseDocuments(text: string): YamlDocument[] {
  return splitYamlDocuments(text)
    .map(parseYaml)
    .filter((document) => document.value !== null);
}

/** What begins with a brace may still be YAML. When it is neither, the fault of the JSON is what counts. */
function parseFlowOr(text: string, jsonFault: YamlError): YamlDocument[] {
  try {
    return parseDocuments(text);
  } catch (error) {
    throw error instanceof YamlError ? jsonFault : error;
  }
}

/** Splits JSON objects that stand one behind another; what is malformed stays together. */
function splitJsonValues(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '"') index = endOfString(text, index);
    else if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") {
      depth -= 1;
      if (depth === 0) {
        parts.push(text.slice(start, index + 1));
        start = index + 1;
      }
    }
  }
  const rest = text.slice(start);
  return rest.trim() === "" ? parts : [...parts, rest];
}
