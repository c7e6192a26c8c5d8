import type { Random } from "./random.ts";

declare const crypto: { getRandomValues(target: Uint8Array<ArrayBuffer>): Uint8Array };

/** Bytes drawn from the platform at a time: one call serves many small requests. */
const poolBytes = 4096;

/** Cryptographic chance of the platform, drawn in blocks. */
export function createRealRandom(): Random {
  const pool = new Uint8Array(poolBytes);
  let used = poolBytes;
  const take = (count: number): Uint8Array => {
    if (count > poolBytes) return crypto.getRandomValues(new Uint8Array(count));
    if (used + count > poolBytes) {
      crypto.getRandomValues(pool);
      used = 0;
    }
    const bytes = pool.slice(used, used + count);
    pool.fill(0, used, used + count);
    used += count;
    return bytes;
  };
  return {
    next() {
      const [a = 0, b = 0, c = 0, d = 0] = take(4);
      return (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) / 4_294_967_296;
    },
    bytes: take,
  };
}
