import { isJsonObject, type JsonObject, type JsonValue } from "../json-value.ts";
import { utf8Length } from "../utf8.ts";
import { compareKeys } from "./key-order.ts";
import { formatNumber } from "./number.ts";
import { resolveScalar } from "./resolve.ts";
import { analyzeText, escapeText, type ScalarStyle, type TextFacts } from "./scalar-style.ts";

/** Lines are folded at the first space behind this column. */
const lineWidth = 80;
const indentStep = 2;
/** Longer keys, in bytes, are written with a `?`. */
const maxSimpleKeyLength = 128;

/** Where a value stands: what its layout depends on. */
type Context = "root" | "item" | "member";

/** Writes a value as YAML, ending with a line break. */
export function writeYaml(value: JsonValue): string {
  const output = createOutput();

  const writeValue = (node: JsonValue, indent: number, context: Context): void => {
    if (Array.isArray(node)) writeList(node, indent, context);
    else if (isJsonObject(node)) writeObject(node, indent);
    else if (typeof node === "string") writeText(node, indent, false);
    else output.plain(typeof node === "number" ? formatNumber(node) : String(node));
  };

  const writeObject = (object: JsonObject, outer: number): void => {
    const keys = Object.keys(object)
      .filter((key) => object[key] !== undefined)
      .sort(compareKeys);
    if (keys.length === 0) return output.indicator("{}", true, false, false);
    const indent = outer < 0 ? 0 : outer + indentStep;
    for (const key of keys) {
      output.indent(indent);
      const isSimple = !analyzeText(key).isMultiline && utf8Length(key) <= maxSimpleKeyLength;
      if (isSimple) {
        writeText(key, indent, true);
        output.indicator(":", false, false, false);
      } else {
        output.indicator("?", true, false, true);
        writeText(key, indent, false);
        output.indent(indent);
        output.indicator(":", true, false, true);
      }
      writeValue(object[key] as JsonValue, indent, "member");
    }
  };

  const writeList = (list: readonly JsonValue[], outer: number, context: Context): void => {
    if (list.length === 0) return output.indicator("[]", true, false, false);
    // A list that is a member's value stands under its key without being indented.
    const isIndented = !(context === "member" && !output.isAtIndentation());
    const indent = outer < 0 ? 0 : isIndented ? outer + indentStep : outer;
    for (const item of list) {
      output.indent(indent);
      output.indicator("-", true, false, true);
      writeValue(item, indent, "item");
    }
  };

  const writeText = (text: string, outer: number, isKey: boolean): void => {
    const wellFormed = text.toWellFormed();
    const facts = analyzeText(wellFormed);
    const indent = outer < 0 ? indentStep : outer + indentStep;
    switch (selectStyle(wellFormed, facts, isKey)) {
      case "plain":
        return output.folded(wellFormed, indent, isKey ? "none" : "plain");
      case "single":
        output.indicator("'", true, false, false);
        output.folded(wellFormed.replaceAll("'", "''"), indent, isKey ? "none" : "single");
        return output.indicator("'", false, false, false);
      case "double":
        output.indicator('"', true, false, false);
        output.escaped(wellFormed, indent, !isKey);
        return output.indicator('"', false, false, false);
      case "literal":
        return output.literal(wellFormed, indent);
    }
  };

  writeValue(value, -1, "root");
  output.indent(0);
  return output.text();
}

function selectStyle(text: string, facts: TextFacts, isKey: boolean): ScalarStyle {
  if (isKey && facts.isMultiline) return "double";
  if (text.includes("\n")) return facts.allowsLiteral && !isKey ? "literal" : "double";
  // Whatever would mean something else without quotes gets them, base 60 numbers for other readers' sake.
  const isText =
    resolveScalar(text).tag === "!!str" && !/^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/.test(text);
  if (!isText) return "double";
  if (facts.allowsPlain) return "plain";
  return facts.allowsSingle ? "single" : "double";
}

