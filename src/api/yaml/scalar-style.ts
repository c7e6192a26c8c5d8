/** How a text may be written. */
export type ScalarStyle = "plain" | "single" | "double" | "literal";

/** What the layout of a text depends on. */
export interface TextFacts {
  readonly isMultiline: boolean;
  readonly allowsPlain: boolean;
  readonly allowsSingle: boolean;
  readonly allowsLiteral: boolean;
}

const lineBreak = "\\n\\r\\u0085\\u2028\\u2029";
const hasBreak = new RegExp(`[${lineBreak}]`);
const breakThenSpace = new RegExp(`[${lineBreak}] `);
const spaceThenBreak = new RegExp(` [${lineBreak}]`);
const commentStart = new RegExp(`[ \\t\\0${lineBreak}]#`);
/** Everything that stands for itself in a document; astral characters do not. */
const unprintable = /[^\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;

/** Finds out how a text may be written so that it is read back the same. */
export function analyzeText(text: string): TextFacts {
  const isMultiline = hasBreak.test(text);
  const isSpecial = unprintable.test(text) || spaceThenBreak.test(text);
  const breaksIndentation = breakThenSpace.test(text);
  const hasIndicators =
    /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?:-](?:[ \t]|$))/.test(text) ||
    /:(?:[ \t]|$)/.test(text) ||
    commentStart.test(text);
  const hasOuterSpace = text.startsWith(" ") || text.endsWith(" ");
  return {
    isMultiline,
    allowsPlain: !isSpecial && !isMultiline && !hasIndicators && !hasOuterSpace,
    allowsSingle: !isSpecial && !breaksIndentation,
    allowsLiteral: !isSpecial && !text.endsWith(" "),
  };
}

const shortEscapes: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\u0007": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\u001b": "\\e",
  '"': '\\"',
  "\\": "\\\\",
  "\u0085": "\\N",
  "\u00a0": "\\_",
  "\u2028": "\\L",
  "\u2029": "\\P",
};

/**
 * A character as it stands between double quotes, where it needs an escape.
 * @param always true in a text that begins with a byte order mark: upstream then escapes every character
 */
export function escapeText(character: string, always: boolean): string | undefined {
  const needsEscape =
    always || character === '"' || character === "\\" || hasBreak.test(character) || unprintable.test(character);
  if (!needsEscape) return undefined;
  const short = shortEscapes[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) as number;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
