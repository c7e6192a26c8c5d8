import { LRUCache } from "lru-cache";

/**
 * An amount such as `500m`, `128Mi` or `1e3`: exact, in billionths.
 * Source: the API's resource.Quantity: a signed number with at most nine decimal places (more are rounded up, away
 * from zero) and a decimal (n u m k M G T P E), binary (Ki Mi Gi Ti Pi Ei) or exponent (e3, E-2) suffix.
 */
export interface Quantity {
  readonly nanos: bigint;
  /** Which kind of suffix the amount is written with. */
  readonly format: "DecimalSI" | "BinarySI" | "DecimalExponent";
}

/** What upstream answers to an amount that it cannot read. */
export const quantityRule =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

const decimalExponents: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  "": 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const binaryShifts: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const decimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"] as const;
const binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] as const;
const nanosPerUnit = 1_000_000_000n;
/** Largest amount: 2^63 - 1 units. Larger ones are cut to it. */
const maxNanos = 9_223_372_036_854_775_807n * nanosPerUnit;
const pattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:([numkMGTPE]?|[KMGTPE]i)|[eE]([+-]?\d{1,4}))$/;

/** Amounts seen lately: manifests repeat a few of them thousands of times. */
const cacheEntries = 4096;
const canonicalCache = new LRUCache<string, string>({ max: cacheEntries });

/**
 * Reads an amount.
 * @throws {RangeError} with upstream's words when it is malformed
 */
export function parseQuantity(text: string): Quantity {
  const match = pattern.exec(text);
  const whole = match?.[2] ?? "";
  const fraction = match?.[3] ?? "";
  if (match === null || (whole === "" && fraction === "")) throw new RangeError(quantityRule);
  const suffix = match[4];
  const exponent = match[5];
  const negative = match[1] === "-";
  const digits = BigInt(whole + fraction);
  const shift = suffix === undefined ? undefined : binaryShifts[suffix];
  const magnitude =
    shift === undefined
      ? scaleDecimal(
          digits,
          9 - fraction.length + (exponent === undefined ? (decimalExponents[suffix ?? ""] ?? 0) : Number(exponent)),
        )
      : scaleDecimal(digits * (1n << BigInt(shift)), 9 - fraction.length);
  const capped = magnitude > maxNanos ? maxNanos : magnitude;
  const format = shift !== undefined ? "BinarySI" : exponent !== undefined ? "DecimalExponent" : "DecimalSI";
  return { nanos: negative ? -capped : capped, format };
}

/** Writes an amount in the one form that the API stores: the largest suffix that needs no fraction. */
export function formatQuantity(quantity: Quantity): string {
  const { nanos } = quantity;
  if (nanos === 0n) return "0";
  if (quantity.format === "BinarySI" && nanos % nanosPerUnit === 0n) {
    let units = nanos / nanosPerUnit;
    let step = 0;
    while (units % 1024n === 0n && step < binarySuffixes.length - 1) {
      units /= 1024n;
      step += 1;
    }
    // Below 1024 units upstream writes the plain number, which is what no suffix gives.
    return `${units}${binarySuffixes[step]}`;
  }
  let amount = nanos;
  let step = 0;
  while (amount % 1000n === 0n && step < decimalSuffixes.length - 1) {
    amount /= 1000n;
    step += 1;
  }
  if (quantity.format !== "DecimalExponent") return `${amount}${decimalSuffixes[step]}`;
  const exponent = step * 3 - 9;
  return exponent === 0 ? String(amount) : `${amount}e${exponent}`;
}

/**
 * The stored form of an amount as users write it; numbers are accepted.
 * @throws {RangeError} with upstream's words when it is malformed
 */
export function canonicalQuantity(value: string | number): string {
  const text = String(value);
  const cached = canonicalCache.get(text);
  if (cached !== undefined) return cached;
  const canonical = formatQuantity(parseQuantity(text.trim()));
  canonicalCache.set(text, canonical);
  return canonical;
}

/** Whole units, rounded up: bytes of memory, pods. */
export function quantityValue(text: string): number {
  return Number(divideUp(parseQuantity(text).nanos, nanosPerUnit));
}

/** Thousandths, rounded up: CPU in millicores. */
export function quantityMilliValue(text: string): number {
  return Number(divideUp(parseQuantity(text).nanos, 1_000_000n));
}

/** Negative, zero or positive as `a` is less than, equal to or more than `b`. */
export function compareQuantities(a: string, b: string): number {
  const difference = parseQuantity(a).nanos - parseQuantity(b).nanos;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The sum, written in the format of the first amount that is not zero. */
export function addQuantities(a: string, b: string): string {
  const left = parseQuantity(a);
  const right = parseQuantity(b);
  const format = left.nanos === 0n ? right.format : left.format;
  return formatQuantity({ nanos: left.nanos + right.nanos, format });
}

/** `digits` x 10^`exponent`, rounded up. */
function scaleDecimal(digits: bigint, exponent: number): bigint {
  if (exponent >= 0) return exponent > 60 ? (digits === 0n ? 0n : maxNanos) : digits * 10n ** BigInt(exponent);
  if (exponent < -60) return digits === 0n ? 0n : 1n;
  return divideUp(digits, 10n ** BigInt(-exponent));
}

/** Division rounded up, away from zero. */
function divideUp(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  if (value % divisor === 0n) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}
