import { describe, expect, it } from "vitest";
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantityMilliValue,
  quantityValue,
  subtractQuantities,
} from "./quantity.ts";

const rule = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

describe("quantity", () => {
  it.each([
    ["0", "0", 0, 0],
    ["500m", "500m", 1, 500],
    ["0.5", "500m", 1, 500],
    [".5", "500m", 1, 500],
    ["1.0", "1", 1, 1000],
    ["1000m", "1", 1, 1000],
    ["100u", "100u", 1, 1],
    ["1e3", "1e3", 1000, 1_000_000],
    ["1E-2", "10e-3", 1, 10],
    ["12e5", "1200e3", 1_200_000, 1_200_000_000],
    ["1024", "1024", 1024, 1_024_000],
    ["1Ki", "1Ki", 1024, 1_024_000],
    ["1024Ki", "1Mi", 1_048_576, 1_048_576_000],
    ["1.5Gi", "1536Mi", 1_610_612_736, 1_610_612_736_000],
    ["0.5Ki", "512", 512, 512_000],
    ["0.1Ki", "102400m", 103, 102_400],
    ["-1.5Ki", "-1536", -1536, -1_536_000],
    ["128974848", "128974848", 128_974_848, 128_974_848_000],
    ["129M", "129M", 129_000_000, 129_000_000_000],
    ["0.1n", "1n", 1, 1],
    ["0.0000000001", "1n", 1, 1],
    ["1.0000000001", "1000000001n", 2, 1001],
    ["-0", "0", 0, 0],
    ["-", "0", 0, 0],
    // What upstream leaves as it was written.
    ["+1", "+1", 1, 1000],
    ["5.", "5.", 5, 5000],
    ["1.500", "1.500", 2, 1500],
    // The largest amounts.
    ["8Ei", "9223372036854775807", 2 ** 63, 2 ** 63 * 1000],
    ["100E", "100E", 1e20, 1e23],
    ["12345678901234567890123", "12345678901234567890123", 1.2345678901234568e22, 1.2345678901234568e25],
  ])("%s is stored as %s", (text, canonical, units, milli) => {
    expect([canonicalQuantity(text), quantityValue(text), quantityMilliValue(text)]).toEqual([canonical, units, milli]);
  });

  it.each([
    [1, "1"],
    [0.5, "500m"],
    [1e-7, "100e-9"],
    [1e21, "1e+21"],
  ])("takes the number %d", (value, canonical) => {
    expect(canonicalQuantity(value)).toBe(canonical);
  });

  it.each([
    ["", rule],
    ["abc", rule],
    ["1 Gi", rule],
    ["1,5", rule],
    ["1KB", rule],
    ["1..5", rule],
    ["0x10", rule],
    ["1mi", "unable to parse quantity's suffix"],
    ["1e", "unable to parse quantity's suffix"],
    ["1K", "unable to parse quantity's suffix"],
    ["1e9223372036854775808", "unable to parse quantity's suffix"],
    ["e-12", "unable to parse numeric part of quantity"],
  ])("refuses %j in upstream's words", (text, message) => {
    expect(() => parseQuantity(text)).toThrow(new RangeError(message));
  });

  it.each([
    ["1", "1000m", 0],
    ["1Ki", "1k", 1],
    ["-1", "1n", -1],
    ["100E", "8Ei", 1],
  ])("compares %s with %s", (a, b, order) => {
    expect([compareQuantities(a, b), compareQuantities(b, a)]).toEqual([order, 0 - order]);
  });

  it.each([
    ["1", "500m", "1500m", "500m"],
    ["1Gi", "1G", "2073741824", "73741824"],
    ["0", "1Gi", "1Gi", "-1Gi"],
    ["1e3", "1", "1001", "999"],
    ["1Gi", "1Gi", "2Gi", "0"],
    ["1000m", "0", "1", "1"],
  ])("adds to and takes from %s the amount %s", (a, b, sum, difference) => {
    expect([addQuantities(a, b), subtractQuantities(a, b)]).toEqual([sum, difference]);
  });

  it("is exact where floating point is not", () => {
    const nanos = parseQuantity("9223372036854775807").nanos;
    expect([nanos, formatQuantity({ nanos, format: "DecimalSI" })]).toEqual([
      9_223_372_036_854_775_807_000_000_000n,
      "9223372036854775807",
    ]);
  });
});
