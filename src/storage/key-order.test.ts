import { describe, expect, it } from "vitest";
import { createSeededRandom, randomInteger } from "../base/random.ts";
import { compareKeys, endOfPrefix } from "./key-order.ts";

/** Characters on both sides of every border: of ASCII, of UTF-8 lengths, of the surrogates and of Unicode. */
const borders = [
  "\u0000",
  "/",
  "a",
  "\u007f",
  "\u0080",
  "\u07ff",
  "\u0800",
  "\ud7ff",
  "\ue000",
  "\uffff",
  "😀",
  "\u{10ffff}",
];

function randomKey(random: ReturnType<typeof createSeededRandom>): string {
  return Array.from({ length: randomInteger(random, 4) }, () => borders[randomInteger(random, borders.length)]).join(
    "",
  );
}

describe("key order", () => {
  it("is that of the UTF-8 bytes", () => {
    const random = createSeededRandom(11);
    for (let round = 0; round < 5000; round += 1) {
      const [a, b] = [randomKey(random), randomKey(random)];
      expect({ a, b, order: Math.sign(compareKeys(a, b)) }).toEqual({
        a,
        b,
        order: Buffer.compare(Buffer.from(a), Buffer.from(b)),
      });
    }
  });

  it.each([
    { prefix: "/pods/", end: "/pods0" },
    { prefix: "a\u{10ffff}", end: "b" },
    { prefix: "\ud7ff", end: "\ue000" },
    { prefix: "\uffff", end: "\u{10000}" },
    { prefix: "", end: undefined },
    { prefix: "\u{10ffff}\u{10ffff}", end: undefined },
  ])("ends the keys of prefix $prefix at $end", ({ prefix, end }) => {
    expect(endOfPrefix(prefix)).toBe(end);
  });

  it("puts exactly the keys of a prefix between it and its end", () => {
    const random = createSeededRandom(12);
    for (let round = 0; round < 5000; round += 1) {
      const [prefix, key] = [randomKey(random), randomKey(random)];
      const end = endOfPrefix(prefix);
      const isInside = compareKeys(key, prefix) >= 0 && (end === undefined || compareKeys(key, end) < 0);
      expect({ prefix, key, isInside }).toEqual({ prefix, key, isInside: key.startsWith(prefix) });
    }
  });
});
