import { describe, expect, test } from "vitest";
import type { Change } from "./change.ts";
import { createEventWindow } from "./event-window.ts";

/** Changes with revisions from `first` to `last`, all at one time. */
function fill(window: ReturnType<typeof createEventWindow>, first: number, last: number, atMs: number): void {
  for (let revision = first; revision <= last; revision += 1) window.add({ revision, atMs } as Change);
}
const revisionsAfter = (window: ReturnType<typeof createEventWindow>, revision: number): number[] =>
  window.after(revision).map((change) => change.revision);

describe("a window of changes", () => {
  test("tells what came after a revision, also between two changes", () => {
    const window = createEventWindow(10, 1000);
    for (const revision of [12, 15, 15, 20]) window.add({ revision, atMs: 0 } as Change);
    expect([10, 13, 15, 20].map((revision) => revisionsAfter(window, revision))).toEqual([
      [12, 15, 15, 20],
      [15, 15, 20],
      [20],
      [],
    ]);
  });

  test("keeps fresh changes up to its size", () => {
    const window = createEventWindow(0, 500);
    fill(window, 1, 700, 0);
    expect([window.oldestStart, revisionsAfter(window, 200).length]).toEqual([200, 500]);
  });

  test("forgets what is older than 75 seconds, but for the last hundred", () => {
    const window = createEventWindow(0, 500);
    fill(window, 1, 300, 0);
    fill(window, 301, 301, 75_000);
    expect(window.oldestStart).toBe(0);
    fill(window, 302, 302, 75_001);
    expect([window.oldestStart, revisionsAfter(window, 202).length]).toEqual([202, 100]);
  });

  test("goes on right after it has given up memory", () => {
    const window = createEventWindow(0, 200);
    fill(window, 1, 5000, 0);
    expect([window.oldestStart, revisionsAfter(window, 4990)]).toEqual([
      4800,
      [4991, 4992, 4993, 4994, 4995, 4996, 4997, 4998, 4999, 5000],
    ]);
  });
});
