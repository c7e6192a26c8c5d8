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
const suffixRule = "unable to parse quantity's suffix";
const numberRule = "unable to parse numeric part of quantity";

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
const nanosPerMilli = 1_000_000n;
/** Largest amount with a binary suffix: 2^63 - 1 units. Larger ones are cut to it. */
const maxBinaryNanos = 9_223_372_036_854_775_807n * nanosPerUnit;
/** Amounts of this many digits upstream keeps as they were written, where that is nearly canonical. */
const plainDigits = 18;
/** Exponents beyond are cut: nothing that large or small is told apart. */
const maxExponent = 1000;
const grammar = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/;

/** Amounts seen lately: manifests repeat a few of them thousands of times. */
const cacheEntries = 4096;
const readings = new LRUCache<string, Reading>({ max: cacheEntries });

/** What a text means, and how it is stored. */
interface Reading {
  readonly quantity: Quantity;
  readonly canonical: string;
}

/**
 * Reads an amount.
 * @throws {RangeError} with upstream's words when it is malformed
 */
export function parseQuantity(text: string): Quantity {
  return read(text).quantity;
}

/**
 * The stored form of an amount as users write it; numbers are accepted. Mostly the shortest form without a fraction, but
 * like upstream it leaves some longer ones alone: `1.500` and `+1` stay.
 * @throws {RangeError} with upstream's words when it is malformed
 */
export function canonicalQuantity(value: string | number): string {
  return read(typeof value === "number" ? String(value) : value.trim()).canonical;
}

/** Writes an amount in the shortest form that needs no fraction. */
export function formatQuantity({ nanos, format }: Quantity): string {
  if (nanos === 0n) return "0";
  if (format === "BinarySI" && nanos % nanosPerUnit === 0n) {
    const units = nanos / nanosPerUnit;
    // Below 1024 units a decimal suffix says more.
    if (units <= -1024n || units >= 1024n) return formatBinary(units);
  }
  const lastStep = format === "DecimalExponent" ? Number.POSITIVE_INFINITY : decimalSuffixes.length - 1;
  let amount = nanos;
  let step = 0;
  while (amount % 1000n === 0n && step < lastStep) {
    amount /= 1000n;
    step += 1;
  }
  if (format !== "DecimalExponent") return `${amount}${decimalSuffixes[step]}`;
  const exponent = step * 3 - 9;
  return exponent === 0 ? String(amount) : `${amount}e${exponent}`;
}

/** Whole units, rounded up, away from zero: bytes of memory, pods. */
export function quantityValue(text: string): number {
  const plain = readPlain(text);
  if (plain !== undefined) return Math.ceil(plain.milli / 1000);
  return Number(divideUp(parseQuantity(text).nanos, nanosPerUnit));
}

/** Thousandths, rounded up, away from zero: CPU in millicores. */
export function quantityMilliValue(text: string): number {
  const plain = readPlain(text);
  if (plain !== undefined) return plain.milli;
  return Number(divideUp(parseQuantity(text).nanos, nanosPerMilli));
}

