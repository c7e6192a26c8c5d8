/** What one look over a JSON text tells, cheaply and without checking its grammar. */
export interface JsonSurvey {
  /** Members of all objects together. */
  readonly members: number;
  readonly depth: number;
  /**
   * There is something that `JSON.parse` would not keep: long integers, exponents that may overflow, lone surrogates, and
   * keys with escapes, which V8 13.6 mistakes for others: once it has met the keys `"` and `\` of an object, it reads the
   * keys `"` and newline as those.
   */
  readonly needsCare: boolean;
}

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
/** Integers of fewer digits are exact. */
const exactDigits = 15;

/** Surveys a JSON text. */
export function surveyJson(text: string): JsonSurvey {
  let members = 0;
  let depth = 0;
  let deepest = 0;
  let digits = 0;
  let needsCare = text.includes("\\u") && /\\u[dD][89a-fA-F]/.test(text);
  let stringStart = 0;
  let nextBackslash = positionOf(text, 0);
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit === quote) {
      stringStart = index;
      index = endOfString(text, index);
      digits = 0;
    } else if (unit >= 0x30 && unit <= 0x39) {
      digits += 1;
      if (digits > exactDigits) needsCare = true;
    } else {
      if (unit === colon) {
        members += 1;
        if (nextBackslash < stringStart) nextBackslash = positionOf(text, stringStart);
        if (nextBackslash < index) needsCare = true;
      } else if (unit === 0x7b || unit === 0x5b) {
        depth += 1;
        if (depth > deepest) deepest = depth;
      } else if (unit === 0x7d || unit === 0x5d) depth -= 1;
      else if (digits > 0 && (unit === 0x65 || unit === 0x45)) needsCare = true;
      digits = 0;
    }
  }
  return { members, depth: deepest, needsCare };
}

/** The next backslash from `start` on; the end of the text when there is none. */
function positionOf(text: string, start: number): number {
  const position = text.indexOf("\\", start);
  return position < 0 ? text.length : position;
}

/** The position of the quote that ends a string, or the end of the text. */
export function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    if (text.charCodeAt(end - 1) !== backslash) return end;
    let escapes = 1;
    while (text.charCodeAt(end - 1 - escapes) === backslash) escapes += 1;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}
