import { goQuote } from "../go-quote.ts";
import { DecodeError } from "./decode-error.ts";

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/;

/**
 * The stored form of a time: UTC, whole seconds; null for the empty string.
 * @throws {DecodeError} when it is not RFC 3339
 */
export function canonicalTime(text: string): string | null {
  if (text === "") return null;
  const { seconds } = parse(text, "2006-01-02T15:04:05Z07:00");
  return seconds;
}

/**
 * The stored form of a time with microseconds: UTC, six digits of fraction.
 * @throws {DecodeError} when it is not RFC 3339
 */
export function canonicalMicroTime(text: string): string | null {
  if (text === "") return null;
  const { seconds, fraction } = parse(text, "2006-01-02T15:04:05.000000Z07:00");
  return `${seconds.slice(0, -1)}.${fraction.slice(0, 6).padEnd(6, "0")}Z`;
}

function parse(text: string, layout: string): { seconds: string; fraction: string } {
  const match = rfc3339.exec(text);
  const epochMs = match === null ? Number.NaN : Date.parse(`${text.slice(0, 19)}${match[8]}`);
  if (match === null || Number.isNaN(epochMs))
    throw new DecodeError(
      `parsing time ${goQuote(text)} as ${goQuote(layout)}: cannot parse ${goQuote(text)} as "2006"`,
    );
  return { seconds: `${new Date(epochMs).toISOString().slice(0, 19)}Z`, fraction: match[7] ?? "" };
}
