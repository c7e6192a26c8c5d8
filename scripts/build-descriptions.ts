/**
 * Writes `src/api/schema/descriptions.json`: what types, fields and parameters of the API are for, taken from the doc
 * comments of the client library that is a development dependency. The file is not part of the project; set-up runs
 * this, and the server works without it.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { GroupVersionTable } from "../src/api/schema/table-format.ts";
import { createSchemaRegistry } from "../src/api/schema.ts";
import type { Descriptions } from "../src/apiserver/openapi/descriptions.ts";

const root = join(import.meta.dirname, "..");
const tableFolder = join(root, "src/api/schema/v1.36");
const library = join(dirname(fileURLToPath(import.meta.resolve("@kubernetes/client-node"))), "gen");
const target = join(root, "src/api/schema/descriptions.json");

/** The doc comment and the fields, each with its own, of every class of the library. */
interface ClassDocs {
  readonly text: string;
  readonly fields: ReadonlyMap<string, string>;
}

const entities: Readonly<Record<string, string>> = { quot: '"', amp: "&", lt: "<", gt: ">" };

/** A comment without its stars, on one line, with the library's escapes taken back. */
function plainText(comment: string): string {
  return comment
    .replace(/^\s*\*\s?/gm, "")
    .replace(/&#x([0-9A-Fa-f]+);/g, (_all, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replace(/&#(\d+);/g, (_all, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&(quot|amp|lt|gt);/g, (_all, name: string) => entities[name] ?? "")
    .replaceAll("\\'", "'")
    .replaceAll('\\"', '"')
    .replaceAll("*_/", "*/")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("@"))
    .join(" ")
    .trim();
}

function readClass(text: string): ClassDocs {
  const declaration = text.indexOf("export declare class");
  const classComment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(text.slice(0, declaration))?.[1] ?? "";
  const fields = new Map<string, string>();
  for (const match of text.slice(declaration).matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*'([^']+)'\??:/g))
    fields.set(normalize(match[2] as string), plainText(match[1] as string));
  return { text: plainText(classComment), fields };
}

/** The library changes names that its language does not like: `_continue`, `x_kubernetes_list_type`. */
function normalize(name: string): string {
  return name.replace(/[^a-zA-Z0-9]/g, "").toLowerCase();
}

const classes = new Map<string, ClassDocs>();
for (const file of readdirSync(join(library, "models")))
  if (file.endsWith(".d.ts"))
    classes.set(file.slice(0, -".d.ts".length), readClass(readFileSync(join(library, "models", file), "utf8")));

/** `CoreV1Event` says its group, `V1Pod` does not: then its fields must be those of the type. */
function findClass(table: GroupVersionTable, type: string, fields: readonly string[]): ClassDocs | undefined {
  const [group = ""] = table.file.split(".");
  const title = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);
  const own = classes.get(`${title(group)}${title(table.version)}${type}`);
  if (own !== undefined) return own;
  const plain = classes.get(`${title(table.version)}${type}`);
  const known = new Set(fields.map(normalize));
  return plain !== undefined && [...plain.fields.keys()].every((field) => known.has(field)) ? plain : undefined;
}

const schemas = createSchemaRegistry();
const types: Record<string, Record<string, string>> = {};
for (const file of readdirSync(tableFolder)) {
  if (!file.endsWith(".json") || file === "kinds.json" || file === "wellknown.json") continue;
  const table = JSON.parse(readFileSync(join(tableFolder, file), "utf8")) as GroupVersionTable;
  for (const type of Object.keys(table.types)) {
    const struct = schemas.struct(`${table.file}.${type}`);
    const names = [...(struct.typeMeta ? ["apiVersion", "kind"] : []), ...struct.fields.map((field) => field.name)];
    const docs = findClass(table, type, names);
    if (docs === undefined) continue;
    const described: Record<string, string> = docs.text === "" ? {} : { "": docs.text };
    for (const name of names) {
      const text = docs.fields.get(normalize(name));
      if (text !== undefined && text !== "") described[name] = text;
    }
    types[struct.name] = described;
  }
}

/** Texts of each parameter, with the operations that have them. */
const parameterTexts = new Map<string, Map<string, string[]>>();
const operationPattern =
  /\/\*\*((?:(?!\*\/)[\s\S])*?@memberof \w+?Api([a-z]\w+)\s*(?:(?!\*\/)[\s\S])*)\*\/\s*(\w+)\??:/g;
const objectApi = readFileSync(join(library, "types/ObjectParamAPI.d.ts"), "utf8");
for (const [, comment = "", operation = "", parameter = ""] of objectApi.matchAll(operationPattern)) {
  const text = plainText(comment.replace(/^\s*\*\s?Defaults to: .*$/m, ""));
  // A path after a path and a query parameter of that name are told apart by a digit.
  const name = parameter.replace(/^_/, "").replace(/2$/, "");
  if (text === "" || text === "path to the resource" || operation.endsWith("CustomObject")) continue;
  if (name === "body" || name === "name" || name === "namespace") continue;
  const texts = parameterTexts.get(name) ?? new Map<string, string[]>();
  parameterTexts.set(name, texts.set(text, [...(texts.get(text) ?? []), operation]));
}
const parameters: Record<string, string> = {};
const operationParameters: Record<string, Record<string, string>> = {};
for (const [name, texts] of parameterTexts) {
  const [mostUsed, ...others] = [...texts].sort(([, a], [, b]) => b.length - a.length);
  parameters[name] = mostUsed?.[0] ?? "";
  for (const [text, operations] of others)
    for (const operation of operations)
      operationParameters[operation] = { ...operationParameters[operation], [name]: text };
}

const descriptions: Descriptions = { types, parameters, operationParameters };
writeFileSync(target, `${JSON.stringify(descriptions)}\n`);
const count = Object.values(types).reduce((sum, fields) => sum + Object.keys(fields).length, 0);
console.log(
  `${count} descriptions of ${Object.keys(types).length} types and ${Object.keys(parameters).length} parameters`,
);
