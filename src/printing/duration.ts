import { parseTime } from "../base/clock.ts";

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/**
 * A duration in two or three figures, as tables show ages: `45s`, `5m30s`, `3h`, `3d4h`, `2y`. Up to two seconds
 * before zero count as now, because clocks differ; anything below is `<invalid>`.
 */
export function humanDuration(durationMs: number): string {
  const seconds = Math.trunc(durationMs / secondMs);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 2 * 60) return `${seconds}s`;
  const minutes = Math.trunc(durationMs / minuteMs);
  if (minutes < 10) return twoUnits(minutes, "m", seconds % 60, "s");
  if (minutes < 3 * 60) return `${minutes}m`;
  const hours = Math.trunc(durationMs / hourMs);
  if (hours < 8) return twoUnits(hours, "h", minutes % 60, "m");
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (days < 8) return twoUnits(days, "d", hours % 24, "h");
  if (days < 2 * 365) return `${days}d`;
  const years = Math.trunc(days / 365);
  return years < 8 ? twoUnits(years, "y", days % 365, "d") : `${years}y`;
}

/** A duration in one figure: `45s`, `5m`, `3h`, `4d`, `2y`. */
export function shortHumanDuration(durationMs: number): string {
  const seconds = Math.trunc(durationMs / secondMs);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.trunc(durationMs / minuteMs);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.trunc(durationMs / hourMs);
  if (hours < 24) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  return days < 365 ? `${days}d` : `${Math.trunc(days / 365)}y`;
}

/** Time since an API time, as tables show it; `<unknown>` when there is none. */
export function humanAge(since: string | null | undefined, nowMs: number): string {
  const sinceMs = parseTime(since);
  return sinceMs === undefined ? "<unknown>" : humanDuration(nowMs - sinceMs);
}

/** Time until an API time; `<unknown>` when there is none. */
export function humanTimeUntil(until: string | null | undefined, nowMs: number): string {
  const untilMs = parseTime(until);
  return untilMs === undefined ? "<unknown>" : humanDuration(untilMs - nowMs);
}

function twoUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
}
