import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeYaml, parseManifest, parseYaml, repeatedKeysProblem, splitYamlDocuments, YamlError } from "./yaml.ts";

describe("reading YAML", () => {
  it.each<[string, unknown]>([
    ["0644", 420],
    ["0o644", 420],
    ["0x1F", 31],
    ["-0b11", -3],
    ["08", 8],
    ["1_000", 1000],
    ["1e3", 1000],
    [".5", 0.5],
    ["+5", 5],
    ["9223372036854775807", 9_223_372_036_854_775_807n],
    ["99999999999999999999", 1e20],
    ["2001-1-1 24:00:00", "2001-1-1 24:00:00"],
    ['!!binary "77u/YQ=="', "\ufeffa"],
    ["y", true],
    ["NO", false],
    ["on", true],
    ["~", null],
    ["", null],
    ["12:30:45", "12:30:45"],
    ["2020-01-01", "2020-01-01"],
    ["2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"],
    ["100m", "100m"],
    ["<<", "<<"],
    ["'1'", "1"],
    ["!!str 5", "5"],
    ['!!int "7"', 7],
    ["!!float 1", 1],
    ["!!binary aGk=", "hi"],
    ["!mine 5", "5"],
    ["|\n  a\n   b\n", "a\n b\n"],
    ["|\n  a", "a"],
    [">-\n  a\n  b\n", "a b"],
    ["{a, b: [c, {d: 1}]}", { a: null, b: ["c", { d: 1 }] }],
    ["1: a\ntrue: b\n1.5: c", { 1: "a", true: "b", "1.5": "c" }],
    ["a: &x {b: 1, c: 2}\nd:\n  b: 3\n  <<: *x\n  c: 4", { a: { b: 1, c: 2 }, d: { b: 1, c: 4 } }],
    ["- &x 1\n- *x\n- &x 2\n- *x", [1, 1, 2, 2]],
    ["a: b\n---\nfoo: [", { a: "b" }],
  ])("understands %j as Go does", (text, value) => {
    expect(parseYaml(text).value).toEqual(value);
  });

  it.each([
    ["a colon too many", "a: b: c\n", "yaml: mapping values are not allowed in this context"],
    ["a tab", "a:\n\tb: c\n", "yaml: line 2: found character that cannot start any token"],
    ["a reserved character", "a:\n  b: @c\n", "yaml: line 2: found character that cannot start any token"],
    ["an open quote", 'a: 1\nb: "c\n', "yaml: line 3: found unexpected end of stream"],
    ["an open list", "a: 1\nb: [", "yaml: line 2: did not find expected node content"],
    ["a list item that is none", "a:\n- b\n  c\n- d: e\nf\n", "yaml: line 6: could not find expected ':'"],
    ["a list in the place of a key", "a: 1\n- b\n", "yaml: line 1: did not find expected key"],
    ["an unknown anchor", "a: *x\n", "yaml: unknown anchor 'x' referenced"],
    ["an anchor in itself", "a: &x\n  b: *x\n", "yaml: anchor 'x' value contains itself"],
    ["a null key", "~: x\n", 'unsupported map key of type: %!s(<nil>), key: <nil>, value: "x"'],
    ["infinity", "a: .inf\n", "json: unsupported value: +Inf"],
    ["bad base64", "a: !!binary x\n", "yaml: !!binary value contains invalid base64 data"],
    ["a value that its tag denies", "a: !!int b\n", "yaml: cannot decode !!str `b` as a !!int"],
    ["something else than a map to merge", "<<: 5\n", "yaml: map merge requires map or sequence of maps as the value"],
    ["a control character", "a: \u0001\n", "yaml: control characters are not allowed"],
  ])("refuses %s in Go's words", (_name, text, message) => {
    expect(() => parseYaml(text)).toThrow(new YamlError(message));
  });

  it("refuses bytes that are no text", () => {
    expect(() => parseYaml(new Uint8Array([0x61, 0xff]))).toThrow(new YamlError("yaml: invalid leading UTF-8 octet"));
  });

  it("reports repeated keys and takes the last", () => {
    const document = parseYaml('a: 1\nb:\n  c: 1\n  c: 2\n"a": &x\n  d: 1\n');
    expect([document, repeatedKeysProblem(document.repeatedKeys), repeatedKeysProblem([])]).toEqual([
      {
        value: { a: { d: 1 }, b: { c: 2 } },
        repeatedKeys: ['line 4: key "c" already set in map', 'line 5: key "a" already set in map'],
      },
      'yaml: unmarshal errors:\n  line 4: key "c" already set in map\n  line 5: key "a" already set in map',
      undefined,
    ]);
  });

  it("stops at aliases that would grow without bound", () => {
    const tenfold = (name: string, of: string): string => `${name}: &${name} [${Array(10).fill(of).join(",")}]\n`;
    const laughs =
      tenfold("a", "x") +
      ["ba", "cb", "dc", "ed", "fe", "gf", "hg"].map(([n, of]) => tenfold(n as string, `*${of}`)).join("");
    expect(() => parseYaml(laughs)).toThrow("yaml: document contains excessive aliasing");
  });

  it("keeps __proto__ a key like any other", () => {
    const { value } = parseYaml("__proto__: {a: 1}\nb: {__proto__: 2}\n");
    expect(JSON.stringify(value)).toBe('{"__proto__":{"a":1},"b":{"__proto__":2}}');
  });
});

