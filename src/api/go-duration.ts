/**
 * A duration as Go writes it, because messages that people and scripts read are written that way: `350ms`, `1.2s`,
 * `1m20s`, `5m0s`, `1h0m0.5s`.
 * @param durationMs rounded to whole microseconds
 */
export function formatGoDuration(durationMs: number): string {
  const micros = Math.round(Math.abs(durationMs) * 1000);
  if (micros === 0) return "0s";
  const sign = durationMs < 0 ? "-" : "";
  if (micros < 1000) return `${sign}${micros}µs`;
  if (micros < 1_000_000) return `${sign}${micros / 1000}ms`;
  const seconds = Math.floor(micros / 1_000_000);
  const rest = (micros % 60_000_000) / 1_000_000;
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${sign}${rest}s`;
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${sign}${minutes}m${rest}s` : `${sign}${hours}h${minutes % 60}m${rest}s`;
}
