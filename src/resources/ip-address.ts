/** Checks of addresses as resources make them; what an address is, the API room knows. */
import type { FieldError, FieldPath } from "../api/field-error.ts";
import {
  checkIp,
  checkIpRange as checkIpRangeText,
  checkLegacyIp,
  checkLegacyIpRange,
  firstAddress,
  type IpAddress,
  ipRangeWarnings,
  ipWarnings,
  parseIp,
  parseIpRange as readIpRange,
} from "../api/ip.ts";
import { addFaults } from "./field-checks.ts";

export { formatIp as formatIpAddress, type IpAddress, parseIp as parseIpAddress } from "../api/ip.ts";

/** A block of addresses. */
export interface IpRange {
  readonly family: IpAddress["family"];
  /** The first address of the block. */
  readonly base: bigint;
  readonly prefixLength: number;
}

/** Bits of an address of a family. */
export function addressBits(family: IpAddress["family"]): 32 | 128 {
  return family === "IPv4" ? 32 : 128;
}

/** Reads `address/length`; undefined when it is malformed. */
export function parseIpRange(text: string): IpRange | undefined {
  const range = readIpRange(text);
  if (range === undefined) return undefined;
  return { family: range.address.family, base: firstAddress(range), prefixLength: range.prefixLength };
}

/** True when the block holds the address. */
export function rangeContains(range: IpRange, address: IpAddress): boolean {
  const hostBits = BigInt(addressBits(range.family) - range.prefixLength);
  return range.family === address.family && address.value >> hostBits === range.base >> hostBits;
}

/** True when there are addresses of both families and nothing that is no address. */
export function isDualStack(addresses: readonly string[]): boolean {
  const families = new Set(addresses.map((text) => parseIp(text)?.family));
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
  if (!tolerated.includes(text)) addFaults(errors, path, text, checkLegacyIp(text));
}

/** Checks an address that must stand in its one proper form. */
export function checkCanonicalIpAddress(errors: FieldError[], path: FieldPath, text: string): void {
  addFaults(errors, path, text, checkIp(text));
}

/** Checks a block of addresses in a field that once allowed more than it does now. */
export function checkIpRange(
  errors: FieldError[],
  path: FieldPath,
  text: string,
  tolerated: readonly string[] = [],
): void {
  if (!tolerated.includes(text)) addFaults(errors, path, text, checkLegacyIpRange(text));
}

/** Checks a block of addresses that must stand in its one proper form. */
export function checkCanonicalIpRange(errors: FieldError[], path: FieldPath, text: string): void {
  addFaults(errors, path, text, checkIpRangeText(text));
}

/** Says that an address that passed `checkIpAddress` should be written otherwise. */
export function warnOfIpAddress(path: FieldPath, text: string): readonly string[] {
  return ipWarnings(path.toString(), text);
}

/** Says that a block that passed `checkIpRange` should be written otherwise. */
export function warnOfIpRange(path: FieldPath, text: string): readonly string[] {
  return ipRangeWarnings(path.toString(), text);
}
