import { goQuote } from "./go-quote.ts";
import type { Faults } from "./names.ts";

/** An IP address. */
export interface IpAddress {
  readonly family: "IPv4" | "IPv6";
  /** The address as a number of 32 or 128 bits. */
  readonly value: bigint;
}

/** A range of addresses: those that share the first `prefixLength` bits of `address`. */
export interface IpRange {
  /** As it was written; bits behind the prefix may be set. */
  readonly address: IpAddress;
  readonly prefixLength: number;
}

/** What was read, and in which form. */
interface Reading {
  readonly value: bigint;
  readonly isIpv6: boolean;
  /** Digits that other software reads as octal, or more of them than a group has. */
  readonly hasLeadingZeros: boolean;
}

const mappedPrefix = 0xffffn;
const noFaults: Faults = Object.freeze([]);

/** Reads an address. Like upstream it lets leading zeros pass, and takes an IPv4-mapped IPv6 address for IPv4. */
export function parseIp(text: string): IpAddress | undefined {
  const reading = readIp(text);
  return reading === undefined ? undefined : toAddress(reading);
}

/** Reads `10.0.0.0/8` or `2001:db8::/32`, as leniently as `parseIp`. */
export function parseIpRange(text: string): IpRange | undefined {
  const range = readRange(text);
  if (range === undefined) return undefined;
  const { reading, prefixLength } = range;
  const isMapped = reading.isIpv6 && isIpv4Mapped(reading) && prefixLength >= 96;
  return isMapped
    ? { address: toAddress(reading), prefixLength: prefixLength - 96 }
    : { address: { family: reading.isIpv6 ? "IPv6" : "IPv4", value: reading.value }, prefixLength };
}

/** Writes an address in its canonical form, RFC 5952 for IPv6. */
export function formatIp({ family, value }: IpAddress): string {
  return family === "IPv4" ? formatIpv4(value) : formatIpv6(value);
}

/** Writes a range in its canonical form, bits behind the prefix cleared. */
export function formatIpRange({ address, prefixLength }: IpRange): string {
  return `${formatIp({ ...address, value: firstAddress({ address, prefixLength }) })}/${prefixLength}`;
}

/** The first address of a range. */
export function firstAddress({ address, prefixLength }: IpRange): bigint {
  const freeBits = BigInt((address.family === "IPv4" ? 32 : 128) - prefixLength);
  return (address.value >> freeBits) << freeBits;
}

/** Whether a range holds an address. */
export function rangeContains(range: IpRange, address: IpAddress): boolean {
  if (range.address.family !== address.family) return false;
  return firstAddress(range) === firstAddress({ address, prefixLength: range.prefixLength });
}

/** Checks an address in a field that asks for the canonical form. */
export function checkIp(text: string): Faults {
  const faults = checkLegacyIp(text);
  if (faults.length > 0) return faults;
  const canonical = formatIp(parseIp(text) as IpAddress);
  return text === canonical ? noFaults : [`must be in canonical form (${goQuote(canonical)})`];
}

/** Checks an address in an older field, which need not be canonical but must mean the same to everybody. */
export function checkLegacyIp(text: string): Faults {
  const reading = readIp(text);
  if (reading === undefined) return ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"];
  if (reading.hasLeadingZeros) return ["must not have leading 0s"];
  return isIpv4Mapped(reading) ? ["must not be an IPv4-mapped IPv6 address"] : noFaults;
}

/** Checks a range in a field that asks for the canonical form. */
export function checkIpRange(text: string): Faults {
  const faults = checkLegacyIpRange(text);
  if (faults.length > 0) return faults;
  const canonical = formatIpRange(parseIpRange(text) as IpRange);
  return text === canonical ? noFaults : [`must be in canonical form (${goQuote(canonical)})`];
}

/** Checks a range in an older field, which need not be canonical but must mean the same to everybody. */
export function checkLegacyIpRange(text: string): Faults {
  const range = readRange(text);
  if (range === undefined) return ["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"];
  const { reading, prefixLength, hasLeadingZeros } = range;
  if (hasLeadingZeros) return ["must not have leading 0s in IP or prefix length"];
  if (isIpv4Mapped(reading)) return ["must not have an IPv4-mapped IPv6 address"];
  const address: IpAddress = { family: reading.isIpv6 ? "IPv6" : "IPv4", value: reading.value };
  return firstAddress({ address, prefixLength }) === reading.value
    ? noFaults
    : ["must not have bits set beyond the prefix length"];
}

/** Checks an address together with the size of its network: `10.9.8.7/24`. */
export function checkInterfaceAddress(text: string): Faults {
  const range = parseIpRange(text);
  if (range === undefined) return ["must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)"];
  const reading = readRange(text)?.reading as Reading;
  const canonical = `${formatIp(toAddress(reading))}/${range.prefixLength}`;
  return text === canonical ? noFaults : [`must be in canonical form (${goQuote(canonical)})`];
}

/** Warnings about an address that an older field lets pass. */
export function ipWarnings(field: string, text: string): readonly string[] {
  const reading = readIp(text);
  if (reading === undefined) return [];
  const canonical = formatIp(toAddress(reading));
  if (reading.hasLeadingZeros || isIpv4Mapped(reading))
    return [`${field}: non-standard IP address ${goQuote(text)} is invalid: use ${goQuote(canonical)}`];
  if (!reading.isIpv6 || text === canonical) return [];
  return [`${field}: IPv6 address ${goQuote(text)} should be in RFC 5952 canonical format (${goQuote(canonical)})`];
}

