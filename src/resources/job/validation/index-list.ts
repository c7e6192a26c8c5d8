import { goQuote } from "../../../api/go-quote.ts";
import type { IndexRange } from "../job-indexes.ts";

/** Reads `1,3-5,7`, which must rise and stay below the completions. @returns what is wrong when it is none */
export function readIndexes(text: string, completions: number): { readonly count: number } | string {
  let count = 0;
  let last: number | undefined;
  for (const part of text === "" ? [] : text.split(",")) {
    const range = readRange(part, completions);
    if (typeof range === "string") return range;
    if (last !== undefined && last >= range.first) return notRising(last, range.first);
    count += range.last - range.first + 1;
    last = range.last;
  }
  return { count };
}

/** The first index that both lists have; undefined when there is none. Parts that cannot be read are passed over. */
export function sharedIndex(a: string, b: string, completions: number): number | undefined {
  const left = readableRanges(a, completions);
  const right = readableRanges(b, completions);
  for (let i = 0, j = 0, x = left[i], y = right[j]; x !== undefined && y !== undefined; x = left[i], y = right[j]) {
    if (x.first <= y.last && y.first <= x.last) return Math.max(x.first, y.first);
    if (x.first <= y.first) i += 1;
    else j += 1;
  }
  return undefined;
}

function readableRanges(text: string, completions: number): readonly IndexRange[] {
  return text
    .split(",")
    .map((part) => readRange(part, completions))
    .filter((range) => typeof range !== "string");
}

function readRange(part: string, completions: number): IndexRange | string {
  const limits = part.split("-");
  if (limits.length > 2)
    return `the fragment ${goQuote(part)} violates the requirement that an index interval can have at most two parts separated by '-'`;
  const numbers: number[] = [];
  for (const limit of limits) {
    if (!/^\+?\d{1,18}$/.test(limit)) return `cannot convert string to integer for index: ${goQuote(limit)}`;
    if (Number(limit) >= completions) return `too large index: ${goQuote(limit)}`;
    numbers.push(Number(limit));
  }
  const [first = 0, last = first] = numbers;
  return limits.length > 1 && first >= last ? notRising(first, last) : { first, last };
}

function notRising(previous: number, current: number): string {
  return `non-increasing order, previous: ${previous}, current: ${current}`;
}
