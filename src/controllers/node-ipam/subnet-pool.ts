import { firstAddress, formatIpRange, type IpRange, parseIpRange } from "../../api/ip.ts";

/** Hands out equal parts of a range of addresses. */
export interface SubnetPool {
  /** The next free part after the one given last, so that those given back rest for a while; undefined: none is left. */
  take(): string | undefined;
  /** Marks all parts that a range touches. @returns false when it lies outside */
  occupy(range: string): boolean;
  giveBack(range: string): void;
}

/** Most parts of a range: what is in use is kept in memory. Source: upstream. */
const maxSizeBits = 16;

/**
 * Creates a pool in which nothing is in use.
 * @param text range of addresses: `10.244.0.0/16`
 * @throws {Error} when this is no range, or its parts would be larger than it or too many
 */
export function createSubnetPool(text: string, partPrefixLength: number): SubnetPool {
  const range = parseIpRange(text);
  if (range === undefined) throw new Error(`${text} is not a range of addresses`);
  const sizeBits = partPrefixLength - range.prefixLength;
  if (sizeBits < 0 || sizeBits > maxSizeBits)
    throw new Error(`${text} cannot be cut into parts of prefix length ${partPrefixLength}`);
  const size = 2 ** sizeBits;
  const partBits = BigInt((range.address.family === "IPv4" ? 32 : 128) - partPrefixLength);
  const start = firstAddress(range);
  const used = new Set<number>();
  let candidate = 0;

  const indexesOf = (part: IpRange): readonly [number, number] | undefined => {
    if (part.address.family !== range.address.family) return undefined;
    const freeBits = BigInt((part.address.family === "IPv4" ? 32 : 128) - part.prefixLength);
    const first = firstAddress(part);
    const begin = (first - start) >> partBits;
    const end = (first + (1n << freeBits) - 1n - start) >> partBits;
    if (end < 0n || begin >= BigInt(size)) return undefined;
    return [Number(begin < 0n ? 0n : begin), Math.min(size - 1, Number(end))];
  };
  const each = (other: string, action: (index: number) => void): boolean => {
    const part = parseIpRange(other);
    const indexes = part === undefined ? undefined : indexesOf(part);
    if (indexes === undefined) return false;
    for (let index = indexes[0]; index <= indexes[1]; index += 1) action(index);
    return true;
  };
  return {
    take() {
      if (used.size >= size) return undefined;
      while (used.has(candidate)) candidate = (candidate + 1) % size;
      const index = candidate;
      used.add(index);
      candidate = (index + 1) % size;
      const value = start + (BigInt(index) << partBits);
      return formatIpRange({ address: { family: range.address.family, value }, prefixLength: partPrefixLength });
    },
    occupy: (other) => each(other, (index) => used.add(index)),
    giveBack: (other) => void each(other, (index) => used.delete(index)),
  };
}
