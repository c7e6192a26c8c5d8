import { builtinModules } from "node:module";
import { basename, dirname, join, normalize } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { firstSeparateLevel, rooms } from "./rooms.ts";

/** One broken rule. The message names what to do instead. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

/** Longest source file, in lines. Data tables and generated files do not count. */
const maxFileLines = 600;

/** Files that make time and chance for everyone else. */
const realSources = new Set(["src/base/real-clock.ts", "src/base/real-random.ts"]);

/** Names that say nothing about what is inside. */
const emptyNames = new Set(["util", "utils", "helper", "helpers", "common", "misc", "shared"]);

const bannedCalls: Readonly<Record<string, string>> = {
  "Date.now": "take a Clock and call nowMs()",
  "Math.random": "take a Random",
  "performance.now": "take a Clock and call monotonicMs()",
  setTimeout: "take a Clock and call setTimer()",
  setInterval: "take a Clock and call setTimer()",
  setImmediate: "take a Clock and call setTimer(0)",
};

/** Npm packages that need Node; neutral rooms may use them in `*.node.ts` only. */
const nodePackages = new Set(["ws", "@grpc/grpc-js", "tar-stream", "@peculiar/x509"]);

/**
 * Checks one source file against the rules of the house.
 * @param file path from the repository's root, with `/`
 */
export function checkFile(file: string, text: string): Finding[] {
  const findings: Finding[] = [];
  const report = (offset: number, rule: string, message: string): void => {
    findings.push({ file, line: text.slice(0, offset).split("\n").length, rule, message });
  };
  checkName(file, report);
  const isTest = file.endsWith(".test.ts") || !file.startsWith("src/");
  const lines = text.split("\n").length;
  if (lines > maxFileLines && !isTest && !text.startsWith("// Generated"))
    report(0, "file-size", `${lines} lines: split it, ${maxFileLines} is the most`);
  const parsed = parseSync(file, text);
  for (const error of parsed.errors) report(error.labels[0]?.start ?? 0, "syntax", error.message);
  if (parsed.errors.length > 0) return findings;

  for (const entry of parsed.module.staticImports)
    checkImport(file, entry.moduleRequest.value, (rule, message) => report(entry.start, rule, message));
  for (const entry of parsed.module.staticExports.flatMap((item) => item.entries))
    if (entry.moduleRequest !== null)
      checkImport(file, entry.moduleRequest.value, (rule, message) => report(entry.start, rule, message));

  if (isTest || realSources.has(file)) return findings;
  for (const statement of parsed.program.body) {
    const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (declaration?.type === "VariableDeclaration" && declaration.kind !== "const" && !declaration.declare)
      report(declaration.start, "module-state", "no state at module level: hold it in what a factory returns");
  }
  new Visitor({
    CallExpression(node) {
      const name = calleeName(node.callee);
      const instead = name !== undefined && Object.hasOwn(bannedCalls, name) ? bannedCalls[name] : undefined;
      if (instead !== undefined) report(node.start, "real-source", `${name}(): ${instead}`);
    },
    NewExpression(node) {
      if (calleeName(node.callee) === "Date" && node.arguments.length === 0)
        report(node.start, "real-source", "new Date(): take a Clock and call nowMs()");
    },
    CatchClause(node) {
      if (node.body.body.length === 0) report(node.start, "empty-catch", "handle the error or say where it goes");
    },
    TSEnumDeclaration(node) {
      report(node.start, "erasable", "no enums: use a union of literals");
    },
    Decorator(node) {
      report(node.start, "erasable", "no decorators: call a function");
    },
  }).visit(parsed.program);
  return findings;
}

type Report = (offset: number, rule: string, message: string) => void;

function checkName(file: string, report: Report): void {
  const name = basename(file).replace(/(\.node)?(\.test)?(\.d)?\.ts$/, "");
  if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)?$/.test(name)) report(0, "file-name", "file names are kebab-case");
  if (emptyNames.has(name)) report(0, "file-name", `"${name}" says nothing: name the noun inside`);
  if (file.startsWith("src/") && rooms[roomOf(file) ?? ""] === undefined)
    report(0, "room", "every file stands in a room: see scripts/tidy/rooms.ts");
}

function checkImport(file: string, specifier: string, report: (rule: string, message: string) => void): void {
  const from = roomOf(file);
  const room = from === undefined ? undefined : rooms[from];
  if (room === undefined || from === undefined) return;
  const isTest = file.endsWith(".test.ts");
  if (!specifier.startsWith(".")) {
    const isNode = specifier.startsWith("node:") || builtinModules.includes(specifier) || nodePackages.has(specifier);
    if (isNode && room.globals === "neutral" && !isTest && !file.endsWith(".node.ts"))
      report("neutral", `${specifier} needs Node: put this into a *.node.ts file behind an interface`);
    return;
  }
  const target = normalize(join(dirname(file), specifier));
  const to = roomOf(target);
  if (to === undefined) {
    if (!isTest) report("room", `${specifier} lies outside src/`);
    return;
  }
  if (target.endsWith(".node.ts") && room.globals === "neutral" && !isTest && !file.endsWith(".node.ts"))
    report("neutral", `${specifier} needs Node: import its interface instead`);
  if (to === from) return;
  if (isTest) return;
  const other = rooms[to];
  const allowed = room.mayImport === "all" ? other !== undefined : room.mayImport.includes(to);
  if (!allowed || (other !== undefined && other.level >= firstSeparateLevel && other.level === room.level))
    report("levels", `room "${from}" may not import room "${to}": see scripts/tidy/rooms.ts`);
  const inner = target.split("/").slice(2);
  if (inner.length > 1 && !other?.doors?.includes(inner[0] ?? ""))
    report("doors", `${specifier} is inside room "${to}": only its root files are doors`);
}

function roomOf(file: string): string | undefined {
  const parts = file.split("/");
  return parts[0] === "src" && parts.length > 2 ? parts[1] : undefined;
}

interface NodeLike {
  readonly type: string;
}

function calleeName(callee: NodeLike): string | undefined {
  const node = callee as NodeLike & {
    readonly name?: string;
    readonly object?: NodeLike & { readonly name?: string };
    readonly property?: NodeLike & { readonly name?: string };
  };
  if (node.type === "Identifier") return node.name;
  if (node.type !== "MemberExpression" || node.object?.type !== "Identifier") return undefined;
  return `${node.object.name}.${node.property?.name}`;
}
