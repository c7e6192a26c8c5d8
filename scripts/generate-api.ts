/**
 * Writes what follows from the API tables: `src/api/types/*.ts`, `src/api/resources.ts` and `src/api/schema/tables.ts`.
 * `npm run generate` writes; `npm run check:api` (`--check`) fails when the files on disk differ from what the tables say.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FieldRow, GroupVersionTable, KindRow, KindsTable, TypeRow } from "../src/api/schema/table-format.ts";

const root = join(import.meta.dirname, "..");
const tableFolder = join(root, "src/api/schema/v1.36");
const header = "// Generated from src/api/schema/v1.36 by scripts/generate-api.ts: change the tables, not this file.\n";

/** Lists that the tables write as null when absent, but that a valid object always has. */
const neverNull = new Set(["core.v1.PodSpec.containers"]);

const readTable = <T>(file: string): T => JSON.parse(readFileSync(join(tableFolder, file), "utf8")) as T;
const kindsTable = readTable<KindsTable>("kinds.json");
const groupVersionFiles = readdirSync(tableFolder)
  .filter((file) => file.endsWith(".json") && file !== "kinds.json" && file !== "wellknown.json")
  .sort();
const tables = groupVersionFiles.map((file) => readTable<GroupVersionTable>(file));
const tableByFile = new Map(tables.map((table) => [table.file, table]));

/** Scalars that stand in the object even when they are zero. */
const writtenWhenZero = new Set(["quantity", "intOrString", "rawExtension", "fieldsV1", "json"]);

/** Kinds that the API server keeps: their metadata is complete once stored. */
const storedKinds = new Map(
  kindsTable.kinds
    .filter((row) => row.class === "object" && row.plural !== undefined && row.verbs?.includes("get"))
    .map((row) => [row.type, row]),
);
const kindByType = new Map(kindsTable.kinds.map((row) => [row.type, row]));

const scalarTypes: Readonly<Record<string, string>> = {
  string: "string",
  bool: "boolean",
  int32: "number",
  int64: "number",
  float64: "number",
  bytes: "string",
  quantity: "string",
  intOrString: "number | string",
  time: "string",
  microTime: "string",
  duration: "string",
  rawExtension: "JsonValue",
  fieldsV1: "JsonValue",
  json: "JsonValue",
  stringList: "readonly string[]",
};

const moduleName = (file: string): string => file.replaceAll(".", "-").replaceAll("_", "-");
const splitReference = (reference: string): { file: string; name: string } => {
  const dot = reference.lastIndexOf(".");
  return { file: reference.slice(0, dot), name: reference.slice(dot + 1) };
};

