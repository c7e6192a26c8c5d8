import { expect, test } from "vitest";
import { freezeDeep } from "./freeze.ts";

test("freezeDeep freezes everything inside and gives the same value back", () => {
  const labels: Record<string, string> = Object.create(null);
  labels["__proto__"] = "x";
  const value = { metadata: { labels }, list: [{ a: [1] }], none: null };
  expect(freezeDeep(value)).toBe(value);
  const parts: readonly object[] = [value, value.metadata, labels, value.list, value.list[0] as object];
  expect(parts.every((part) => Object.isFrozen(part))).toBe(true);
  expect(Object.isFrozen(value.list[0]?.a)).toBe(true);
});

test.each([{ value: "text" }, { value: 5 }, { value: null }, { value: undefined }])(
  "freezeDeep lets $value be",
  ({ value }) => {
    expect(freezeDeep(value)).toBe(value);
  },
);

test("freezeDeep does not look into what is frozen already, so that shared parts cost nothing", () => {
  const inside = { a: 1 };
  freezeDeep({ part: Object.freeze({ inside }) });
  expect(Object.isFrozen(inside)).toBe(false);
});
