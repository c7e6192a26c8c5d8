import type { Random } from "../../base/random.ts";
import { createUsage, type Usage } from "./usage.ts";

/** Ports of all nodes that services may have. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** The ports of one range. */
export interface PortPool extends Usage<number> {
  /** @returns why the port cannot be had; undefined when it is free */
  fault(port: number): string | undefined;
  /** Some free port, by chance; undefined when there is none. */
  findFree(): number | undefined;
}

/** The lower part of the range is for ports that users choose: between 16 and 128. Source: KEP-3668. */
const smallestStaticBand = 16;
const largestStaticBand = 128;
const bandsInRange = 32;

/** Creates a pool in which nothing is taken. */
export function createPortPool({ first, last }: PortRange, random: Random): PortPool {
  const usage = createUsage<number>();
  const size = last - first + 1;
  const dynamicFirst = first + staticBand(size);
  const search = (low: number, high: number): number | undefined => {
    const count = high - low + 1;
    const start = Math.floor(random.next() * count);
    for (let step = 0; step < count; step += 1) {
      const port = low + ((start + step) % count);
      if (!usage.has(port)) return port;
    }
    return undefined;
  };
  return {
    ...usage,
    fault(port) {
      if (port < first || port > last)
        return `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
      return usage.has(port) ? "provided port is already allocated" : undefined;
    },
    findFree: () => search(dynamicFirst, last) ?? search(first, dynamicFirst - 1),
  };
}

function staticBand(size: number): number {
  if (size <= smallestStaticBand) return 0;
  return Math.min(Math.max(smallestStaticBand, Math.floor(size / bandsInRange)), largestStaticBand);
}
