import { goQuote } from "../go-quote.ts";
import { DecodeError } from "./decode-error.ts";

const unitNanos: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const maxNanos = 2n ** 63n - 1n;

/**
 * The stored form of a duration as Go writes it: `90s` becomes `1m30s`.
 * @throws {DecodeError} in Go's words
 */
export function canonicalDuration(text: string): string {
  return formatNanos(parseNanos(text));
}

/**
 * The nanoseconds of a duration.
 * @throws {DecodeError} in Go's words
 */
export function parseNanos(text: string): bigint {
  const invalid = (): DecodeError => new DecodeError(`time: invalid duration ${goQuote(text)}`);
  const sign = /^[+-]/.exec(text)?.[0] ?? "";
  let rest = text.slice(sign.length);
  if (rest === "0") return 0n;
  if (rest === "") throw invalid();
  let nanos = 0n;
  while (rest !== "") {
    const match = /^(\d*)(?:\.(\d*))?([^.\d]*)/.exec(rest) as RegExpExecArray;
    const [all, whole = "", fraction = "", unit = ""] = match;
    if (whole === "" && fraction === "") throw invalid();
    if (unit === "") throw new DecodeError(`time: missing unit in duration ${goQuote(text)}`);
    const scale = Object.hasOwn(unitNanos, unit) ? unitNanos[unit] : undefined;
    if (scale === undefined) throw new DecodeError(`time: unknown unit ${goQuote(unit)} in duration ${goQuote(text)}`);
    nanos += BigInt(whole || "0") * scale + (BigInt(fraction || "0") * scale) / 10n ** BigInt(fraction.length);
    if (nanos > maxNanos + (sign === "-" ? 1n : 0n)) throw invalid();
    rest = rest.slice(all.length);
  }
  return sign === "-" ? -nanos : nanos;
}

/** Nanoseconds as Go writes a duration. */
export function formatNanos(nanos: bigint): string {
  if (nanos === 0n) return "0s";
  const size = nanos < 0n ? -nanos : nanos;
  const sign = nanos < 0n ? "-" : "";
  if (size < 1_000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${withFraction(size, 1_000n)}µs`;
  if (size < 1_000_000_000n) return `${sign}${withFraction(size, 1_000_000n)}ms`;
  const minutes = size / 60_000_000_000n;
  const seconds = withFraction(size % 60_000_000_000n, 1_000_000_000n);
  if (minutes === 0n) return `${sign}${seconds}s`;
  const hours = minutes / 60n;
  return hours === 0n ? `${sign}${minutes}m${seconds}s` : `${sign}${hours}h${minutes % 60n}m${seconds}s`;
}

function withFraction(amount: bigint, unit: bigint): string {
  const rest = amount % unit;
  const fraction =
    rest === 0n
      ? ""
      : `.${String(unit + rest)
          .slice(1)
          .replace(/0+$/, "")}`;
  return `${amount / unit}${fraction}`;
}
