import { goQuote } from "../../api/go-quote.ts";
import { isTimeZone } from "./time-zone.ts";

/** The values that one field of a schedule can have. */
interface Field {
  readonly least: number;
  readonly most: number;
  /** Names of the values from the least on. */
  readonly names?: readonly string[];
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const fields: readonly Field[] = [
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  { least: 1, most: 12, names: months },
  { least: 0, most: 6, names: days },
];
const descriptors: ReadonlySet<string> = new Set([
  "@yearly",
  "@annually",
  "@monthly",
  "@weekly",
  "@daily",
  "@midnight",
  "@hourly",
]);
const everyPrefix = "@every ";
const durationPattern = /^[+-]?(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$/;

/** What is wrong with a schedule in cron's form, in the words of upstream's parser; undefined when nothing is. */
export function scheduleFault(schedule: string): string | undefined {
  if (schedule === "") return "empty spec string";
  let text = schedule;
  if (/^(CRON_)?TZ=/.test(schedule)) {
    const space = schedule.indexOf(" ");
    const start = schedule.indexOf("=") + 1;
    if (space < 0) return "invalid schedule format: runtime error: slice bounds out of range [:-1]";
    const zone = schedule.slice(start, space);
    if (!isTimeZone(zone)) return `provided bad location ${zone}: unknown time zone ${zone}`;
    text = schedule.slice(space).trim();
  }
  if (text.startsWith("@")) return descriptorFault(text);
  const parts = text.split(/\s+/).filter((part) => part !== "");
  if (parts.length !== fields.length)
    return `expected exactly ${fields.length} fields, found ${parts.length}: [${parts.join(" ")}]`;
  for (const [index, field] of fields.entries()) {
    const fault = fieldFault(parts[index] as string, field);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function descriptorFault(text: string): string | undefined {
  if (descriptors.has(text)) return undefined;
  if (!text.startsWith(everyPrefix)) return `unrecognized descriptor: ${text}`;
  const duration = text.slice(everyPrefix.length);
  if (durationPattern.test(duration)) return undefined;
  return `failed to parse duration ${text}: time: invalid duration ${goQuote(duration)}`;
}

function fieldFault(text: string, field: Field): string | undefined {
  for (const part of text.split(",").filter((range) => range !== "")) {
    const fault = rangeFault(part, field);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Reads `*`, `a`, `a-b`, each with `/step` or without. */
function rangeFault(text: string, { least, most, names = [] }: Field): string | undefined {
  const [range = "", stepText, ...steps] = text.split("/");
  const [low = "", high, ...limits] = range.split("-");
  const isAll = low === "*" || low === "?";
  const first = isAll ? least : readValue(low, least, names);
  if (typeof first === "string") return first;
  if (!isAll && limits.length > 0) return `too many hyphens: ${text}`;
  let last: number | string = isAll ? most : high === undefined ? first : readValue(high, least, names);
  if (typeof last === "string") return last;
  if (steps.length > 0) return `too many slashes: ${text}`;
  const step = stepText === undefined ? 1 : readNumber(stepText);
  if (typeof step === "string") return step;
  if (stepText !== undefined && high === undefined) last = most;
  if (first < least) return `beginning of range (${first}) below minimum (${least}): ${text}`;
  if (last > most) return `end of range (${last}) above maximum (${most}): ${text}`;
  if (first > last) return `beginning of range (${first}) beyond end of range (${last}): ${text}`;
  return step === 0 ? `step of range should be a positive number: ${text}` : undefined;
}

function readValue(text: string, least: number, names: readonly string[]): number | string {
  const index = names.indexOf(text.toLowerCase());
  return index < 0 ? readNumber(text) : least + index;
}

function readNumber(text: string): number | string {
  if (!/^[+-]?[0-9]+$/.test(text))
    return `failed to parse int from ${text}: strconv.Atoi: parsing ${goQuote(text)}: invalid syntax`;
  const value = Number(text);
  return value < 0 ? `negative number (${value}) not allowed: ${text}` : value;
}
