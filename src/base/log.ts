import type { Clock } from "./clock.ts";

/** How much a log line matters: `debug` is off by default. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** What a log line carries beside its constant message. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes structured log lines. Messages are constant; what varies is a field. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to every line. */
  with(fields: LogFields): Logger;
}

const levelOrder: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** Creates a logger that hands finished lines (JSON, no newline) to `write`. */
export function createLogger(options: {
  readonly clock: Clock;
  readonly write: (line: string) => void;
  /** Default `info`. */
  readonly level?: LogLevel;
  readonly fields?: LogFields;
}): Logger {
  const least = levelOrder[options.level ?? "info"];
  const log = (level: LogLevel, message: string, fields: LogFields | undefined): void => {
    if (levelOrder[level] < least) return;
    const time = new Date(options.clock.nowMs()).toISOString();
    options.write(JSON.stringify({ time, level, message, ...options.fields, ...fields }, renderValue));
  };
  return {
    debug: (message, fields) => log("debug", message, fields),
    info: (message, fields) => log("info", message, fields),
    warn: (message, fields) => log("warn", message, fields),
    error: (message, fields) => log("error", message, fields),
    with: (fields) => createLogger({ ...options, fields: { ...options.fields, ...fields } }),
  };
}

/** A logger that writes nothing. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => silentLogger,
};

/** Errors render with message, stack and cause, which JSON would drop. */
function renderValue(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (!(value instanceof Error)) return value;
  return { message: value.message, stack: value.stack, ...(value.cause === undefined ? {} : { cause: value.cause }) };
}
