import { type Document, isMap, isSeq, type LineCounter, type YAMLParseError } from "yaml";

/** How Go's parser words a fault, and which of its layers finds it, which decides how it counts lines. */
interface Wording {
  readonly message: string;
  /** `scanner` counts from one, `parser` from zero; `end` is the scanner at the end of the text. */
  readonly layer: "scanner" | "parser" | "end";
}

const scanner = (message: string): Wording => ({ message, layer: "scanner" });
const parser = (message: string): Wording => ({ message, layer: "parser" });

/** Faults by the beginning of what the `yaml` package says of them. The first that fits counts. */
const wordings: readonly (readonly [RegExp, Wording])[] = [
  [/^Missing closing ["']/, { message: "found unexpected end of stream", layer: "end" }],
  [/^Nested mappings are not allowed/, scanner("mapping values are not allowed in this context")],
  [/^Implicit keys need to be on a single line/, scanner("mapping values are not allowed in this context")],
  [/^Implicit map keys need to be followed/, scanner("could not find expected ':'")],
  [/^The : indicator must be at most 1024/, scanner("could not find expected ':'")],
  [/^Plain value cannot start with flow/, parser("did not find expected node content")],
  [/^Plain value cannot start with/, scanner("found character that cannot start any token")],
  [/^Tabs are not allowed as indentation/, scanner("found character that cannot start any token")],
  [/^Unexpected block-seq-ind on same line/, scanner("block sequence entries are not allowed in this context")],
  [/^A(?:nchor|lias) cannot be an empty/, scanner("did not find expected alphabetic or numeric character")],
  [/^The !! tag has no suffix|^Verbatim tags must end/, scanner("did not find expected tag URI")],
  [/^Block scalar header includes extra/, scanner("did not find expected comment or line break")],
  [/^Invalid escape sequence \\[xuU]/, scanner("did not find expected hexdecimal number")],
  [/^Invalid escape sequence/, scanner("found unknown escape character")],
  [/^Missing directives-end/, scanner("found unknown directive name")],
  [/^Unexpected (?:flow-map-end|flow-seq-end|comma) token/, parser("did not find expected node content")],
  [/^Flow sequence.*must|^Missing , (?:or : )?between flow seq/, parser("did not find expected ',' or ']'")],
  [/^Flow map.*must|^Missing , (?:or : )?between flow map/, parser("did not find expected ',' or '}'")],
  [/^Unexpected , in flow/, parser("did not find expected node content")],
  [/^Sequence item without - indicator/, parser("did not find expected '-' indicator")],
];

/** A document's first fault of grammar in the words of Go's parser, with its line where Go gives one. */
export function explainSyntax(document: Document, lines: LineCounter, text: string): string {
  const [error] = document.errors as [YAMLParseError];
  const wording = selectWording(document, error, text);
  const end = lines.linePos(text.length);
  const isAtEnd = text.slice(error.pos[0]).trim() === "";
  let line = wording.layer === "end" ? end.line : lines.linePos(faultPosition(document.errors, error)).line;
  if (error.message.startsWith("Implicit map keys")) line += 1;
  // Go counts the end of the text as the beginning of another line.
  if (wording.layer === "parser") line = isAtEnd ? end.line - (end.col === 1 ? 1 : 0) : line - 1;
  // It leaves the line out when it takes the fault to be in its line zero.
  else if (line === 1) line = 0;
  return `yaml: ${line === 0 ? "" : `line ${line}: `}${wording.message}`;
}

function selectWording(document: Document, error: YAMLParseError, text: string): Wording {
  const before = text.slice(0, error.pos[0]);
  if (error.code === "RESOURCE_EXHAUSTION") return scanner("exceeded max depth of 10000");
  if (error.message.startsWith("Tabs are not allowed") && /[^:\s]\s*$/.test(before))
    return scanner("found a tab character that violates indentation");
  // A list or map in brackets that breaks off where an item was to come.
  if (/^Flow (?:sequence|map)/.test(error.message) && /[[{,]\s*$/.test(before))
    return parser("did not find expected node content");
  const isListForKey = document.errors[1]?.message.startsWith("Unexpected block-seq-ind") === true;
  const known = wordings.find(([pattern]) => pattern.test(error.message))?.[1];
  if (known !== undefined && !isListForKey) return known;
  if (isSeq(document.contents)) return parser("did not find expected '-' indicator");
  const isAfterRoot = /^Unexpected .* at node end/.test(error.message) && !isMap(document.contents);
  return isAfterRoot ? scanner("could not find expected ':'") : parser("did not find expected key");
}

/** Where the fault shows: a key that runs over several lines is found at its colon. */
function faultPosition(errors: readonly YAMLParseError[], error: YAMLParseError): number {
  const key = errors.find((other) => other.pos[0] === error.pos[0] && other.message.startsWith("Implicit keys need"));
  return key?.pos[1] ?? error.pos[0];
}