/** Renders one types module. */
function renderTypes(table: GroupVersionTable): string {
  const imports = new Map<string, Set<string>>();
  const refer = (file: string, name: string): string => {
    if (file === table.file) return name;
    const names = imports.get(file) ?? new Set();
    imports.set(file, names.add(name));
    return name in table.types ? `${aliasFor(file, name)}` : name;
  };
  const aliasFor = (file: string, name: string): string => `${pascal(file)}${name}`;

  const typeOf = (type: string, field: FieldRow): string => {
    if (type.startsWith("[]")) return `readonly ${wrapUnion(typeOf(type.slice(2), field))}[]`;
    if (type.startsWith("map[string]"))
      return `{ readonly [key: string]: ${typeOf(type.slice("map[string]".length), field)} }`;
    if (type.startsWith("ref:")) {
      const { file, name } = splitReference(type.slice(4));
      return refer(file, name);
    }
    const enumName = field.enum;
    if (type === "string" && enumName !== undefined) {
      const { file, name } = splitReference(enumName);
      const row = tableByFile.get(file)?.enums?.[name];
      if (row?.closed === true) return row.values.map((value) => JSON.stringify(value)).join(" | ");
    }
    const scalar = scalarTypes[type];
    if (scalar === undefined) throw new Error(`${table.file}: unknown field type ${type}`);
    if (scalar === "JsonValue") jsonValueUsed = true;
    return scalar;
  };
  let jsonValueUsed = false;

  const renderField = (typeName: string, field: FieldRow): string => {
    if (field.inline === true) return "";
    const name = field.name ?? "";
    const key = /^[a-zA-Z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
    const fullName = `${table.file}.${typeName}`;
    if (name === "metadata" && storedKinds.has(fullName)) {
      const metadata = storedKinds.get(fullName)?.namespaced === true ? "NamespacedObjectMeta" : "StoredObjectMeta";
      const names = imports.get("metadata") ?? new Set();
      imports.set("metadata", names.add(metadata));
      return `  readonly metadata: ${metadata};\n`;
    }
    const type = typeOf(field.type, field);
    const isCollection = field.type.startsWith("[]") || field.type.startsWith("map");
    const isTime = field.type === "time" || field.type === "microTime";
    const isStruct = field.type.startsWith("ref:") || writtenWhenZero.has(field.type);
    const optional = field.always !== true && (field.ptr === true || field.omitzero === true || !(isStruct || isTime));
    const isListItems = name === "items" && kindByType.get(fullName)?.class === "list";
    const nullable =
      (isTime && !optional) ||
      (field.always === true && isCollection && !isListItems && !neverNull.has(`${fullName}.${name}`));
    return `  readonly ${key}${optional ? "?" : ""}: ${type}${nullable ? " | null" : ""};\n`;
  };

  const renderType = (name: string, row: TypeRow): string => {
    const parents = row.fields
      .filter((field) => field.inline === true)
      .map((field) => {
        const parent = splitReference(field.type.slice(4));
        return refer(parent.file, parent.name);
      });
    const fields = row.fields.map((field) => renderField(name, field)).join("");
    const kind = kindByType.get(`${table.file}.${name}`);
    const typeMeta =
      row.typeMeta === true
        ? `  readonly apiVersion${kind === undefined ? "?: string" : `: ${apiVersionLiteral(kind)}`};\n` +
          `  readonly kind${kind === undefined ? "?: string" : `: ${JSON.stringify(kind.kind)}`};\n`
        : "";
    const extend = parents.length > 0 ? ` extends ${parents.join(", ")}` : "";
    return `export interface ${name}${extend} {\n${typeMeta}${fields}}\n`;
  };

  const body = Object.entries(table.types)
    .map(([name, row]) => renderType(name, row))
    .join("\n");
  const importLines = [...imports]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([file, names]) => {
      const rendered = [...names]
        .sort()
        .map((name) => (name in table.types ? `${name} as ${aliasFor(file, name)}` : name))
        .join(", ");
      const path = file === "metadata" ? "../metadata.ts" : `./${moduleName(file)}.ts`;
      return `import type { ${rendered} } from "${path}";\n`;
    });
  if (jsonValueUsed) importLines.unshift(`import type { JsonValue } from "../json-value.ts";\n`);
  const importBlock = importLines.length > 0 ? `${importLines.join("")}\n` : "";
  return `${header}${importBlock}${body}`;
}

function apiVersionLiteral(kind: KindRow): string {
  const shared = kindsTable.kinds.filter((row) => row.type === kind.type).length > 1;
  if (shared || kind.group === "*" || kind.version === "*") return "string";
  return JSON.stringify(kind.group === "" ? kind.version : `${kind.group}/${kind.version}`);
}

const pascal = (file: string): string =>
  file.replace(/(^|[._])([a-z])/g, (_all, _separator: string, letter: string) => letter.toUpperCase());
const wrapUnion = (type: string): string => (type.includes("|") ? `(${type})` : type);

/** `ConfigMap` and `configmaps` give `configMaps`; `CSIDriver` and `csidrivers` give `csiDrivers`. */
function camelPlural(kind: string, plural: string): string {
  const lower = kind.toLowerCase();
  let same = 0;
  while (same < lower.length && lower[same] === plural[same]) same += 1;
  const joined = kind.slice(0, same) + plural.slice(same);
  const leadingCapitals = /^[A-Z]+/.exec(joined)?.[0].length ?? 0;
  const lowered = leadingCapitals > 1 ? leadingCapitals - 1 : 1;
  return joined.slice(0, lowered).toLowerCase() + joined.slice(lowered);
}

