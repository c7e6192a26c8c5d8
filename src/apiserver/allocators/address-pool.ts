import type { Random } from "../../base/random.ts";
import {
  addressBits,
  formatIpAddress,
  type IpRange,
  parseIpAddress,
  rangeContains,
} from "../../resources/ip-address.ts";
import { createUsage, type Usage } from "./usage.ts";

/** The addresses of one range that services may have. */
export interface AddressPool extends Usage<string> {
  readonly family: "IPv4" | "IPv6";
  /** @returns why the address cannot be had; undefined when it is free */
  fault(address: string): string | undefined;
  /** Some free address, by chance; undefined when there is none. */
  findFree(): string | undefined;
}

/** Lower parts of ranges are for addresses that users choose: between 16 and 256. Source: KEP-3070. */
const smallestStaticBand = 16;
const largestStaticBand = 256;
/** Largest part of an IPv6 range that is used. */
const maxUsedSize = 2 ** 32;

/** Creates a pool in which nothing is taken. */
export function createAddressPool(range: IpRange, random: Random): AddressPool {
  const usage = createUsage<string>();
  const rangeSize = Math.min(2 ** (addressBits(range.family) - range.prefixLength), maxUsedSize);
  // The first address names the network, and the last of an IPv4 network is for broadcasts.
  const first = 1;
  const last = range.family === "IPv4" ? rangeSize - 2 : rangeSize - 1;
  const dynamicFirst = first + staticBand(rangeSize);
  const addressAt = (offset: number): string =>
    formatIpAddress({ family: range.family, value: range.base + BigInt(offset) });
  const search = (low: number, high: number): string | undefined => {
    const size = high - low + 1;
    if (size <= 0) return undefined;
    const start = Math.floor(random.next() * size);
    for (let step = 0; step < size; step += 1) {
      const address = addressAt(low + ((start + step) % size));
      if (!usage.has(address)) return address;
    }
    return undefined;
  };
  return {
    ...usage,
    family: range.family,
    fault(address) {
      const parsed = parseIpAddress(address);
      const offset = parsed === undefined || !rangeContains(range, parsed) ? -1 : Number(parsed.value - range.base);
      if (parsed === undefined || offset < first || offset > last)
        return "the provided network does not match the current range";
      return usage.has(formatIpAddress(parsed)) ? "provided IP is already allocated" : undefined;
    },
    findFree: () => search(dynamicFirst, last) ?? search(first, dynamicFirst - 1),
  };
}

function staticBand(rangeSize: number): number {
  if (rangeSize <= smallestStaticBand) return 0;
  return Math.min(Math.max(smallestStaticBand, Math.floor(rangeSize / smallestStaticBand)), largestStaticBand);
}
