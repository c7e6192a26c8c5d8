import { describe, expect, it } from "vitest";
import { expandReferences } from "./expand-references.ts";

const values = new Map([
  ["A", "a"],
  ["B", "b"],
  ["EMPTY", ""],
  ["REF", "$(A)"],
]);

describe("expandReferences", () => {
  it.each([
    { name: "nothing to replace", text: "plain", expanded: "plain" },
    { name: "one reference", text: "$(A)", expanded: "a" },
    { name: "text around it", text: "<$(A)-$(B)>", expanded: "<a-b>" },
    { name: "an empty value", text: "[$(EMPTY)]", expanded: "[]" },
    { name: "what is replaced is not looked at again", text: "$(REF)", expanded: "$(A)" },
    { name: "an unknown name stays", text: "$(C) $()", expanded: "$(C) $()" },
    { name: "an escaped reference", text: "$$(A)", expanded: "$(A)" },
    { name: "an escape before a reference", text: "$$$(A)", expanded: "$a" },
    { name: "two escapes", text: "$$$$(A)", expanded: "$$(A)" },
    { name: "a shell's reference stays", text: "$A ${A}", expanded: "$A ${A}" },
    { name: "no closing bracket", text: "$(A $(B", expanded: "$(A $(B" },
    { name: "a dollar sign at the end", text: "$(A)$", expanded: "a$" },
    { name: "a dollar sign before a letter of two units", text: "$😀", expanded: "$😀" },
    { name: "a bracket within a name", text: "$($(A)", expanded: "$($(A)" },
  ])("$name", ({ text, expanded }) => {
    expect(expandReferences(text, (name) => values.get(name))).toBe(expanded);
  });
});
