const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;

/** A signed 64-bit integer in decimal digits; undefined for anything else. */
export function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.startsWith("+") ? text.slice(1) : text);
  return value < minInt64 || value > maxInt64 ? undefined : value;
}
