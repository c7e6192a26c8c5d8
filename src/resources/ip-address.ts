import { type FieldError, type FieldPath, fieldError } from "../api/field-error.ts";
import { goQuote } from "../api/go-quote.ts";

/** An address as a number. */
export interface IpAddress {
  readonly family: "IPv4" | "IPv6";
  /** 32 bits, or 128. */
  readonly value: bigint;
  /** Written as an IPv4 address inside an IPv6 one (`::ffff:10.0.0.1`); the family is IPv4 then. */
  readonly isMapped: boolean;
  /** Written without leading zeros in decimal parts, which some programs read as octal. */
  readonly isStrict: boolean;
}

/** A block of addresses. */
export interface IpRange {
  readonly family: "IPv4" | "IPv6";
  /** The first address of the block. */
  readonly base: bigint;
  readonly prefixLength: number;
}

const mappedPrefix = 0xffffn << 32n;
const lowBits = 0xffffffffn;
const octet = /^\d{1,8}$/;
const group = /^[0-9a-fA-F]{1,8}$/;

/** Bits of an address of a family. */
export function addressBits(family: IpAddress["family"]): 32 | 128 {
  return family === "IPv4" ? 32 : 128;
}

/** Reads an address, also with the leading zeros that old objects may have; undefined when it is none. */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (text.includes(":")) return parseIpv6(text);
  const parsed = parseIpv4(text);
  return parsed && { family: "IPv4", value: parsed.value, isMapped: false, isStrict: parsed.isStrict };
}

/** Reads `address/length`; undefined when it is malformed. The base keeps only the bits of the prefix. */
export function parseIpRange(text: string): (IpRange & { readonly address: IpAddress }) | undefined {
  const slash = text.indexOf("/");
  if (slash < 0) return undefined;
  const address = parseIpAddress(text.slice(0, slash));
  const lengthText = text.slice(slash + 1);
  if (address === undefined || !/^\d{1,8}$/.test(lengthText)) return undefined;
  // A mapped address counts its prefix in the 128 bits in which it is written.
  const length = Number(lengthText) - (address.isMapped ? 96 : 0);
  const bits = addressBits(address.family);
  if (length < 0 || length > bits) return undefined;
  const hostBits = BigInt(bits - length);
  return { family: address.family, base: (address.value >> hostBits) << hostBits, prefixLength: length, address };
}

/** The one form in which an address should be written. Source: RFC 5952. */
export function formatIpAddress(address: Pick<IpAddress, "family" | "value">): string {
  return address.family === "IPv4" ? formatIpv4(address.value) : formatIpv6(address.value);
}

/** As `formatIpAddress`, for a block. */
export function formatIpRange(range: IpRange): string {
  return `${formatIpAddress({ family: range.family, value: range.base })}/${range.prefixLength}`;
}

/** True when the block holds the address. */
export function rangeContains(range: IpRange, address: Pick<IpAddress, "family" | "value">): boolean {
  const hostBits = BigInt(addressBits(range.family) - range.prefixLength);
  return range.family === address.family && address.value >> hostBits === range.base >> hostBits;
}

/** True when there are addresses of both families and nothing that is no address. */
export function isDualStack(addresses: readonly string[]): boolean {
  const families = new Set(addresses.map((text) => parseIpAddress(text)?.family));
  return families.size === 2 && !families.has(undefined);
}

/**
 * Checks an address in a field that once allowed more than it does now.
 * @param tolerated values that the old object already had
 */
