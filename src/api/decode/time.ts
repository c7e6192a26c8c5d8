import { goQuote } from "../go-quote.ts";
import { DecodeError } from "./decode-error.ts";

const usual = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
/** The zero of Go's time, which is written as null. */
const zeroTime = "0001-01-01T00:00:00Z";

/**
 * The stored form of a time: UTC, whole seconds; null for Go's zero time.
 * @throws {DecodeError} when it is not RFC 3339, in Go's words
 */
export function canonicalTime(text: string): string | null {
  const { seconds } = parseTime(text, secondsLayout);
  return seconds === zeroTime ? null : seconds;
}

/**
 * The stored form of a time with microseconds: UTC, six digits of fraction.
 * @throws {DecodeError} when it is not RFC 3339 with six digits of fraction, in Go's words
 */
export function canonicalMicroTime(text: string): string | null {
  const { seconds, fraction } = parseTime(text, microLayout);
  return seconds === zeroTime && fraction === ".000000" ? null : `${seconds.slice(0, -1)}${fraction}Z`;
}

/** One step of a layout: what Go calls it, what it takes from the text, and the highest number that it may be. */
interface Step {
  readonly name: string;
  readonly pattern: RegExp;
  readonly range?: { readonly name: string; readonly min: number; readonly max: number };
}

const literal = (text: string): Step => ({ name: text, pattern: new RegExp(`^${text}`) });
const upToSeconds: readonly Step[] = [
  { name: "2006", pattern: /^\d{4}/ },
  literal("-"),
  { name: "01", pattern: /^\d\d/, range: { name: "month", min: 1, max: 12 } },
  literal("-"),
  { name: "02", pattern: /^\d\d/ },
  literal("T"),
  { name: "15", pattern: /^\d\d?/, range: { name: "hour", min: 0, max: 23 } },
  literal(":"),
  { name: "04", pattern: /^\d\d/, range: { name: "minute", min: 0, max: 59 } },
  literal(":"),
  { name: "05", pattern: /^\d\d/, range: { name: "second", min: 0, max: 59 } },
];
const zone: Step = { name: "Z07:00", pattern: /^(?:Z|[+-]\d\d:\d\d)/ };

interface Layout {
  readonly text: string;
  readonly steps: readonly Step[];
}

const secondsLayout: Layout = {
  text: "2006-01-02T15:04:05Z07:00",
  steps: [...upToSeconds, { name: "", pattern: /^(?:[.,]\d+)?/ }, zone],
};
const microLayout: Layout = {
  text: "2006-01-02T15:04:05.000000Z07:00",
  steps: [...upToSeconds, { name: ".000000", pattern: /^[.,]\d{6}/ }, zone],
};

function parseTime(text: string, layout: Layout): { seconds: string; fraction: string } {
  if (layout === secondsLayout && usual.test(text) && isDate(text)) return { seconds: text, fraction: "" };
  const fail = (why: string): DecodeError => new DecodeError(`parsing time ${goQuote(text)}${why}`);
  let rest = text;
  const taken = layout.steps.map(({ name, pattern, range }) => {
    const found = pattern.exec(rest)?.[0];
    if (found === undefined)
      throw fail(` as ${goQuote(layout.text)}: cannot parse ${goQuote(rest)} as ${goQuote(name)}`);
    if (range !== undefined && (Number(found) < range.min || Number(found) > range.max))
      throw fail(`: ${range.name} out of range`);
    rest = rest.slice(found.length);
    return found;
  });
  const [year, , month, , day, , hour, , minute, , second, fraction, offset] = taken as string[];
  if (Number(offset?.slice(1, 3)) > 24) throw fail(": time zone offset hour out of range");
  if (Number(offset?.slice(4)) > 60) throw fail(": time zone offset minute out of range");
  if (rest !== "") throw fail(`: extra text: ${goQuote(rest)}`);
  const date = `${year}-${month}-${day}`;
  if (!isDate(date)) throw fail(": day out of range");
  const local = Date.parse(`${date}T${hour?.padStart(2, "0")}:${minute}:${second}Z`);
  const utc = new Date(local - offsetMs(offset as string)).toISOString();
  return { seconds: `${utc.slice(0, utc.lastIndexOf("."))}Z`, fraction: (fraction ?? "").replace(",", ".") };
}

function offsetMs(offset: string): number {
  if (offset === "Z") return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4));
  return (offset.startsWith("-") ? -minutes : minutes) * 60_000;
}

/** Whether the day exists; the platform takes February 30 for March 1 or 2. */
function isDate(text: string): boolean {
  const date = text.slice(0, 10);
  const epochMs = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(epochMs)) return false;
  const isTimeValid = text.length === 10 || !Number.isNaN(Date.parse(text));
  return isTimeValid && new Date(epochMs).toISOString().slice(0, 10) === date;
}
