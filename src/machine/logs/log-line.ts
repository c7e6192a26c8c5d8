/** One line of a container's log file: `2026-04-22T10:00:00.123456789Z stdout F text`. */
export interface LogLine {
  /** As written, with as many digits of fraction as it needs. */
  readonly time: string;
  readonly stream: "stdout" | "stderr";
  /** What the container wrote, with the newline unless the line goes on in the next one. */
  readonly content: Buffer;
}

const newline = 0x0a;
const space = 0x20;

/**
 * Reads one line, its newline included. Undefined when it is not of the format of the Container Runtime Interface.
 * The content is a view of `bytes`.
 */
export function parseLogLine(bytes: Buffer): LogLine | undefined {
  const timeEnd = bytes.indexOf(space);
  const streamEnd = timeEnd < 0 ? -1 : bytes.indexOf(space, timeEnd + 1);
  const tagEnd = streamEnd < 0 ? -1 : bytes.indexOf(space, streamEnd + 1);
  if (tagEnd < 0) return undefined;
  const time = bytes.toString("latin1", 0, timeEnd);
  const stream = bytes.toString("latin1", timeEnd + 1, streamEnd);
  if ((stream !== "stdout" && stream !== "stderr") || !timePattern.test(time)) return undefined;
  // Tags are separated by colons; the first says whether the line is whole (F) or goes on (P).
  const [firstTag] = bytes.toString("latin1", streamEnd + 1, tagEnd).split(":");
  const isPartial = firstTag === "P" && bytes[bytes.length - 1] === newline;
  return { time, stream, content: bytes.subarray(tagEnd + 1, isPartial ? bytes.length - 1 : bytes.length) };
}

const timePattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/** The same instant with nine digits of fraction, as `kubectl logs --timestamps` prints it. */
export function fixedWidthTime(time: string): string {
  const [, seconds = "", , digits = "", zone = ""] = /^([^.]{19})(\.(\d+))?(.+)$/.exec(time) ?? [];
  return `${seconds}.${digits.padEnd(9, "0")}${zone}`;
}

/** Milliseconds since 1970 of a line's time; finer digits are dropped. */
export function lineTimeMs(time: string): number {
  return Date.parse(time.replace(/(\.\d{3})\d+/, "$1"));
}
