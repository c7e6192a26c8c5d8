import { describe, expect, test } from "vitest";
import { goQuote, isPrintable } from "./go-quote.ts";

describe("goQuote writes", () => {
  test.each([
    { name: "plain text", text: "plain", quoted: '"plain"' },
    { name: "nothing", text: "", quoted: '""' },
    { name: "quotes and backslashes", text: 'a"b\\c', quoted: String.raw`"a\"b\\c"` },
    {
      name: "control characters",
      text: "\0\u0007\b\f\n\r\t\v\u001b\u007f",
      quoted: String.raw`"\x00\a\b\f\n\r\t\v\x1b\x7f"`,
    },
    { name: "letters and symbols beyond ASCII", text: "é\u{1F600}", quoted: '"é\u{1F600}"' },
    { name: "marks", text: "\u0300", quoted: '"\u0300"' },
    { name: "spaces other than the usual one", text: "\u00a0\u200b\u2028", quoted: String.raw`"\u00a0\u200b\u2028"` },
    { name: "private and invisible characters", text: "\ue000\u{E0001}", quoted: String.raw`"\ue000\U000e0001"` },
    { name: "half a surrogate pair", text: "a\ud800", quoted: '"a\ufffd"' },
  ])("$name", ({ text, quoted }) => {
    expect(goQuote(text)).toBe(quoted);
  });
});

test.each([
  { character: " ", printable: true },
  { character: "é", printable: true },
  { character: "\u00a0", printable: false },
  { character: "\n", printable: false },
])("isPrintable of $character is $printable", ({ character, printable }) => {
  expect(isPrintable(character)).toBe(printable);
});
