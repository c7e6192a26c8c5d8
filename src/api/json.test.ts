import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeJson, escapeForHtml, maxJsonDepth, parseJson, parseJsonText, repeatedFields } from "./json.ts";

describe("reading JSON", () => {
  it.each([
    ["nothing", "", "unexpected end of JSON input"],
    ["an open object", '{"a":1', "unexpected end of JSON input"],
    ["an open string", '{"a', "unexpected end of JSON input"],
    ["an unfinished word", "nul", "invalid character ' ' in literal null (expecting 'l')"],
    ["an unfinished number", "1.", "invalid character ' ' after decimal point in numeric literal"],
    ["a second value", "{} x", "invalid character 'x' after top-level value"],
    ["a comma too many in an object", '{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ["a comma too many in a list", "[1,]", "invalid character ']' looking for beginning of value"],
    ["a leading zero", '{"a":01}', "invalid character '1' after object key:value pair"],
    ["a missing comma", "[1 2]", "invalid character '2' after array element"],
    ["a missing colon", '{"a"}', "invalid character '}' after object key"],
    ["single quotes", "{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
    ["a line break in a string", '"a\n"', "invalid character '\\n' in string literal"],
    ["an unknown escape", '"\\x"', "invalid character 'x' in string escape code"],
    ["a short escape", '"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
    ["a byte order mark", "\ufeff{}", "invalid character 'ï' looking for beginning of value"],
    ["a NUL behind the value", "{}\0", "invalid character '\\x00' after top-level value"],
    [
      "a number that no float holds",
      '{"a":1e400}',
      "json: cannot unmarshal number 1e400 into Go value of type float64",
    ],
  ])("refuses %s in Go's words", (_name, text, message) => {
    expect(() => parseJsonText(text)).toThrow(expect.objectContaining({ name: "JsonSyntaxError", message }));
  });

  it("tells how far it read", () => {
    expect(() => parseJsonText('{"a":1,}')).toThrow(expect.objectContaining({ offset: 8 }));
  });

  it("refuses what is nested too deep, and reads what just is not", () => {
    const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
    expect(() => parseJsonText(nested(maxJsonDepth + 1))).toThrow("invalid character '[' exceeded max depth");
    expect(() => parseJsonText('{"a":'.repeat(100_000))).toThrow("invalid character '{' exceeded max depth");
    expect(encodeJson(parseJsonText(nested(maxJsonDepth)).value)).toBe(nested(maxJsonDepth));
  });

  it("keeps integers exact", () => {
    const text = '{"a":9223372036854775807,"b":-9007199254740993,"c":9007199254740991,"d":[-9223372036854775808]}';
    const { value } = parseJsonText(text);
    expect(value).toEqual({
      a: 9_223_372_036_854_775_807n,
      b: -9_007_199_254_740_993n,
      c: Number.MAX_SAFE_INTEGER,
      d: [-9_223_372_036_854_775_808n],
    });
    expect(encodeJson(value)).toBe(text);
  });

  it("takes integers beyond 64 bits for floats, as Go does", () => {
    expect(parseJsonText("[123456789012345678901234567890]").value).toEqual([1.2345678901234568e29]);
  });

  it("replaces what is no text", () => {
    const bytes = new Uint8Array([
      0x5b,
      0x22,
      0xff,
      0x22,
      0x2c,
      ...new TextEncoder().encode('"\\ud800x","\\ud83d\\ude00"]'),
    ]);
    expect(parseJson(bytes).value).toEqual(["\ufffd", "\ufffdx", "😀"]);
  });

  it("keeps __proto__ a key like any other", () => {
    const { value } = parseJsonText('{"__proto__":{"a":9223372036854775807},"x":1}');
    expect([Object.keys(value as object), Object.getPrototypeOf(value)]).toEqual([
      ["__proto__", "x"],
      Object.prototype,
    ]);
  });

  it("reports repeated fields where they stand, merges objects and takes the last of other values", () => {
    const text = '{"a":{"x":1,"y":[{"k":1,"k":2}]},"b":1,"a":{"z":3},"b":2,"b":3}';
    const merged = parseJsonText(text);
    expect([merged.value, repeatedFields(merged), parseJsonText(text, "last").value]).toEqual([
      { a: { x: 1, y: [{ k: 2 }], z: 3 }, b: 3 },
      ['duplicate field "a.y[0].k"', 'duplicate field "a"', 'duplicate field "b"'],
      { a: { z: 3 }, b: 3 },
    ]);
  });

  it("is not misled by a key with a backslash that was read before", () => {
    for (const text of ['{"\\"":1,"\\\\":1}', '{"\\"":1,"\\n":1}', '{"é":[],"\\"":{},"a":[1]}'])
      expect(JSON.stringify(parseJsonText(text).value)).toBe(text);
  });

  it("agrees with the platform on every value", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.nat(3), (text, indent) => {
        const written = JSON.stringify(JSON.parse(text), null, indent);
        expect(encodeJson(parseJsonText(written).value)).toBe(JSON.stringify(JSON.parse(written)));
      }),
    );
  });
});

describe("escapeForHtml", () => {
  it("escapes five characters, and the text still means the same", () => {
    const value = { "<a>": "x & y\u2028\u2029z/\\é" };
    const escaped = escapeForHtml(encodeJson(value));
    expect(escaped).toBe(String.raw`{"\u003ca\u003e":"x \u0026 y\u2028\u2029z/\\é"}`);
    expect(JSON.parse(escaped)).toEqual(value);
  });
});
