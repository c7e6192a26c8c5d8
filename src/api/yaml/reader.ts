import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  Parser,
  Scalar,
} from "yaml";
import { goQuote } from "../go-quote.ts";
import { type JsonValue, setOwn } from "../json-value.ts";
import { decodeBinary } from "./binary.ts";
import { resolveScalar } from "./resolve.ts";
import { explainSyntax } from "./syntax-error.ts";
import { YamlError } from "./yaml-error.ts";

/** A document as it was read. */
export interface YamlDocument {
  readonly value: JsonValue;
  /** For example `line 3: key "a" already set in map`, as a strict reader reports. The last value counts. */
  readonly repeatedKeys: readonly string[];
}

type MutableObject = { [key: string]: JsonValue };

interface KeyAndValue {
  readonly key: unknown;
  readonly value: unknown;
}

/** Above this many decoded nodes, no more than a share of them may come from aliases. */
const freeNodes = 400_000;
const manyNodes = 4_000_000;
const freeAliasShare = 0.99;
const manyAliasShare = 0.1;

/**
 * Reads the first document of a text; what follows is not looked at.
 * @throws {YamlError}
 */
export function readYaml(text: string): YamlDocument {
  const lines = new LineCounter();
  const parser = new Parser(lines.addNewLine);
  const composer = new Composer({
    version: "1.1",
    schema: "failsafe",
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
    strict: false,
  });
  for (const document of composer.compose(parser.parse(text), true, text.length)) {
    if (document.errors.length > 0) throw new YamlError(explainSyntax(document, lines, text));
    return createConverter(document, lines, text).convert();
  }
  return { value: null, repeatedKeys: [] };
}

function createConverter(document: Document, lines: LineCounter, text: string) {
  const targets = findAliasTargets(document.contents as Node | null);
  const active = new Set<Node>();
  const repeatedKeys: string[] = [];
  let nodes = 0;
  let aliasNodes = 0;
  let aliasDepth = 0;

  /** The line of a member's value: that of its anchor or tag, where it has one. */
  const lineOf = (key: Node | null, value: Node | null): number => {
    const hasProperties =
      value !== null && (value.tag !== undefined || (value as { anchor?: string }).anchor !== undefined);
    const keyEnd = key?.range?.[1] ?? 0;
    const start = hasProperties ? keyEnd + text.slice(keyEnd).search(/[&!]/) : (value ?? key)?.range?.[0];
    return lines.linePos(start ?? 0).line;
  };

  const count = (): void => {
    nodes += 1;
    if (aliasDepth > 0) aliasNodes += 1;
    if (aliasNodes > 100 && nodes > 1000 && aliasNodes / nodes > allowedAliasShare(nodes))
      throw new YamlError("yaml: document contains excessive aliasing");
  };

  const convert = (node: Node | null): JsonValue => {
    count();
    if (node === null) return null;
    if (isAlias(node)) return followAlias(node, convert);
    if (isMap(node)) {
      const object: MutableObject = {};
      fillObject(node, object, new Set());
      return object;
    }
    if (isSeq(node)) return node.items.map((item) => (isPair(item) ? convertPair(item) : convert(item as Node)));
    return scalarValue(node as Scalar, scalarText(node as Scalar, text));
  };

  const convertPair = (pair: KeyAndValue): JsonValue => {
    const object: MutableObject = {};
    fillMember(pair, object, new Set());
    return object;
  };

  const followAlias = <T>(alias: Node, visit: (target: Node) => T): T => {
    const name = (alias as { source?: string }).source ?? "";
    const target = targets.get(alias);
    if (target === undefined) throw new YamlError(`yaml: unknown anchor '${name}' referenced`);
    if (active.has(alias)) throw new YamlError(`yaml: anchor '${name}' value contains itself`);
    active.add(alias);
    aliasDepth += 1;
    const result = visit(target);
    aliasDepth -= 1;
    active.delete(alias);
    return result;
  };

  const fillObject = (node: Node, object: MutableObject, seen: Set<string>): void => {
    for (const pair of (node as { items: unknown[] }).items) fillMember(pair as KeyAndValue, object, seen);
  };

  const fillMember = (pair: KeyAndValue, object: MutableObject, seen: Set<string>): void => {
    const key = pair.key as Node | null;
    const value = pair.value as Node | null;
    if (isMergeKey(key)) return merge(value, object, seen);
    const name = keyName(convert(key), value);
    const converted = convert(value);
    if (seen.has(name.identity)) repeatedKeys.push(`line ${lineOf(key, value)}: key ${name.shown} already set in map`);
    else seen.add(name.identity);
    setOwn(object, name.text, converted);
  };

  /** A merged map overwrites what stands before it; what stands behind it overwrites the merged map. */
  const merge = (value: Node | null, object: MutableObject, seen: Set<string>): void => {
    const mergeMap = (node: Node | null): void => {
      const target = isAlias(node) ? targets.get(node) : node;
      if (target !== undefined && !isMap(target)) throw wantsMap();
      count();
      if (isAlias(node)) followAlias(node, (found) => (count(), fillObject(found, object, seen)));
      else fillObject(node as Node, object, seen);
    };
    if (isSeq(value)) for (const item of value.items.toReversed()) mergeMap(item as Node);
    else mergeMap(value);
  };

  return {
    convert(): YamlDocument {
      const value = convert(document.contents as Node | null);
      return { value, repeatedKeys };
    },
  };
}

