import { describe, expect, it } from "vitest";
import { createFieldMatcher, parseFieldSelector, SelectorError } from "./field-selector.ts";

const fields: Readonly<Record<string, string>> = { "metadata.name": "web", "spec.nodeName": "", odd: "a,b=c\\d" };
const lookUp = (field: string): string => fields[field] ?? "";

describe("field selector", () => {
  it.each([
    ["nothing at all", "", "", true],
    ["an exact value", "metadata.name=web", "metadata.name=web", true],
    ["a value written with two equal signs", "metadata.name==api", "metadata.name=api", false],
    ["a value it must not have", "metadata.name!=api", "metadata.name!=api", true],
    ["the empty value", "spec.nodeName=", "spec.nodeName=", true],
    ["escaped characters", "odd=a\\,b\\=c\\\\d", "odd=a\\,b\\=c\\\\d", true],
    ["empty terms", ",=,metadata.name=web,", "metadata.name=web", true],
    ["several conditions, in order of their text", "b=1,a=2", "a=2,b=1", false],
  ])("understands %s", (_name, text, canonical, matches) => {
    const selector = parseFieldSelector(text);
    expect([selector.toString(), selector.matches(lookUp)]).toEqual([canonical, matches]);
  });

  it.each([
    ["a field without operator", "b=c,a", "invalid selector: 'b=c,a'; can't understand 'a'"],
    ["an equal sign in a value", "a=b=c", "invalid field selector: unescaped character in value: 61"],
    ["a needless escape", "a=\\b", "invalid field selector: invalid escape sequence: \\b"],
    ["a backslash at the end", "a=b\\", "invalid field selector: invalid escape sequence: \\"],
  ])("refuses %s in upstream's words", (_name, text, message) => {
    expect(() => parseFieldSelector(text)).toThrow(new SelectorError(message));
  });

  it("tells indexes which value a field must have", () => {
    const selector = createFieldMatcher([
      { field: "a", operator: "!=", value: "1" },
      { field: "a", operator: "=", value: "2" },
    ]);
    expect([selector.requiredValue("a"), selector.requiredValue("b")]).toEqual(["2", undefined]);
  });
});