describe("manifests", () => {
  it.each([
    ["YAML documents, empty ones left out", "---\na: 1\n---\n# nothing\n---\nb: 2\n", [{ a: 1 }, { b: 2 }]],
    ["JSON values one behind another", '{"a":"}"}\n{"b":[2]}{"c":3}', [{ a: "}" }, { b: [2] }, { c: 3 }]],
    ["YAML that begins with a brace", "{a: 1}\n---\nb: 2\n", [{ a: 1 }, { b: 2 }]],
  ])("are read from %s", (_name, text, values) => {
    expect(parseManifest(text).map((document) => document.value)).toEqual(values);
  });

  it("tell where JSON is malformed", () => {
    expect(() => parseManifest('{"a":1]')).toThrow("json: offset 7: invalid character ']' after object key:value pair");
  });

  it("are split at lines, and nothing but comments stands behind a separator", () => {
    expect(splitYamlDocuments("a\n--- # next\nb\r\n---\n---\n")).toEqual(["a\n", "b\n", "---\n"]);
    expect(() => splitYamlDocuments("a\n---x\n")).toThrow(new YamlError("invalid Yaml document separator: x"));
  });
});

describe("writing YAML", () => {
  it("orders keys, indents objects and not lists, and quotes what would mean something else", () => {
    const value = {
      kind: "Pod",
      a10: 1,
      a2: [],
      none: undefined,
      spec: { items: [{ name: "x", list: [[1, "2"], []] }, "y"], empty: {}, nothing: null },
      quoted: [
        "1.5",
        "on",
        "12:30:45",
        "2020-01-01",
        "",
        "null",
        "0x1f",
        "~",
        "=",
        "a: b",
        "- a",
        " a",
        "it's",
        "#",
        "a#b",
      ],
      numbers: [1234567.5, 1e21, 0.00001, 9_223_372_036_854_775_807n],
    };
    expect(encodeYaml(value)).toBe(`a2: []
a10: 1
kind: Pod
numbers:
- 1.2345675e+06
- 1e+21
- 1e-05
- 9223372036854775807
quoted:
- "1.5"
- "on"
- "12:30:45"
- "2020-01-01"
- ""
- "null"
- "0x1f"
- "~"
- =
- 'a: b'
- '- a'
- ' a'
- it's
- '#'
- a#b
spec:
  empty: {}
  items:
  - list:
    - - 1
      - "2"
    - []
    name: x
  - "y"
  nothing: null
`);
  });

  it.each([
    ["lines", "a\nb", "|-\n  a\n  b"],
    ["lines that end", "a\nb\n", "|\n  a\n  b"],
    ["lines that end twice", "a\n\n", "|+\n  a\n"],
    ["lines that begin with space", " a\nb\n", "|2\n   a\n  b"],
    ["lines that begin with an empty one", "\na", "|2-\n\n  a"],
    ["the last characters of one byte", "\u009f\u00ff\u00a0", '"\\x9F\u00ff\u00a0"'],
    ["lines with a tab", "a\tb\nc", '"a\\tb\\nc"'],
    ["lines that end in space", "a \nb", '"a \\nb"'],
    ["a character beyond the first plane", "a💥", '"a\\U0001F4A5"'],
    ["a long line", "word ".repeat(20).trim(), `${"word ".repeat(16).trim()}\n  ${"word ".repeat(4).trim()}`],
  ])("writes %s", (_name, text, written) => {
    expect(encodeYaml({ k: text })).toBe(`k: ${written}\n`);
  });

  it.each([
    [
      ["b10", "b9", "b1", "b01", "b"],
      ["b", "b1", "b01", "b9", "b10"],
    ],
    [
      ["a100", "a10", "a1"],
      ["a1", "a10", "a100"],
    ],
    [
      ["a-b", "ab", "a1", "aB", "A"],
      ["A", "a-b", "a1", "aB", "ab"],
    ],
  ])("orders the keys %j as people would", (keys, ordered) => {
    const written = encodeYaml(Object.fromEntries(keys.map((key) => [key, 1])));
    expect(written).toBe(ordered.map((key) => `${key}: 1\n`).join(""));
  });

  it.each([
    [1e20, "1e+20"],
    [2 ** 63, "9223372036854775808"],
    [-(2 ** 63), "-9223372036854775808"],
    [2 ** 64, "1.8446744073709552e+19"],
    [1234567.5, "1.2345675e+06"],
    [0.00001, "1e-05"],
    [9_007_199_254_740_993n, "9007199254740993"],
  ])("writes the number %s", (value, written) => {
    expect(encodeYaml({ k: value })).toBe(`k: ${written}\n`);
  });

  it("gives everything back that it wrote", () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.constantFrom("a\n b", "- ", "y", "1e3", "\n", " \n", "a: b\n\n"),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: "small" },
        text,
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("value")),
        fc.dictionary(text, tie("value")),
      ),
    }));
    fc.assert(
      fc.property(value, (original) => {
        const wellFormed = JSON.parse(JSON.stringify(original).toWellFormed()) as unknown;
        const normal = JSON.parse(
          JSON.stringify(wellFormed, (_key, item: unknown) => (typeof item === "string" ? item.toWellFormed() : item)),
        ) as unknown;
        expect(
          JSON.parse(
            JSON.stringify(parseYaml(encodeYaml(normal)).value, (_key, item: unknown) =>
              typeof item === "bigint" ? Number(item) : item,
            ),
          ),
        ).toEqual(normal);
      }),
    );
  });
});
