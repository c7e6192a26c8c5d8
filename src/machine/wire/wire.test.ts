import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode } from "./decode.ts";
import { encode } from "./encode.ts";
import {
  bool,
  bytes,
  double,
  type Encodable,
  int32,
  int64,
  int64s,
  many,
  message,
  one,
  string,
  stringMap,
  strings,
  uint64,
} from "./message.ts";

const inner = message({ name: string(1), value: int64(2) });
const sample = message({
  text: string(1),
  number: int32(2),
  flag: bool(3),
  data: bytes(4),
  big: uint64(5),
  list: strings(6),
  numbers: int64s(7),
  labels: stringMap(8),
  one: one(9, inner),
  many: many(10, inner),
  ratio: double(20),
});
const hex = (value: Uint8Array): string => Buffer.from(value).toString("hex");

describe("encoding", () => {
  // Source: Protocol Buffers documentation, "Encoding".
  const cases: readonly { name: string; value: Encodable<typeof sample>; bytes: string }[] = [
    { name: "a number in two bytes", value: { text: "", number: 150 }, bytes: "109601" },
    { name: "text", value: { text: "testing" }, bytes: "0a0774657374696e67" },
    { name: "a negative number in ten bytes", value: { number: -2 }, bytes: "10feffffffffffffffff01" },
    { name: "a message", value: { one: { value: 150 } }, bytes: "4a03109601" },
    { name: "an empty message", value: { one: {} }, bytes: "4a00" },
    { name: "a list, zeros included", value: { list: ["", "a"] }, bytes: "3200320161" },
    { name: "a map entry", value: { labels: { a: "b" } }, bytes: "42060a0161120162" },
    {
      name: "nothing for zeros",
      value: { text: "", number: 0, flag: false, big: 0n, list: [], labels: {} },
      bytes: "",
    },
    { name: "a field number above fifteen", value: { ratio: 1 }, bytes: "a101000000000000f03f" },
  ];
  it.each(cases)("writes $name", ({ value, bytes: expected }) => {
    expect(hex(encode(sample, value))).toBe(expected);
  });
});

describe("decoding", () => {
  it("gives zeros for what is not there", () => {
    expect(decode(sample, new Uint8Array(0))).toEqual({
      text: "",
      number: 0,
      flag: false,
      data: new Uint8Array(0),
      big: 0n,
      list: [],
      numbers: [],
      labels: {},
      one: undefined,
      many: [],
      ratio: 0,
    });
  });

  it("gives back what was encoded", () => {
    const innerValue = fc.record({ name: fc.string(), value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) });
    const anyValue = fc.record({
      text: fc.string({ unit: "binary" }),
      number: fc.integer(),
      flag: fc.boolean(),
      data: fc.uint8Array(),
      big: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      list: fc.array(fc.string()),
      numbers: fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      labels: fc.dictionary(fc.string(), fc.string()),
      one: fc.option(innerValue, { nil: undefined }),
      many: fc.array(innerValue),
      ratio: fc.double({ noNaN: true }).filter((value) => !Object.is(value, -0)),
    });
    fc.assert(
      fc.property(anyValue, (value) => {
        const decoded = decode(sample, encode(sample, value));
        expect({ ...decoded, labels: { ...decoded.labels } }).toEqual({ ...value, labels: { ...value.labels } });
      }),
    );
  });

  it("skips fields that it does not know, of every kind", () => {
    const wider = message({ a: string(100), b: int64(101), c: double(102), text: string(1), d: one(103, inner) });
    const bytesOfAll = encode(wider, { a: "x", b: 7n, c: 1.5, text: "kept", d: { name: "y" } });
    expect(decode(sample, bytesOfAll).text).toBe("kept");
  });

  it("reads packed numbers", () => {
    expect(decode(sample, Uint8Array.from([0x3a, 3, 1, 0x96, 1])).numbers).toEqual([1n, 150n]);
    expect(decode(sample, Uint8Array.from([0x3a, 0])).numbers).toEqual([]);
  });

  it("keeps map keys from meaning anything else", () => {
    const { labels } = decode(sample, encode(sample, { labels: JSON.parse(`{"__proto__": "x"}`) }));
    expect([Object.keys(labels), labels["toString"]]).toEqual([["__proto__"], undefined]);
  });

  it.each([
    { name: "text that is longer than the message", input: [0x0a, 5, 1] },
    { name: "a number without end", input: [0x10, ...Array.from({ length: 11 }, () => 0xff)] },
    { name: "an unknown kind of field", input: [0x0f] },
  ])("refuses $name", ({ input }) => {
    expect(() => decode(sample, Uint8Array.from(input))).toThrow("protobuf:");
  });

  it("refuses messages nested without end", () => {
    const nest: { self?: unknown } = {};
    const recursive = message({ self: { number: 1, shape: { kind: "message", message: nest } } as never });
    Object.assign(nest, recursive);
    let input = new Uint8Array(0);
    for (let depth = 0; depth < 100; depth += 1) {
      const { length } = input;
      input = Uint8Array.from([0x0a, ...(length < 128 ? [length] : [(length & 127) | 128, length >> 7]), ...input]);
    }
    expect(() => decode(recursive, input)).toThrow("protobuf: message is nested too deeply");
  });
});
