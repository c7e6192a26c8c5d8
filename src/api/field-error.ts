import { goFormat } from "./go-format.ts";
import { goQuote } from "./go-quote.ts";
import { encodeJson, escapeForHtml } from "./json.ts";

/** Where in an object a field is. Immutable; written out only when an error needs it. */
export class FieldPath {
  readonly #parent: FieldPath | undefined;
  readonly #step: string;

  private constructor(parent: FieldPath | undefined, step: string) {
    this.#parent = parent;
    this.#step = step;
  }

  /** The path of a top-level field such as `spec`. */
  static of(name: string): FieldPath {
    return new FieldPath(undefined, name);
  }

  child(name: string): FieldPath {
    return new FieldPath(this, `.${name}`);
  }

  /** An item of a list. */
  index(position: number): FieldPath {
    return new FieldPath(this, `[${position}]`);
  }

  /** A key of a map, or the key of a list item. */
  key(key: string): FieldPath {
    return new FieldPath(this, `[${key}]`);
  }

  /** For example `spec.containers[0].image`. */
  toString(): string {
    return this.#parent === undefined ? this.#step : this.#parent.toString() + this.#step;
  }
}

/** Why a field is refused; the words are those of `Status.details.causes[].reason`. */
export type FieldErrorType =
  | "FieldValueNotFound"
  | "FieldValueRequired"
  | "FieldValueDuplicate"
  | "FieldValueInvalid"
  | "FieldValueNotSupported"
  | "FieldValueForbidden"
  | "FieldValueTooLong"
  | "FieldValueTooMany"
  | "FieldValueTooFew"
  | "FieldValueTooShort"
  | "FieldValueTypeInvalid"
  | "InternalError";

/** One thing that is wrong with an object. */
export interface FieldError {
  readonly type: FieldErrorType;
  readonly field: string;
  /** What is wrong, without the field: `Invalid value: "x": must be ...`. */
  readonly body: string;
}

const titles: Readonly<Record<FieldErrorType, string>> = {
  FieldValueNotFound: "Not found",
  FieldValueRequired: "Required value",
  FieldValueDuplicate: "Duplicate value",
  FieldValueInvalid: "Invalid value",
  FieldValueNotSupported: "Unsupported value",
  FieldValueForbidden: "Forbidden",
  FieldValueTooLong: "Too long",
  FieldValueTooMany: "Too many",
  FieldValueTooFew: "Too few",
  FieldValueTooShort: "Too short",
  FieldValueTypeInvalid: "Invalid value",
  InternalError: "Internal error",
};

/** Builds the errors that validation reports, in the API's words. */
export const fieldError = {
  /** A value that is missing or empty. */
  required: (path: FieldPath, detail = ""): FieldError => build("FieldValueRequired", path, undefined, detail),
  /** A malformed value. */
  invalid: (path: FieldPath, value: unknown, detail: string): FieldError =>
    build("FieldValueInvalid", path, renderValue(value), detail),
  /** A value of the wrong type for its schema. */
  typeInvalid: (path: FieldPath, value: unknown, detail: string): FieldError =>
    build("FieldValueTypeInvalid", path, renderValue(value), detail),
  /** A value outside a fixed set; `supported` is listed in the order given. */
  notSupported: (path: FieldPath, value: unknown, supported: readonly string[]): FieldError =>
    build(
      "FieldValueNotSupported",
      path,
      renderValue(value),
      supported.length === 0 ? "" : `supported values: ${supported.map(goQuote).join(", ")}`,
    ),
  /** A value that must be unique and is not. */
  duplicate: (path: FieldPath, value: unknown): FieldError =>
    build("FieldValueDuplicate", path, renderValue(value), ""),
  /** A value that refers to something that does not exist. */
  notFound: (path: FieldPath, value: unknown): FieldError => build("FieldValueNotFound", path, renderValue(value), ""),
  /** A well-formed value that is not allowed here. */
  forbidden: (path: FieldPath, detail: string): FieldError => build("FieldValueForbidden", path, undefined, detail),
  /** Text over a limit counted in bytes. */
  tooLong: (path: FieldPath, maxBytes: number): FieldError =>
    build(
      "FieldValueTooLong",
      path,
      undefined,
      `may not be more than ${maxBytes} ${maxBytes === 1 ? "byte" : "bytes"}`,
    ),
  /** Text over a limit counted in characters. */
  tooLongCharacters: (path: FieldPath, maxCharacters: number): FieldError =>
    build(
      "FieldValueTooLong",
      path,
      undefined,
      `may not be more than ${maxCharacters} ${maxCharacters === 1 ? "character" : "characters"}`,
    ),
  /** A list with too many items. */
  tooMany: (path: FieldPath, count: number, maxCount: number): FieldError =>
    build(
      "FieldValueTooMany",
      path,
      String(count),
      `must have at most ${maxCount} ${maxCount === 1 ? "item" : "items"}`,
    ),
  /** A list with too few items. */
  tooFew: (path: FieldPath, count: number, minCount: number): FieldError =>
    build(
      "FieldValueTooFew",
      path,
      String(count),
      `must have at least ${minCount} ${minCount === 1 ? "item" : "items"}`,
    ),
  /** Text under a limit counted in characters. */
  tooShort: (path: FieldPath, minCharacters: number): FieldError =>
    build(
      "FieldValueTooShort",
      path,
      undefined,
      `must be at least ${minCharacters} ${minCharacters === 1 ? "character" : "characters"}`,
    ),
  /** A fault that is not the user's. */
  internal: (path: FieldPath, detail: string): FieldError => build("InternalError", path, undefined, detail),
};

/** One line for several errors, as in `Pod "x" is invalid: ...`: in brackets when there is more than one, repeats left out. */
export function joinFieldErrors(errors: readonly FieldError[]): string {
  const lines = [...new Set(errors.map((error) => `${error.field}: ${error.body}`))];
  return lines.length === 1 ? (lines[0] as string) : `[${lines.join(", ")}]`;
}

function build(type: FieldErrorType, path: FieldPath, value: string | undefined, detail: string): FieldError {
  const parts = [titles[type], value, detail === "" ? undefined : detail].filter((part) => part !== undefined);
  return { type, field: path.toString(), body: parts.join(": ") };
}

/** Texts are quoted, numbers and booleans plain, all else is JSON as Go writes it. */
function renderValue(value: unknown): string {
  if (typeof value === "string") return goQuote(value);
  if (typeof value === "object" && value !== null) return escapeForHtml(encodeJson(value));
  return value === undefined || value === null ? "null" : goFormat(value);
}