/** Warnings about a range that an older field lets pass. */
export function ipRangeWarnings(field: string, text: string): readonly string[] {
  const range = readRange(text);
  const parsed = parseIpRange(text);
  if (range === undefined || parsed === undefined) return [];
  const { reading, prefixLength, hasLeadingZeros } = range;
  const canonical = formatIpRange(parsed);
  const warnings: string[] = [];
  if (firstAddress(parsed) !== parsed.address.value) {
    const single = `${formatIp(toAddress(reading))}/${reading.isIpv6 ? 128 : 32}`;
    warnings.push(
      `${field}: CIDR value ${goQuote(text)} is ambiguous in this context (should be ${goQuote(canonical)} or ${goQuote(single)}?)`,
    );
  }
  if (hasLeadingZeros || isIpv4Mapped(reading))
    warnings.push(`${field}: non-standard CIDR value ${goQuote(text)} is invalid: use ${goQuote(canonical)}`);
  const exact = `${formatIpv6(reading.value)}/${prefixLength}`;
  if (warnings.length === 0 && reading.isIpv6 && text !== exact)
    warnings.push(
      `${field}: IPv6 CIDR value ${goQuote(text)} should be in RFC 5952 canonical format (${goQuote(exact)})`,
    );
  return warnings;
}

function toAddress(reading: Reading): IpAddress {
  if (isIpv4Mapped(reading)) return { family: "IPv4", value: reading.value & 0xffff_ffffn };
  return { family: reading.isIpv6 ? "IPv6" : "IPv4", value: reading.value };
}

function isIpv4Mapped(reading: Reading): boolean {
  return reading.isIpv6 && reading.value >> 32n === mappedPrefix;
}

function readRange(text: string): { reading: Reading; prefixLength: number; hasLeadingZeros: boolean } | undefined {
  const match = /^([^/]*)\/(\d+)$/.exec(text);
  const reading = match === null ? undefined : readIp(match[1] as string);
  if (match === null || reading === undefined) return undefined;
  const digits = match[2] as string;
  const prefixLength = Number(digits);
  if (prefixLength > (reading.isIpv6 ? 128 : 32)) return undefined;
  return { reading, prefixLength, hasLeadingZeros: reading.hasLeadingZeros || /^0\d/.test(digits) };
}

function readIp(text: string): Reading | undefined {
  return text.includes(":") ? readIpv6(text) : readIpv4(text);
}

function readIpv4(text: string): Reading | undefined {
  if (!/^\d+\.\d+\.\d+\.\d+$/.test(text)) return undefined;
  const octets = text.split(".");
  if (octets.some((octet) => Number(octet) > 255)) return undefined;
  const value = octets.reduce((sum, octet) => (sum << 8n) | BigInt(Number(octet)), 0n);
  return { value, isIpv6: false, hasLeadingZeros: octets.some((octet) => octet.length > 1 && octet.startsWith("0")) };
}

function readIpv6(text: string): Reading | undefined {
  const tail = /^(.*:)([^:]*\.[^:]*)$/.exec(text);
  const embedded = tail === null ? undefined : readIpv4(tail[2] as string);
  if (tail !== null && embedded === undefined) return undefined;
  const whole = embedded === undefined ? text : `${tail?.[1]}${toGroups(embedded.value)}`;
  const halves = whole.split("::");
  if (halves.length > 2) return undefined;
  const [left, right] = halves.map((half) => (half === "" ? [] : half.split(":"))) as [string[], string[] | undefined];
  const groups = [...left, ...(right ?? [])];
  if (groups.some((group) => !/^[0-9a-fA-F]+$/.test(group) || Number.parseInt(group, 16) > 0xffff)) return undefined;
  const isComplete = right === undefined ? groups.length === 8 : groups.length < 8;
  if (!isComplete) return undefined;
  const all = right === undefined ? groups : [...left, ...Array<string>(8 - groups.length).fill("0"), ...right];
  const value = all.reduce((sum, group) => (sum << 16n) | BigInt(Number.parseInt(group, 16)), 0n);
  const hasLeadingZeros = groups.some((group) => group.length > 4) || embedded?.hasLeadingZeros === true;
  return { value, isIpv6: true, hasLeadingZeros };
}

function toGroups(ipv4: bigint): string {
  return `${(ipv4 >> 16n).toString(16)}:${(ipv4 & 0xffffn).toString(16)}`;
}

function formatIpv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join(".");
}

/** The longest run of two or more zero groups, the first of equals, becomes `::`. */
function formatIpv6(value: bigint): string {
  if (value >> 32n === mappedPrefix) return `::ffff:${formatIpv4(value & 0xffff_ffffn)}`;
  const groups = Array.from({ length: 8 }, (_unused, index) => (value >> BigInt(112 - index * 16)) & 0xffffn);
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (groups[start + length] === 0n) length += 1;
    if (length > best.length) best = { start, length };
  }
  const text = (part: readonly bigint[]): string => part.map((group) => group.toString(16)).join(":");
  if (best.length < 2) return text(groups);
  return `${text(groups.slice(0, best.start))}::${text(groups.slice(best.start + best.length))}`;
}
