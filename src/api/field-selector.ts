import { SelectorError } from "./label-selector/selector-error.ts";
import { compareUtf8 } from "./utf8.ts";

export { SelectorError };

/** One condition on one field. */
export interface FieldRequirement {
  readonly field: string;
  readonly operator: "=" | "!=";
  readonly value: string;
}

/** Gives a field's value in text; the empty text for a field that is not set. */
export type FieldLookup = (field: string) => string;

/** A compiled selector of fields. Immutable; make it once and match often. */
export interface FieldMatcher {
  /** All of these must hold. */
  readonly requirements: readonly FieldRequirement[];
  /** Everything matches. */
  readonly isEverything: boolean;
  /** Whether an object, whose fields `lookUp` gives, meets every requirement. */
  matches(lookUp: FieldLookup): boolean;
  /** The one value that a field must have, for whoever keeps an index by it; undefined when the selector leaves a choice. */
  requiredValue(field: string): string | undefined;
  /** The string form, which `parseFieldSelector` reads. */
  toString(): string;
}

/** Matches whatever it is given. */
export const everyField: FieldMatcher = createFieldMatcher([]);

/**
 * Reads `a=b,c==d,e!=f`; in values `\`, `,` and `=` are written with a `\` before them. The empty string matches
 * everything. Which fields a kind knows is for the caller to check.
 * @throws {SelectorError} with the words that the API answers with as BadRequest
 */
export function parseFieldSelector(text: string): FieldMatcher {
  const requirements: FieldRequirement[] = [];
  for (const term of splitTerms(text).sort(compareUtf8)) {
    if (term === "") continue;
    const match = /^(.*?)(!=|==|=)(.*)$/s.exec(term);
    if (match === null) throw new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`);
    const [, field = "", operator, escaped = ""] = match;
    const value = unescapeValue(escaped);
    // A term without field and value says nothing; upstream drops it too.
    if (field !== "" || value !== "") requirements.push({ field, operator: operator === "!=" ? "!=" : "=", value });
  }
  return createFieldMatcher(requirements);
}

/** Compiles requirements. */
export function createFieldMatcher(requirements: readonly FieldRequirement[]): FieldMatcher {
  const kept = Object.freeze([...requirements]);
  return Object.freeze({
    requirements: kept,
    isEverything: kept.length === 0,
    matches(lookUp: FieldLookup) {
      for (const { field, operator, value } of kept) if ((lookUp(field) === value) !== (operator === "=")) return false;
      return true;
    },
    requiredValue: (field: string) =>
      kept.find((requirement) => requirement.field === field && requirement.operator === "=")?.value,
    toString: () => kept.map(({ field, operator, value }) => `${field}${operator}${escapeFieldValue(value)}`).join(","),
  });
}

/** Writes a value as it must stand in a selector. */
export function escapeFieldValue(value: string): string {
  return value.replace(/[\\,=]/g, "\\$&");
}

/** Terms between commas that have no backslash before them; backslashes stay. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === "\\") index += 1;
    else if (text[index] === ",") {
      terms.push(text.slice(start, index));
      start = index + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

function unescapeValue(escaped: string): string {
  return escaped.replace(/\\(.?)|[,=]/gsu, (found: string, character: string | undefined) => {
    if (character === undefined)
      throw new SelectorError(`invalid field selector: unescaped character in value: ${found.charCodeAt(0)}`);
    if (character === "" || !"\\,=".includes(character))
      throw new SelectorError(`invalid field selector: invalid escape sequence: ${found}`);
    return character;
  });
}
