import { isJsonObject } from "./json-value.ts";
import { compareUtf8 } from "./utf8.ts";

/** Writes a value as Go's `%v` does, because messages show whole objects that way: `map[a:1 b:[x y]]`. */
export function goFormat(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  if (typeof value === "number") return formatNumber(value);
  if (Array.isArray(value)) return `[${value.map(goFormat).join(" ")}]`;
  if (!isJsonObject(value)) return String(value);
  const keys = Object.keys(value).sort(compareUtf8);
  return `map[${keys.map((key) => `${key}:${goFormat(value[key])}`).join(" ")}]`;
}

/** Fractions from a million up and below a ten-thousandth have an exponent in Go, with two digits at least. */
function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e21) return String(value);
  const text = size < 1e-4 || size >= 1e6 ? value.toExponential() : String(value);
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}
