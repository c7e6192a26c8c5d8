import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compareUtf8, utf8Length } from "./utf8.ts";

const anyText = fc.string({ unit: "binary" });
const encoder = new TextEncoder();

test("utf8Length is the number of bytes of the encoded text", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(utf8Length(text)).toBe(encoder.encode(text).length);
    }),
  );
});

test.each(["\u007f", "\u0080", "\u07ff", "\u0800", "\u08ff", "\uffff", "\u{10000}"])(
  "utf8Length counts the bytes of the first and last characters of each length",
  (text) => {
    expect(utf8Length(text)).toBe(encoder.encode(text).length);
  },
);

test("compareUtf8 orders texts as their bytes are ordered", () => {
  fc.assert(
    fc.property(anyText, anyText, (a, b) => {
      expect(Math.sign(compareUtf8(a, b))).toBe(Math.sign(compareBytes(encoder.encode(a), encoder.encode(b))));
    }),
  );
});

test("compareUtf8 puts the last characters of the first plane before the second plane, unlike UTF-16", () => {
  const texts = ["\u{1F600}", "\uffee", "a", "", "ab"];
  expect(texts.toSorted(compareUtf8)).toEqual(["", "a", "ab", "\uffee", "\u{1F600}"]);
});

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  if (at === -1) return a.length - b.length;
  return (a[at] as number) - (b[at] ?? -1);
}
