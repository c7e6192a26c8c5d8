/**
 * A count from a number or a share such as `25%` of `total`. Text that is no percentage counts as 0: validation does not
 * let it pass.
 */
export function scaledCount(value: number | string | undefined, total: number, rounding: "up" | "down"): number {
  if (value === undefined) return 0;
  if (typeof value === "number") return value;
  const match = /^([0-9]{1,9})%$/.exec(value);
  if (match === null) return 0;
  const share = (Number(match[1]) * total) / 100;
  return rounding === "up" ? Math.ceil(share) : Math.floor(share);
}
