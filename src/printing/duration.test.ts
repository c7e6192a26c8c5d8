import { describe, expect, it } from "vitest";
import { humanAge, humanDuration, humanTimeUntil, shortHumanDuration } from "./duration.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

describe("humanDuration", () => {
  it.each([
    [-2 * second, "<invalid>", "<invalid>"],
    [-1.9 * second, "0s", "0s"],
    [-0.5 * second, "0s", "0s"],
    [0, "0s", "0s"],
    [59 * second, "59s", "59s"],
    [119 * second, "119s", "1m"],
    [2 * minute, "2m", "2m"],
    [5.5 * minute, "5m30s", "5m"],
    [10 * minute + 5 * second, "10m", "10m"],
    [179 * minute, "179m", "2h"],
    [3 * hour, "3h", "3h"],
    [7 * hour + 59 * minute, "7h59m", "7h"],
    [8 * hour + 1 * minute, "8h", "8h"],
    [47 * hour, "47h", "1d"],
    [2 * day, "2d", "2d"],
    [3 * day + 4 * hour, "3d4h", "3d"],
    [8 * day + 4 * hour, "8d", "8d"],
    [2 * year - hour, "729d", "1y"],
    [2 * year, "2y", "2y"],
    [2 * year + 3 * day, "2y3d", "2y"],
    [8 * year + 3 * day, "8y", "8y"],
  ])("shows %d ms as %s, in short %s", (durationMs, long, short) => {
    expect([humanDuration(durationMs), shortHumanDuration(durationMs)]).toEqual([long, short]);
  });
});

describe("humanAge", () => {
  const nowMs = Date.UTC(2026, 0, 2);
  it.each([
    ["2026-01-01T00:00:00Z", "24h", "<invalid>"],
    ["2026-01-02T00:01:00Z", "<invalid>", "60s"],
    [null, "<unknown>", "<unknown>"],
    [undefined, "<unknown>", "<unknown>"],
  ])("measures from and to %s", (time, since, until) => {
    expect([humanAge(time, nowMs), humanTimeUntil(time, nowMs)]).toEqual([since, until]);
  });
});