/** Negative, zero or positive as `a` is less than, equal to or more than `b`. */
export function compareQuantities(a: string, b: string): number {
  const difference = parseQuantity(a).nanos - parseQuantity(b).nanos;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The sum, written in the format of the first amount that is not zero. */
export function addQuantities(a: string, b: string): string {
  return combine(parseQuantity(a), parseQuantity(b), 1n);
}

/** `a` less `b`, written in the format of the first amount that is not zero. */
export function subtractQuantities(a: string, b: string): string {
  return combine(parseQuantity(a), parseQuantity(b), -1n);
}

function combine(left: Quantity, right: Quantity, sign: bigint): string {
  const format = left.nanos === 0n ? right.format : left.format;
  return formatQuantity({ nanos: left.nanos + sign * right.nanos, format });
}

function read(text: string): Reading {
  const known = readings.get(text);
  if (known !== undefined) return known;
  const reading = parse(text);
  readings.set(text, reading);
  return reading;
}

function parse(text: string): Reading {
  const match = text === "" ? null : grammar.exec(text);
  if (match === null) throw new RangeError(quantityRule);
  const [, sign, whole = "", fraction = "", suffix = ""] = match;
  const { exponent, shift, format } = interpretSuffix(suffix);
  const significant = whole.replace(/^0+/, "") || "0";
  const digits = BigInt(significant + fraction);
  const places = exponent - fraction.length;

  // Small enough amounts upstream keeps in a machine integer, and some of them in the very words of the user.
  const isShort = significant.length + fraction.length <= plainDigits;
  const isPlain =
    shift === undefined ? isShort && places >= -9 : isShort && fraction === "" && isPlainBinary(significant, shift);
  if (!isPlain && whole === "" && fraction === "") throw new RangeError(numberRule);

  const size =
    shift === undefined ? scaleDecimal(digits, places + 9) : scaleDecimal(digits << BigInt(shift), places + 9);
  const capped = shift !== undefined && size > maxBinaryNanos ? maxBinaryNanos : size;
  const isFraction = shift !== undefined && !isPlain && capped > 0n && capped < nanosPerUnit;
  const quantity: Quantity = {
    nanos: sign === "-" ? -capped : capped,
    format: isFraction ? "DecimalSI" : format,
  };
  const isKept = isPlain && text !== "0" && isKeptAsWritten(significant + fraction, places, shift);
  return { quantity, canonical: isKept ? text : formatQuantity(quantity) };
}

function interpretSuffix(suffix: string): {
  readonly exponent: number;
  readonly shift: number | undefined;
  readonly format: Quantity["format"];
} {
  if (Object.hasOwn(decimalExponents, suffix))
    return { exponent: decimalExponents[suffix] as number, shift: undefined, format: "DecimalSI" };
  if (Object.hasOwn(binaryShifts, suffix)) return { exponent: 0, shift: binaryShifts[suffix], format: "BinarySI" };
  if (!/^[eE][+-]?\d+$/.test(suffix)) throw new RangeError(suffixRule);
  const exponent = BigInt(suffix.slice(suffix[1] === "+" ? 2 : 1));
  if (exponent < -(2n ** 63n) || exponent >= 2n ** 63n) throw new RangeError(suffixRule);
  const cut = Math.max(-maxExponent, Math.min(maxExponent, Number(exponent)));
  return { exponent: cut, shift: undefined, format: "DecimalExponent" };
}

/** Whether upstream's estimate says that a binary amount fits a machine integer. */
function isPlainBinary(digits: string, shift: number): boolean {
  return 15 - digits.length - Math.trunc((shift * 3) / 10) - 1 >= 0;
}

function isKeptAsWritten(digits: string, places: number, shift: number | undefined): boolean {
  if (shift !== undefined) return (BigInt(digits) & 7n) !== 0n;
  return places % 3 === 0 && !digits.endsWith("000") && !digits.startsWith("0");
}

function formatBinary(units: bigint): string {
  let amount = units;
  let step = 0;
  while (amount % 1024n === 0n && step < binarySuffixes.length - 1) {
    amount /= 1024n;
    step += 1;
  }
  return `${amount}${binarySuffixes[step]}`;
}

/** `digits` x 10^`exponent`, rounded up. */
function scaleDecimal(digits: bigint, exponent: number): bigint {
  return exponent >= 0 ? digits * 10n ** BigInt(exponent) : divideUp(digits, 10n ** BigInt(-exponent));
}

/** Division rounded up, away from zero. */
function divideUp(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  if (value % divisor === 0n) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}

const milliPerSuffix: Readonly<Record<string, number>> = {
  "": 1e3,
  m: 1,
  k: 1e6,
  M: 1e9,
  G: 1e12,
  Ki: 1e3 * 2 ** 10,
  Mi: 1e3 * 2 ** 20,
  Gi: 1e3 * 2 ** 30,
  Ti: 1e3 * 2 ** 40,
};
/** Digits that leave a number room for its suffix. */
const maxPlainDigits = 9;

/** The usual amounts, a few digits and a suffix, without big integers: schedulers add them up for every pod and node. */
function readPlain(text: string): { readonly milli: number } | undefined {
  let amount = 0;
  let index = 0;
  for (; index < text.length; index += 1) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) break;
    amount = amount * 10 + digit;
  }
  if (index === 0 || index > maxPlainDigits) return undefined;
  const scale = milliPerSuffix[text.slice(index)];
  if (scale === undefined || typeof scale !== "number") return undefined;
  const milli = amount * scale;
  return milli <= Number.MAX_SAFE_INTEGER ? { milli } : undefined;
}
