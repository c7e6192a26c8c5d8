import type { JsonValue } from "../json-value.ts";

/** What a YAML scalar means to Go: its tag, short form, and value. */
export interface ResolvedScalar {
  readonly tag: "!!str" | "!!bool" | "!!int" | "!!float" | "!!null" | "!!timestamp";
  readonly value: JsonValue;
}

const words: ReadonlyMap<string, ResolvedScalar> = new Map([
  ...spell({ tag: "!!bool", value: true }, ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"]),
  ...spell({ tag: "!!bool", value: false }, [
    "n",
    "N",
    "no",
    "No",
    "NO",
    "false",
    "False",
    "FALSE",
    "off",
    "Off",
    "OFF",
  ]),
  ...spell({ tag: "!!null", value: null }, ["", "~", "null", "Null", "NULL"]),
  ...spell({ tag: "!!float", value: Number.NaN }, [".nan", ".NaN", ".NAN"]),
  ...spell({ tag: "!!float", value: Number.POSITIVE_INFINITY }, [".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"]),
  ...spell({ tag: "!!float", value: Number.NEGATIVE_INFINITY }, ["-.inf", "-.Inf", "-.INF"]),
]);

const integer = /^[+-]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const minInt64 = -(2n ** 63n);
const maxUint64 = 2n ** 64n - 1n;

/**
 * Finds what a plain scalar means: YAML 1.1 as Go has it, with `0o` octals, and times and base 60 left as text. Integers that
 * a number cannot hold are bigints up to 64 bits, and floats beyond.
 */
export function resolveScalar(text: string): ResolvedScalar {
  const word = words.get(text);
  if (word !== undefined) return word;
  const first = text[0] as string;
  if (first === "." && float.test(text)) return { tag: "!!float", value: Number(text) };
  if (/^[-+0-9]/.test(first)) {
    if (isTimestamp(text)) return { tag: "!!timestamp", value: text };
    const plain = text.replaceAll("_", "");
    const whole = integer.test(plain) ? parseInteger(plain) : undefined;
    if (whole !== undefined) return { tag: "!!int", value: whole };
    if (float.test(plain)) {
      const value = Number(plain);
      if (Number.isFinite(value)) return { tag: "!!float", value };
    }
  }
  return { tag: "!!str", value: text };
}

/** Whether a text looks like a time, which makes writers quote it. */
export function isTimestamp(text: string): boolean {
  const match =
    /^(\d{4})-(\d{1,2})-(\d{1,2})(?:([Tt ])(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  if (match === null) return false;
  const [, year, month, day, separator, hour = "0", minute = "0", second = "0", zone] = match;
  if (separator !== undefined && (separator === " ") !== (zone === undefined)) return false;
  if (zone !== undefined && zone !== "Z" && (Number(zone.slice(1, 3)) > 24 || Number(zone.slice(4)) > 59)) return false;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return false;
  const days = new Date(Date.UTC(Number(year), Number(month), 0));
  days.setUTCFullYear(Number(year), Number(month), 0);
  return Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= days.getUTCDate();
}

function parseInteger(text: string): number | bigint | undefined {
  const isNegative = text.startsWith("-");
  const digits = text.replace(/^[+-]/, "").replace(/^0[oO]?(?=[0-7])/, "0o");
  const size = BigInt(digits);
  const value = isNegative ? -size : size;
  if (value < minInt64 || value > maxUint64) return undefined;
  // An unsigned number takes no sign.
  if (value >= 2n ** 63n && text.startsWith("+")) return undefined;
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

function spell(meaning: ResolvedScalar, spellings: readonly string[]): [string, ResolvedScalar][] {
  return spellings.map((spelling) => [spelling, meaning]);
}