/** Renders the descriptors of every served resource, with the type of its objects. */
function renderResources(): string {
  const served = kindsTable.kinds.filter(
    (row) => row.class === "object" && row.plural !== undefined && row.servedByDefault === true,
  );
  const taken = new Set<string>();
  const imports = new Map<string, Set<string>>();
  const importedNames = new Map<string, string>();
  const inOrder = [...served].sort((a, b) => Number(b.preferred === true) - Number(a.preferred === true));
  const variableNames = new Map<KindRow, string>();
  const coreFirst = [...inOrder].sort((a, b) => Number(b.group === "") - Number(a.group === ""));
  for (const row of coreFirst) {
    const plain = camelPlural(row.kind, row.plural ?? "");
    const name = taken.has(plain) ? `${plain}${row.version.toUpperCase()}` : plain;
    taken.add(name);
    variableNames.set(row, name);
  }
  const lines = served.map((row) => {
    const { file, name } = splitReference(row.type);
    const names = imports.get(file) ?? new Set();
    const owner = importedNames.get(name);
    const typeName = owner === undefined || owner === file ? name : `${pascal(file)}${name}`;
    if (owner === undefined) importedNames.set(name, file);
    imports.set(file, names.add(typeName === name ? name : `${name} as ${typeName}`));
    const variable = variableNames.get(row) ?? "";
    return (
      `export const ${variable}: Resource<${typeName}> = resource({ group: ${JSON.stringify(row.group)}, version: ${JSON.stringify(row.version)}, ` +
      `plural: ${JSON.stringify(row.plural)}, kind: ${JSON.stringify(row.kind)}, namespaced: ${row.namespaced === true} });\n`
    );
  });
  const importLines = [...imports]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([file, names]) => `import type { ${[...names].sort().join(", ")} } from "./types/${moduleName(file)}.ts";\n`)
    .join("");
  return `${header}import { type Resource, resource } from "./resource.ts";\n${importLines}\n${lines.join("")}`;
}

/** Renders the module that imports every table, so that bundlers and neutral code need no file system. */
function renderTables(): string {
  const names = tables.map((table) => ({
    file: table.file,
    variable: moduleName(table.file).replace(/-(.)/g, (_all, letter: string) => letter.toUpperCase()),
  }));
  const imports = [...names, { file: "kinds", variable: "kinds" }]
    .map(({ file, variable }) => `import ${variable} from "./v1.36/${file}.json" with { type: "json" };\n`)
    .join("");
  const entries = names
    .map(({ file, variable }) => `  ${JSON.stringify(file)}: ${variable} as unknown as GroupVersionTable,\n`)
    .join("");
  return (
    `${header}import type { GroupVersionTable, KindsTable } from "./table-format.ts";\n${imports}\n` +
    `/** Every group-version table by its \`file\` key. */\n` +
    `export const groupVersionTables: Readonly<Record<string, GroupVersionTable>> = {\n${entries}};\n\n` +
    `/** Group-versions, kinds and resources. */\nexport const kindsTable: KindsTable = kinds as unknown as KindsTable;\n`
  );
}

const outputs = new Map<string, string>();
for (const table of tables) outputs.set(`src/api/types/${moduleName(table.file)}.ts`, renderTypes(table));
outputs.set("src/api/resources.ts", renderResources());
outputs.set("src/api/schema/tables.ts", renderTables());

if (process.argv.includes("--check")) {
  const stale = [...outputs].filter(([path, text]) => {
    try {
      return readFileSync(join(root, path), "utf8") !== text;
    } catch {
      return true;
    }
  });
  const extra = readdirSync(join(root, "src/api/types")).filter((file) => !outputs.has(`src/api/types/${file}`));
  for (const [path] of stale) console.error(`${path} does not follow from the tables: run "npm run generate"`);
  for (const file of extra) console.error(`src/api/types/${file} has no table: run "npm run generate"`);
  process.exitCode = stale.length + extra.length > 0 ? 1 : 0;
} else {
  rmSync(join(root, "src/api/types"), { recursive: true, force: true });
  mkdirSync(join(root, "src/api/types"), { recursive: true });
  for (const [path, text] of outputs) writeFileSync(join(root, path), text);
  console.log(`${outputs.size} files written`);
}
