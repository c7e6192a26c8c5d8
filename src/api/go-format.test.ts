import { describe, expect, test } from "vitest";
import { goFormat } from "./go-format.ts";

describe("goFormat writes", () => {
  test.each([
    {
      name: "objects with their keys in order",
      value: { b: [1, "x", null, true], a: { z: {} }, é: 1.5 },
      text: "map[a:map[z:map[]] b:[1 x <nil> true] é:1.5]",
    },
    { name: "an empty list", value: [], text: "[]" },
    {
      name: "numbers, with exponents where Go has them",
      value: [1e21, 1e20, 123456.5, 1234567.5, 0.0001, 0.00001, -0.5, 1e-7, 100],
      text: "[1e+21 100000000000000000000 123456.5 1.2345675e+06 0.0001 1e-05 -0.5 1e-07 100]",
    },
    { name: "integers of 64 bits", value: 9007199254740993n, text: "9007199254740993" },
    { name: "text as it is", value: 'a "b"', text: 'a "b"' },
    { name: "nothing", value: undefined, text: "<nil>" },
  ])("$name", ({ value, text }) => {
    expect(goFormat(value)).toBe(text);
  });
});