function wantsMap(): YamlError {
  return new YamlError("yaml: map merge requires map or sequence of maps as the value");
}

function allowedAliasShare(nodes: number): number {
  if (nodes <= freeNodes) return freeAliasShare;
  if (nodes >= manyNodes) return manyAliasShare;
  return freeAliasShare - ((freeAliasShare - manyAliasShare) * (nodes - freeNodes)) / (manyNodes - freeNodes);
}

function isMergeKey(key: Node | null): boolean {
  if (!isScalar(key) || key.source !== "<<") return false;
  return key.tag === undefined ? isPlain(key) : key.tag === "tag:yaml.org,2002:merge";
}

function isPlain(node: Scalar): boolean {
  return node.type === undefined || node.type === Scalar.PLAIN;
}

/** How a key is named in JSON, told apart from others, and shown in messages. */
function keyName(key: JsonValue, value: Node | null): { text: string; identity: string; shown: string } {
  switch (typeof key) {
    case "string":
      return { text: key, identity: `s${key}`, shown: goQuote(key) };
    case "boolean":
      return { text: String(key), identity: `b${key}`, shown: String(key) };
    case "number":
    case "bigint": {
      const text = typeof key === "bigint" || Number.isInteger(key) ? String(key) : floatKey(key);
      return { text, identity: `n${text}`, shown: text };
    }
    default:
      if (key === null)
        throw new YamlError(
          `unsupported map key of type: %!s(<nil>), key: <nil>, value: ${value === null ? "interface {}(nil)" : goQuote(String(value))}`,
        );
      throw new YamlError("yaml: invalid map key");
  }
}

/** Go shortens float keys to 32 bits. */
function floatKey(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  if (!Number.isFinite(value)) return value > 0 ? ".inf" : "-.inf";
  const rounded = Math.fround(value);
  for (let digits = 1; digits <= 9; digits += 1) {
    const text = rounded.toPrecision(digits);
    if (Math.fround(Number(text)) === rounded) return String(Number(text));
  }
  return String(rounded);
}

/** A block of text that the document ends in ends with a line break only when the document does. */
function scalarText(node: Scalar, document: string): string {
  const text = node.source ?? "";
  const isBlock = node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED;
  const endsOpen = isBlock && (node.range?.[1] ?? 0) >= document.length && !document.endsWith("\n");
  return endsOpen ? text.replace(/\n$/, "") : text;
}

function scalarValue(node: Scalar, text: string): JsonValue {
  const tag = shortTag(node.tag);
  if (tag === undefined) {
    const value = isPlain(node) ? resolveScalar(text).value : text;
    if (typeof value === "number" && !Number.isFinite(value))
      throw new YamlError(`json: unsupported value: ${Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf"}`);
    return value;
  }
  if (tag === "!!binary") return decodeBinary(text);
  if (!resolvableTags.has(tag) || tag === "!!str") return text;
  const resolved = resolveScalar(text);
  if (resolved.tag === tag || (tag === "!!float" && resolved.tag === "!!int")) return resolved.value;
  throw new YamlError(`yaml: cannot decode ${resolved.tag} \`${text}\` as a ${tag}`);
}

const resolvableTags: ReadonlySet<string> = new Set(["!!str", "!!bool", "!!int", "!!float", "!!null", "!!timestamp"]);

function shortTag(tag: string | undefined): string | undefined {
  return tag?.replace(/^tag:yaml\.org,2002:/, "!!");
}

/** Which node each alias stands for: the last one before it that carries its name. */
function findAliasTargets(root: Node | null): Map<Node, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Node, Node>();
  const visit = (value: unknown): void => {
    if (isPair(value)) {
      visit(value.key);
      visit(value.value);
      return;
    }
    const node = value as (Node & { anchor?: string; source?: string }) | null;
    if (node === null || node === undefined) return;
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target !== undefined) targets.set(node, target);
      return;
    }
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    if (isMap(node) || isSeq(node)) for (const item of node.items) visit(item);
  };
  visit(root);
  return targets;
}
