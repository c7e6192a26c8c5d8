import { FieldPath, fieldError, joinFieldErrors } from "../field-error.ts";
import { checkLabelKey } from "../names.ts";
import { compareUtf8 } from "../utf8.ts";
import { type SelectorToken, scanSelector } from "./lexer.ts";
import { createLabelRequirement, type LabelOperator, type LabelRequirement } from "./requirement.ts";
import { SelectorError } from "./selector-error.ts";

const binaryOperators: Readonly<Record<string, LabelOperator>> = {
  in: "in",
  notin: "notin",
  "=": "=",
  "==": "==",
  "!=": "!=",
  ">": "gt",
  "<": "lt",
};

/** Takes tokens one after another. */
interface TokenReader {
  peek(): SelectorToken;
  take(): SelectorToken;
}

/**
 * Reads the requirements of a selector in its string form, in the order written.
 * @throws {SelectorError}
 */
export function parseRequirements(text: string): LabelRequirement[] {
  const tokens = scanSelector(text);
  let position = 0;
  const last = tokens[tokens.length - 1] as SelectorToken;
  const reader: TokenReader = {
    peek: () => tokens[position] ?? last,
    take() {
      const token = tokens[position] ?? last;
      position += 1;
      return token;
    },
  };
  const requirements: LabelRequirement[] = [];
  for (;;) {
    const token = reader.peek();
    if (token.kind === "end") return requirements;
    if (!startsRequirement(token)) throw unexpected(token, ", expected: !, identifier, or 'end of string'");
    requirements.push(parseRequirement(reader));
    const separator = reader.take();
    if (separator.kind === "end") return requirements;
    if (separator.kind !== ",") throw unexpected(separator, ", expected: ',' or 'end of string'");
    if (!startsRequirement(reader.peek())) throw unexpected(reader.peek(), ", expected: identifier after ','");
  }
}

function startsRequirement(token: SelectorToken): boolean {
  return token.kind === "word" || token.kind === "!";
}

function parseRequirement(reader: TokenReader): LabelRequirement {
  try {
    const isNegated = reader.peek().kind === "!";
    if (isNegated) reader.take();
    const key = parseKey(reader);
    const next = reader.peek().kind;
    if (isNegated) return createLabelRequirement(key, "!", []);
    if (next === "end" || next === ",") return createLabelRequirement(key, "exists", []);
    const operator = parseOperator(reader);
    const values = operator === "in" || operator === "notin" ? parseValues(reader) : parseExactValue(reader);
    return createLabelRequirement(key, operator, values);
  } catch (error) {
    if (!(error instanceof SelectorError)) throw error;
    throw new SelectorError(`unable to parse requirement: ${error.message}`, { cause: error });
  }
}

function parseKey(reader: TokenReader): string {
  const token = reader.take();
  if (token.kind !== "word") throw unexpected(token, ", expected: identifier");
  const faults = checkLabelKey(token.text);
  // Upstream names no field here, and prints that as <nil>.
  if (faults.length > 0)
    throw new SelectorError(
      joinFieldErrors([fieldError.invalid(FieldPath.of("<nil>"), token.text, faults.join("; "))]),
    );
  return token.text;
}

function parseOperator(reader: TokenReader): LabelOperator {
  const token = reader.take();
  const operator = Object.hasOwn(binaryOperators, token.text) ? binaryOperators[token.text] : undefined;
  if (operator === undefined) throw unexpected(token, ", expected: in, notin, =, ==, !=, gt, lt");
  return operator;
}

/** `(x,,y)`: between and beside commas the empty value may stand. */
function parseValues(reader: TokenReader): readonly string[] {
  const open = reader.take();
  if (open.kind !== "(") throw unexpected(open, " expected: '('");
  const first = reader.peek();
  if (first.kind === ")") {
    reader.take();
    return [""];
  }
  if (first.kind !== "word" && first.kind !== ",") throw unexpected(first, ", expected: ',', ')' or identifier");
  const values = new Set<string>();
  for (;;) {
    const token = reader.take();
    if (token.kind === "word") {
      values.add(token.text);
      const next = reader.peek();
      if (next.kind === ")") break;
      if (next.kind !== ",") throw unexpected(next, ", expected: ',' or ')'");
    } else if (token.kind === ",") {
      const next = reader.peek().kind;
      if (values.size === 0 || next === ")" || next === ",") values.add("");
      if (next === ")") break;
    } else throw unexpected(token, ", expected: ',', or identifier");
  }
  reader.take();
  return [...values].sort(compareUtf8);
}

function parseExactValue(reader: TokenReader): readonly string[] {
  const next = reader.peek().kind;
  if (next === "end" || next === ",") return [""];
  const token = reader.take();
  if (token.kind !== "word") throw unexpected(token, ", expected: identifier");
  return [token.text];
}

function unexpected(token: SelectorToken, expectation: string): SelectorError {
  return new SelectorError(`found '${token.text}'${expectation}`);
}
