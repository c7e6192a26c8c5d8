import { describe, expect, test } from "vitest";
import { createWarnings } from "./warnings.ts";

function headersOf(...messages: readonly string[]): readonly string[] | undefined {
  const warnings = createWarnings();
  for (const message of messages) warnings.add(message);
  return warnings.headers().warning;
}

describe("the warnings of an answer", () => {
  test.each([
    { name: "nothing", messages: [], headers: undefined },
    { name: "each once", messages: ["a", "b", "a"], headers: ['299 - "a"', '299 - "b"'] },
    { name: "quotes", messages: ['unknown field "x\\y"'], headers: ['299 - "unknown field \\"x\\\\y\\""'] },
    { name: "other letters, as bytes", messages: ["ü"], headers: ['299 - "\u00c3\u00bc"'] },
    { name: "no control characters", messages: ["a\nb", ""], headers: undefined },
  ])("hold $name", ({ messages, headers }) => {
    expect(headersOf(...messages)).toEqual(headers);
  });

  test("are all shortened when they take too much together", () => {
    const shown = headersOf("a".repeat(3000), "short", "b".repeat(1200));
    expect(shown).toEqual([`299 - "${"a".repeat(256)}"`, '299 - "short"', `299 - "${"b".repeat(256)}"`]);
  });

  test("end where even short ones are too much", () => {
    const many = Array.from({ length: 100 }, (_, index) => `${index}:`.padEnd(300, "x"));
    expect(headersOf(...many)).toHaveLength(16);
  });
});
