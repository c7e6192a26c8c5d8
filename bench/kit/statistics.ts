/** The value below which a share of the values lies (nearest rank). @param share 0 to 1 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1));
  return sorted[rank] ?? Number.NaN;
}

/** The middle value; of two, the mean. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}

/** The best value. */
export function best(values: readonly number[], better: "higher" | "lower"): number {
  return better === "higher" ? Math.max(...values) : Math.min(...values);
}

/** `p50 0.31, p95 0.90, p99 1.32 ms`. */
export function describeLatencies(latenciesMs: readonly number[]): string {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  const parts = [0.5, 0.95, 0.99].map((share) => `p${share * 100} ${quantile(sorted, share).toFixed(2)}`);
  return `${parts.join(", ")} ms`;
}