export function checkIpAddress(
  errors: FieldError[],
  path: FieldPath,
  text: string,
  tolerated: readonly string[] = [],
): void {
  if (tolerated.includes(text)) return;
  const address = parseIpAddress(text);
  if (address === undefined)
    errors.push(fieldError.invalid(path, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"));
  else if (!address.isStrict) errors.push(fieldError.invalid(path, text, "must not have leading 0s"));
  else if (address.isMapped) errors.push(fieldError.invalid(path, text, "must not be an IPv4-mapped IPv6 address"));
}

/** Checks an address that must stand in its one proper form. */
export function checkCanonicalIpAddress(errors: FieldError[], path: FieldPath, text: string): void {
  const before = errors.length;
  checkIpAddress(errors, path, text);
  const address = parseIpAddress(text);
  if (errors.length > before || address === undefined) return;
  const canonical = formatIpAddress(address);
  if (text !== canonical)
    errors.push(fieldError.invalid(path, text, `must be in canonical form (${goQuote(canonical)})`));
}

/** Checks a block of addresses in a field that once allowed more than it does now. */
export function checkIpRange(
  errors: FieldError[],
  path: FieldPath,
  text: string,
  tolerated: readonly string[] = [],
): void {
  if (tolerated.includes(text)) return;
  const range = parseIpRange(text);
  if (range === undefined)
    errors.push(fieldError.invalid(path, text, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"));
  else if (!range.address.isStrict || /\/0\d/.test(text))
    errors.push(fieldError.invalid(path, text, "must not have leading 0s in IP or prefix length"));
  else if (range.address.isMapped)
    errors.push(fieldError.invalid(path, text, "must not have an IPv4-mapped IPv6 address"));
  else if (range.base !== range.address.value)
    errors.push(fieldError.invalid(path, text, "must not have bits set beyond the prefix length"));
}

/** Checks a block of addresses that must stand in its one proper form. */
export function checkCanonicalIpRange(errors: FieldError[], path: FieldPath, text: string): void {
  const before = errors.length;
  checkIpRange(errors, path, text);
  const range = parseIpRange(text);
  if (errors.length > before || range === undefined) return;
  const canonical = formatIpRange(range);
  if (text !== canonical)
    errors.push(fieldError.invalid(path, text, `must be in canonical form (${goQuote(canonical)})`));
}

/** Says that an address that passed `checkIpAddress` should be written otherwise. */
export function warnOfIpAddress(path: FieldPath, text: string): readonly string[] {
  const address = parseIpAddress(text);
  if (address === undefined) return [];
  const canonical = formatIpAddress(address);
  if (!address.isStrict || address.isMapped)
    return [`${path}: non-standard IP address ${goQuote(text)} is invalid: use ${goQuote(canonical)}`];
  if (address.family === "IPv4" || text === canonical) return [];
  return [`${path}: IPv6 address ${goQuote(text)} should be in RFC 5952 canonical format (${goQuote(canonical)})`];
}

/** Says that a block that passed `checkIpRange` should be written otherwise. */
export function warnOfIpRange(path: FieldPath, text: string): readonly string[] {
  const range = parseIpRange(text);
  if (range === undefined) return [];
  const canonical = formatIpRange(range);
  const warnings: string[] = [];
  if (range.base !== range.address.value) {
    const single = `${formatIpAddress(range.address)}/${addressBits(range.family)}`;
    const choice = `${goQuote(canonical)} or ${goQuote(single)}`;
    warnings.push(`${path}: CIDR value ${goQuote(text)} is ambiguous in this context (should be ${choice}?)`);
  }
  if (!range.address.isStrict || range.address.isMapped || /\/0\d/.test(text))
    warnings.push(`${path}: non-standard CIDR value ${goQuote(text)} is invalid: use ${goQuote(canonical)}`);
  if (warnings.length === 0 && range.family === "IPv6" && text !== canonical)
    warnings.push(
      `${path}: IPv6 CIDR value ${goQuote(text)} should be in RFC 5952 canonical format (${goQuote(canonical)})`,
    );
  return warnings;
}

function parseIpv4(text: string): { readonly value: bigint; readonly isStrict: boolean } | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0n;
  let isStrict = true;
  for (const part of parts) {
    if (!octet.test(part) || Number(part) > 255) return undefined;
    if (part.length > 1 && part.startsWith("0")) isStrict = false;
    value = (value << 8n) | BigInt(part);
  }
  return { value, isStrict };
}

function parseIpv6(text: string): IpAddress | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] as string, halves.length === 1);
  const tail = halves.length === 1 ? { groups: [], isStrict: true } : parseGroups(halves[1] as string, true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.groups.length - tail.groups.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head.groups, ...Array<number>(missing).fill(0), ...tail.groups];
  const value = groups.reduce((sum, next) => (sum << 16n) | BigInt(next), 0n);
  const isMapped = value >> 32n === mappedPrefix >> 32n;
  return {
    family: isMapped ? "IPv4" : "IPv6",
    value: isMapped ? value & lowBits : value,
    isMapped,
    isStrict: head.isStrict && tail.isStrict,
  };
}

/** @param mayEndInIpv4 true for the last part of the address */
function parseGroups(text: string, mayEndInIpv4: boolean): { groups: number[]; isStrict: boolean } | undefined {
  const groups: number[] = [];
  let isStrict = true;
  if (text === "") return { groups, isStrict };
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (mayEndInIpv4 && index === parts.length - 1 && part.includes(".")) {
      const embedded = parseIpv4(part);
      if (embedded === undefined) return undefined;
      groups.push(Number(embedded.value >> 16n), Number(embedded.value & 0xffffn));
      isStrict &&= embedded.isStrict;
      continue;
    }
    const number = group.test(part) ? Number.parseInt(part, 16) : 0x10000;
    if (number > 0xffff) return undefined;
    if (part.length > 4) isStrict = false;
    groups.push(number);
  }
  return { groups, isStrict };
}

function formatIpv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join(".");
}

/** The longest run of two or more zero groups, the first of equals, is written `::`. */
function formatIpv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_unused, index) => Number((value >> BigInt(112 - 16 * index)) & 0xffffn));
  let start = -1;
  let length = 1;
  for (let from = 0; from < 8; from += 1) {
    let end = from;
    while (end < 8 && groups[end] === 0) end += 1;
    if (end - from > length) {
      start = from;
      length = end - from;
    }
  }
  const write = (part: readonly number[]): string => part.map((number) => number.toString(16)).join(":");
  return start < 0 ? write(groups) : `${write(groups.slice(0, start))}::${write(groups.slice(start + length))}`;
}
