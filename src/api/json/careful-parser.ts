import { isJsonObject, type JsonValue, setOwn } from "../json-value.ts";
import { endOfString } from "./survey.ts";
import { JsonSyntaxError } from "./syntax-error.ts";

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;
type MutableObject = { [key: string]: JsonValue };

/**
 * Parses JSON that is known to be well-formed and not too deep, keeping what `JSON.parse` would lose: integers beyond 2^53,
 * repeated keys, the difference between a lone surrogate and U+FFFD.
 * @param repeated what becomes of a repeated key whose values are objects: they are merged, or the last one counts
 * @throws {JsonSyntaxError} when a number is too large for a float
 */
export function parseCarefully(
  text: string,
  repeated: "merge" | "last",
): {
  readonly value: JsonValue;
  readonly repeatedKeys: ReadonlyMap<object, readonly string[]> | undefined;
} {
  const repeatedKeys = new Map<object, readonly string[]>();
  let position = 0;

  const next = (): string => {
    while (" \t\n\r,:".includes(text[position] as string)) position += 1;
    return text[position] as string;
  };

  const parseValue = (): JsonValue => {
    const first = next();
    if (first === "{") return parseObject();
    if (first === "[") return parseList();
    return first === '"' ? parseString() : parseScalar();
  };

  const parseObject = (): JsonValue => {
    const object: MutableObject = {};
    const keys: string[] = [];
    let isRepeated = false;
    for (position += 1; next() !== "}"; ) {
      const key = parseString();
      keys.push(key);
      const value = parseValue();
      if (Object.hasOwn(object, key)) {
        isRepeated = true;
        setOwn(object, key, repeated === "last" ? value : mergeRepeated(object[key] as JsonValue, value, repeatedKeys));
      } else setOwn(object, key, value);
    }
    position += 1;
    if (isRepeated) repeatedKeys.set(object, keys);
    return object;
  };

  const parseList = (): JsonValue => {
    const list: JsonValue[] = [];
    for (position += 1; next() !== "]"; ) list.push(parseValue());
    position += 1;
    return list;
  };

  const parseString = (): string => {
    const end = endOfString(text, position) + 1;
    const value = JSON.parse(text.slice(position, end)) as string;
    position = end;
    return value.isWellFormed() ? value : value.toWellFormed();
  };

  const parseScalar = (): JsonValue => {
    const start = position;
    while (position < text.length && !" \t\n\r,]}".includes(text[position] as string)) position += 1;
    return readScalar(text.slice(start, position));
  };

  const value = parseValue();
  return { value, repeatedKeys: repeatedKeys.size === 0 ? undefined : repeatedKeys };
}

/** Go decodes a repeated key into the struct or map that the first one left. */
function mergeRepeated(first: JsonValue, second: JsonValue, repeatedKeys: Map<object, readonly string[]>): JsonValue {
  if (!isJsonObject(first) || !isJsonObject(second)) return second;
  const merged: MutableObject = { ...first };
  for (const key of Object.keys(second))
    setOwn(
      merged,
      key,
      Object.hasOwn(merged, key)
        ? mergeRepeated(merged[key] as JsonValue, second[key] as JsonValue, repeatedKeys)
        : (second[key] as JsonValue),
    );
  const keys = [first, second].flatMap((part) => repeatedKeys.get(part) ?? []);
  if (keys.length > 0) repeatedKeys.set(merged, keys);
  return merged;
}

function readScalar(source: string): JsonValue {
  if (/^-?\d{16,19}$/.test(source)) {
    const integer = BigInt(source);
    const isNumber = integer >= Number.MIN_SAFE_INTEGER && integer <= Number.MAX_SAFE_INTEGER;
    if (!isNumber && integer >= minInt64 && integer <= maxInt64) return integer;
  }
  const value = JSON.parse(source) as JsonValue;
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY)
    throw new JsonSyntaxError(`json: cannot unmarshal number ${source} into Go value of type float64`);
  return value;
}
