import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  countIndexes,
  countShared,
  firstMissing,
  formatIndexes,
  hasIndex,
  type IndexSet,
  mergeIndexes,
  parseIndexes,
  withIndexes,
} from "./job-indexes.ts";

const listed = (indexes: IndexSet): number[] =>
  indexes.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_unused, offset) => first + offset));
const setOf = (numbers: readonly number[]): IndexSet => withIndexes([], numbers);
const small = fc.uniqueArray(fc.nat(40));

describe("completion indexes", () => {
  it.each([
    { text: undefined, completions: 10, numbers: [] },
    { text: "", completions: 10, numbers: [] },
    { text: "1", completions: 10, numbers: [1] },
    { text: "0-2,4,6-7", completions: 10, numbers: [0, 1, 2, 4, 6, 7] },
    { text: "1-9", completions: 5, numbers: [1, 2, 3, 4] },
    { text: "1,7", completions: 5, numbers: [1] },
    { text: "1,x,3", completions: 5, numbers: [1, 3] },
    { text: "1,2,3", completions: 5, numbers: [1, 2, 3] },
  ])("are read from $text of $completions", ({ text, completions, numbers }) => {
    expect(listed(parseIndexes(text, completions))).toEqual(numbers);
  });

  it.each([
    { numbers: [], text: "" },
    { numbers: [3], text: "3" },
    { numbers: [3, 4], text: "3,4" },
    { numbers: [3, 4, 5], text: "3-5" },
    { numbers: [0, 2, 3, 4, 9], text: "0,2-4,9" },
  ])("are written as $text", ({ numbers, text }) => {
    expect(formatIndexes(setOf(numbers))).toBe(text);
  });

  it("behave as sets of numbers do", () => {
    fc.assert(
      fc.property(small, small, fc.nat(45), (a, b, index) => {
        const sorted = (numbers: Iterable<number>): number[] => [...numbers].sort((x, y) => x - y);
        const [left, right] = [setOf(a), setOf(b)];
        expect(listed(left)).toEqual(sorted(a));
        expect(listed(mergeIndexes(left, right))).toEqual(sorted(new Set([...a, ...b])));
        expect(countIndexes(left)).toBe(a.length);
        expect(hasIndex(left, index)).toBe(a.includes(index));
        expect(countShared(left, right)).toBe(a.filter((number) => b.includes(number)).length);
        expect(listed(parseIndexes(formatIndexes(left), 100))).toEqual(sorted(a));
        const all = Array.from({ length: index }, (_unused, position) => position);
        expect(firstMissing(left, 5, index)).toEqual(all.filter((number) => !a.includes(number)).slice(0, 5));
      }),
    );
  });
});