const breaks = /[\n\r\u0085\u2028\u2029]/;

/** Text being written, with what layout decisions depend on: the column, and whether anything but indentation stands before it. */
function createOutput() {
  const parts: string[] = [];
  let column = 0;
  let endsInSpace = true;
  let isIndentation = true;

  const put = (text: string): void => {
    parts.push(text);
    for (const _character of text) column += 1;
  };
  const lineBreak = (character = "\n"): void => {
    parts.push(character);
    column = 0;
  };
  const indent = (width: number): void => {
    if (!isIndentation || column > width || (column === width && !endsInSpace)) lineBreak();
    if (column < width) put(" ".repeat(width - column));
    endsInSpace = true;
    isIndentation = true;
  };
  const indicator = (text: string, needsSpace: boolean, isSpace: boolean, keepsIndentation: boolean): void => {
    if (needsSpace && !endsInSpace) put(" ");
    put(text);
    endsInSpace = isSpace;
    isIndentation = isIndentation && keepsIndentation;
  };

  return {
    indent,
    indicator,
    isAtIndentation: () => isIndentation,
    text: () => parts.join(""),
    plain(text: string): void {
      if (!endsInSpace) put(" ");
      put(text);
      endsInSpace = false;
      isIndentation = false;
    },

    /** Text whose lines may be folded at single spaces. Breaks other than line feeds stay as they are. */
    folded(text: string, width: number, style: "plain" | "single" | "none"): void {
      if (style !== "single" && !endsInSpace && !(parts.at(-1) === "'")) put(" ");
      const characters = [...text];
      let afterSpace = false;
      let afterBreak = false;
      characters.forEach((character, index) => {
        if (character === " ") {
          const isInside = style === "plain" || (index > 0 && index < characters.length - 1);
          const folds =
            style !== "none" && !afterSpace && column > lineWidth && isInside && characters[index + 1] !== " ";
          if (folds) indent(width);
          else put(" ");
          afterSpace = true;
        } else if (breaks.test(character)) {
          lineBreak(character);
          isIndentation = true;
          afterBreak = true;
        } else {
          if (afterBreak) indent(width);
          put(character);
          isIndentation = false;
          afterSpace = false;
          afterBreak = false;
        }
      });
      endsInSpace = false;
      isIndentation = false;
    },

    /** Text in escaped form, folded at spaces. */
    escaped(text: string, width: number, mayFold: boolean): void {
      const characters = [...text];
      const hasMark = characters[0] === "\ufeff";
      let afterSpace = false;
      characters.forEach((character, index) => {
        const escape = escapeText(character, hasMark);
        const isInside = index > 0 && index < characters.length - 1;
        if (escape === undefined && character === " " && mayFold && !afterSpace && column > lineWidth && isInside) {
          indent(width);
          if (characters[index + 1] === " ") put("\\");
        } else put(escape ?? character);
        afterSpace = escape === undefined && character === " ";
      });
      endsInSpace = false;
      isIndentation = false;
    },

    /** A block of lines, as they are. */
    literal(text: string, width: number): void {
      indicator("|", true, false, false);
      if (/^[ \n\r\u0085\u2028\u2029]/.test(text)) indicator(String(indentStep), false, false, false);
      const ending = /[\n\r\u0085\u2028\u2029]*$/.exec(text)?.[0] ?? "";
      if (ending === "") indicator("-", false, false, false);
      else if ([...ending].length > 1 || ending === text) indicator("+", false, false, false);
      lineBreak();
      isIndentation = true;
      endsInSpace = true;
      let afterBreak = true;
      for (const character of text) {
        if (breaks.test(character)) {
          lineBreak(character);
          isIndentation = true;
          afterBreak = true;
        } else {
          if (afterBreak) indent(width);
          put(character);
          isIndentation = false;
          afterBreak = false;
        }
      }
    },
  };
}
