import { describe, expect, it } from "vitest";
import { formatGoDuration } from "./go-duration.ts";

describe("formatGoDuration", () => {
  it.each([
    { name: "nothing", durationMs: 0, text: "0s" },
    { name: "microseconds", durationMs: 0.25, text: "250µs" },
    { name: "milliseconds", durationMs: 350, text: "350ms" },
    { name: "fractions of milliseconds", durationMs: 1.5, text: "1.5ms" },
    { name: "fractions of seconds", durationMs: 1200, text: "1.2s" },
    { name: "seconds", durationMs: 10_000, text: "10s" },
    { name: "minutes and seconds", durationMs: 80_000, text: "1m20s" },
    { name: "whole minutes", durationMs: 300_000, text: "5m0s" },
    { name: "hours", durationMs: 3_600_500, text: "1h0m0.5s" },
    { name: "a negative duration", durationMs: -1500, text: "-1.5s" },
  ])("writes $name as $text", ({ durationMs, text }) => {
    expect(formatGoDuration(durationMs)).toBe(text);
  });
});
