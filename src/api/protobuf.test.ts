import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  always,
  converted,
  decodeMessage,
  type Encodable,
  encodeMessage,
  type Field,
  type FieldTable,
  type Message,
  many,
  mapOf,
  message,
  one,
  optional,
  ProtobufError,
  packed,
} from "./protobuf.ts";

const inner = message("Inner", { name: one(1, "string"), value: one(2, "int64") });
const sample = message("Sample", {
  text: one(1, "string"),
  number: one(2, "int32"),
  flag: one(3, "bool"),
  data: one(4, "bytes"),
  big: one(5, "uint64"),
  list: many(6, "string"),
  numbers: packed(7, "int64"),
  labels: mapOf(8, "string"),
  inner: one(9, inner),
  inners: many(10, inner),
  unsigned: one(11, "uint32"),
  loose: many(12, "int32"),
  byName: mapOf(13, inner),
  ratio: one(20, "double"),
});
const zeros = {
  text: "",
  number: 0,
  flag: false,
  data: new Uint8Array(0),
  big: 0,
  list: [],
  numbers: [],
  labels: {},
  inner: undefined,
  inners: [],
  unsigned: 0,
  loose: [],
  byName: {},
  ratio: 0,
};

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const fromHex = (text: string): Uint8Array =>
  Uint8Array.from(text.replaceAll(" ", "").match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));

/** A list inside itself. */
const chain: Message<{ next: Field }> = message("Chain", { next: optional(1, () => chain) });

function chainOf(length: number): Encodable<typeof chain> {
  return length === 0 ? {} : { next: chainOf(length - 1) };
}

describe("encodeMessage", () => {
  // Source: Protocol Buffers documentation, "Encoding".
  const cases: readonly { name: string; value: Encodable<typeof sample>; bytes: string }[] = [
    { name: "a number in two bytes", value: { number: 150 }, bytes: "109601" },
    { name: "the largest number of one byte", value: { number: 127 }, bytes: "107f" },
    { name: "text", value: { text: "testing" }, bytes: "0a0774657374696e67" },
    { name: "text beyond ASCII", value: { text: "aé\u{1F600}" }, bytes: "0a0761c3a9f09f9880" },
    { name: "half a surrogate pair as the replacement", value: { text: "\ud800" }, bytes: "0a03efbfbd" },
    { name: "bytes", value: { data: Uint8Array.of(0, 255) }, bytes: "220200ff" },
    { name: "true", value: { flag: true }, bytes: "1801" },
    { name: "a negative number in ten bytes", value: { number: -2 }, bytes: "10feffffffffffffffff01" },
    { name: "an unsigned number of 32 bits", value: { unsigned: 2 ** 32 - 1 }, bytes: "58ffffffff0f" },
    { name: "an unsigned number of 64 bits", value: { big: 2n ** 64n - 1n }, bytes: "28ffffffffffffffffff01" },
    { name: "a large number given as a number", value: { big: 2 ** 49 }, bytes: "2880808080808080 01" },
    { name: "a message", value: { inner: { value: 150 } }, bytes: "4a03109601" },
    { name: "an empty message", value: { inner: {} }, bytes: "4a00" },
    { name: "a list with its zeros", value: { list: ["", "a"] }, bytes: "3200320161" },
    { name: "a list of numbers one by one", value: { loose: [0, 150] }, bytes: "6000609601" },
    { name: "a list of numbers in one piece", value: { numbers: [0, 150] }, bytes: "3a03009601" },
    { name: "a list of messages", value: { inners: [{}, { name: "a" }] }, bytes: "520052030a0161" },
    {
      name: "map entries in the order of their keys' bytes",
      value: { labels: { "\u{1F600}": "", "\uffee": "", b: "y" } },
      bytes: "42060a01621201794207 0a03efbfae1200 42080a04f09f98801200",
    },
    {
      name: "nothing for zeros and what is missing",
      value: { text: "", number: 0, flag: false, data: new Uint8Array(0), big: 0n, list: [], numbers: [], labels: {} },
      bytes: "",
    },
    { name: "minus zero, which is no zero", value: { ratio: -0 }, bytes: "a1010000000000000080" },
    { name: "a field number above fifteen", value: { ratio: 1 }, bytes: "a101000000000000f03f" },
    {
      name: "fields in the order of their numbers",
      value: { ratio: 1, number: 1, text: "a" },
      bytes: "0a01611001a101000000000000f03f",
    },
  ];

  test.each(cases)("writes $name", ({ value, bytes }) => {
    expect(hex(encodeMessage(sample, value))).toBe(bytes.replaceAll(" ", ""));
  });

  test("takes null for what is not there", () => {
    expect(hex(encodeMessage(sample, { list: null, inner: null } as unknown as Encodable<typeof sample>))).toBe("");
  });

  test("writes a long message after many short ones", () => {
    const list = ["x".repeat(1000), ...Array.from({ length: 300 }, () => "")];
    expect(decodeMessage(sample, encodeMessage(sample, { list })).list).toEqual(list);
  });

  const given = (value: unknown): Encodable<typeof sample> => value as Encodable<typeof sample>;
  test.each([
    { name: "a number for text", value: { text: 5 }, message: "proto: field Sample.text must be text" },
    { name: "text for a number", value: { number: "5" }, message: "proto: field Sample.number must be an int32" },
    { name: "a fraction", value: { number: 1.5 }, message: "proto: field Sample.number must be an int32" },
    { name: "a number of 33 bits", value: { number: 2 ** 31 }, message: "proto: field Sample.number must be an int32" },
    {
      name: "a bigint of 33 bits",
      value: { unsigned: 2n ** 32n },
      message: "proto: field Sample.unsigned must be an uint32",
    },
    { name: "a negative number", value: { big: -1 }, message: "proto: field Sample.big must be an uint64" },
    {
      name: "a number that may be rounded",
      value: { big: 2 ** 53 },
      message: "proto: field Sample.big must be an uint64",
    },
    {
      name: "a bigint of 64 bits for a signed one",
      value: { numbers: [2n ** 63n] },
      message: "proto: field Sample.numbers must be an int64",
    },
    { name: "text for bytes", value: { data: "a" }, message: "proto: field Sample.data must be bytes" },
    { name: "text for a flag", value: { flag: "a" }, message: "proto: field Sample.flag must be true or false" },
    {
      name: "text for a floating-point number",
      value: { ratio: "a" },
      message: "proto: field Sample.ratio must be a number",
    },
    { name: "text for a message", value: { inner: "a" }, message: "proto: field Sample.inner must be a message" },
    { name: "text for a list", value: { list: "a" }, message: "proto: field Sample.list must be a list" },
    { name: "text for a map", value: { labels: "a" }, message: "proto: field Sample.labels must be a map" },
    { name: "a hole in a list", value: { list: [undefined] }, message: "proto: field Sample.list must be text" },
    { name: "a wrong value inside", value: { inners: [{ name: 1 }] }, message: "proto: field Inner.name must be text" },
  ])("refuses $name", ({ value, message: expected }) => {
    expect(() => encodeMessage(sample, given(value))).toThrow(new ProtobufError(expected));
  });

  test("refuses what is longer than allowed", () => {
    const write = (length: number): Uint8Array =>
      encodeMessage(sample, { text: "x".repeat(length) }, { maxBytes: 1000 });
    expect(write(990).length).toBe(993);
    expect(() => write(1001)).toThrow(new ProtobufError("proto: message is longer than 1000 bytes"));
  });

  test("refuses what is nested too deeply", () => {
    expect(encodeMessage(chain, chainOf(3), { maxDepth: 3 })).toEqual(Uint8Array.of(10, 4, 10, 2, 10, 0));
    expect(() => encodeMessage(chain, chainOf(4), { maxDepth: 3 })).toThrow(
      new ProtobufError("proto: exceeded max depth"),
    );
  });
});

describe("decodeMessage", () => {
  test("gives zeros for what is not there", () => {
    expect(decodeMessage(sample, new Uint8Array(0))).toEqual(zeros);
  });

  test("gives back what was encoded", () => {
    const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(numberIfSafe);
    const text = fc.string({ unit: "binary" });
    const innerValue = fc.record({ name: text, value: int64 });
    const any = fc.record({
      text,
      number: fc.integer(),
      flag: fc.boolean(),
      data: fc.uint8Array(),
      big: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(numberIfSafe),
      list: fc.array(text),
      numbers: fc.array(int64),
      labels: fc.dictionary(text, text),
      inner: fc.option(innerValue, { nil: undefined }),
      inners: fc.array(innerValue),
      unsigned: fc.nat(),
      loose: fc.array(fc.integer()),
      byName: fc.dictionary(text, innerValue),
      ratio: fc.double(),
    });
    fc.assert(
      fc.property(any, (value) => {
        expect(decodeMessage(sample, encodeMessage(sample, value))).toEqual(value);
      }),
    );
  });

  test("answers any bytes with a message or a ProtobufError", () => {
    const bytes = fc.uint8Array({ maxLength: 60 });
    fc.assert(
      fc.property(bytes, fc.constantFrom("", "0a05", "4202", "5203", "3a04"), (input, start) => {
        expect(["message", "refusal"]).toContain(outcomeOf(Uint8Array.of(...fromHex(start), ...input)));
      }),
      { numRuns: 1000 },
    );
  });

  const cases: readonly { name: string; bytes: string; value: Encodable<typeof sample> }[] = [
    { name: "numbers that are not in one piece", bytes: "38013802", value: { numbers: [1, 2] } },
    { name: "numbers in one piece that need not be", bytes: "6203019601", value: { loose: [1, 150] } },
    { name: "both in one list", bytes: "38013a020203", value: { numbers: [1, 2, 3] } },
    { name: "an empty piece", bytes: "3a00", value: {} },
    { name: "the last of two values", bytes: "0a01610a0162", value: { text: "b" } },
    { name: "two pieces of one message", bytes: "4a030a01614a021007", value: { inner: { name: "a", value: 7 } } },
    {
      name: "a map entry without key and value",
      bytes: "42006a00",
      value: { labels: { "": "" }, byName: { "": { name: "", value: 0 } } },
    },
    {
      name: "the last of two map entries",
      bytes: "42060a0161120178 42060a0161120179",
      value: { labels: { a: "y" } },
    },
    { name: "a map entry back to front", bytes: "42061201780a0161", value: { labels: { a: "x" } } },
    { name: "map entries with unknown fields", bytes: "420818010a0161120178", value: { labels: { a: "x" } } },
    { name: "a number with more bits than it has", bytes: "1081808080f0ffffffff01", value: { number: 1 } },
    { name: "a flag that is neither 0 nor 1", bytes: "1802", value: { flag: true } },
    { name: "a safe number", bytes: "28ffffffffffffff0f", value: { big: Number.MAX_SAFE_INTEGER } },
    { name: "a number beyond the safe ones", bytes: "288080808080808010", value: { big: 2n ** 53n } },
    {
      name: "the lowest number",
      bytes: "4a0b1080808080808080808001",
      value: { inner: { name: "", value: -(2n ** 63n) } },
    },
    { name: "text with a byte order mark", bytes: "0a04efbbbf61", value: { text: "\ufeffa" } },
    { name: "text that is not UTF-8", bytes: "0a03ff6161", value: { text: "\ufffdaa" } },
    {
      name: "unknown fields of all kinds",
      bytes: "a00601 a1060102030405060708 a206026162 a50601020304 1001",
      value: { number: 1 },
    },
    {
      name: "unknown groups with groups inside",
      bytes: "a306 0801 0b 120161 0c a406 1001",
      value: { number: 1 },
    },
  ];
  test.each(cases)("reads $name", ({ bytes, value }) => {
    expect(decodeMessage(sample, fromHex(bytes))).toEqual({ ...zeros, ...value });
  });

  test.each([
    { name: "a number that is cut off", bytes: "1096", message: "unexpected EOF" },
    { name: "text that is longer than the message", bytes: "0a0561", message: "unexpected EOF" },
    { name: "a message that is longer than the one around", bytes: "4a0110 01", message: "unexpected EOF" },
    { name: "a floating-point number that is cut off", bytes: "a10100", message: "unexpected EOF" },
    { name: "an unknown field that is cut off", bytes: "a50600", message: "unexpected EOF" },
    { name: "a group without end", bytes: "a3060801", message: "unexpected EOF" },
    { name: "a number without end", bytes: "10ffffffffffffffffffffff", message: "proto: integer overflow" },
    {
      name: "a length without sense",
      bytes: "0affffffffffffffffff01",
      message: "proto: negative length found during unmarshaling",
    },
    { name: "a length beyond all memory", bytes: "0affffffffffffffff7f", message: "unexpected EOF" },
    { name: "field number zero", bytes: "0001", message: "proto: Sample: illegal tag 0 (wire type 0)" },
    { name: "an end of no group", bytes: "0c", message: "proto: Sample: wiretype end group for non-group" },
    { name: "an unknown kind of field", bytes: "a706", message: "proto: illegal wireType 7" },
    { name: "a number where text must be", bytes: "0801", message: "proto: wrong wireType = 0 for field text" },
    { name: "text where a number must be", bytes: "120161", message: "proto: wrong wireType = 2 for field number" },
    { name: "a number where a message must be", bytes: "5001", message: "proto: wrong wireType = 0 for field inners" },
  ])("refuses $name", ({ bytes, message: expected }) => {
    expect(() => decodeMessage(sample, fromHex(bytes))).toThrow(new ProtobufError(expected));
  });

  test("keeps map keys from meaning anything else", () => {
    const { labels } = decodeMessage(sample, encodeMessage(sample, { labels: JSON.parse(`{"__proto__": "x"}`) }));
    expect([Object.keys(labels), labels["toString"]]).toEqual([["__proto__"], undefined]);
  });

  test("shares no memory with the bytes", () => {
    const bytes = encodeMessage(sample, { data: Uint8Array.of(1) });
    const { data } = decodeMessage(sample, bytes);
    bytes.fill(0);
    expect(data).toEqual(Uint8Array.of(1));
  });

  test("shares no memory with the bytes of a Node buffer, which copies in another way", () => {
    const bytes = Buffer.from(fromHex("2201ff"));
    const { data } = decodeMessage(sample, bytes);
    bytes.fill(0);
    expect(data).toStrictEqual(Uint8Array.of(0xff));
  });

  test("reads from the middle of a buffer", () => {
    const bytes = Uint8Array.of(9, 9, ...encodeMessage(sample, { ratio: 0.5, text: "a" }), 9);
    expect(decodeMessage(sample, bytes.subarray(2, bytes.length - 1))).toEqual({ ...zeros, ratio: 0.5, text: "a" });
  });

  test.each([
    { name: "bytes", limits: { maxBytes: 5 }, message: "proto: message is longer than 5 bytes" },
    { name: "depth", limits: { maxDepth: 2 }, message: "proto: exceeded max depth" },
    { name: "members", limits: { maxMembers: 2 }, message: "proto: message has too many members" },
  ])("refuses to exceed a limit of $name", ({ limits, message: expected }) => {
    const bytes = encodeMessage(chain, chainOf(3));
    expect(decodeMessage(chain, bytes)).toEqual({ next: { next: { next: { next: undefined } } } });
    expect(() => decodeMessage(chain, bytes, limits)).toThrow(new ProtobufError(expected));
  });
});

describe("a field's form", () => {
  const pod = message("Pod", {
    owner: always(1, inner),
    count: always(2, "int32"),
    ratio: always(3, "double"),
    grace: optional(4, "int64"),
    note: optional(5, "string"),
  });

  test("always: is written even when zero, and read even when missing", () => {
    const nothing = { owner: { name: "", value: 0 }, count: 0, ratio: 0, grace: undefined, note: undefined };
    const bytes = encodeMessage(pod, {});
    expect(hex(bytes)).toBe("0a001000190000000000000000");
    expect([decodeMessage(pod, bytes), decodeMessage(pod, new Uint8Array(0))]).toEqual([nothing, nothing]);
  });

  test("optional: zero is not missing", () => {
    const bytes = encodeMessage(pod, { grace: 0, note: "" });
    expect(hex(bytes)).toBe("0a00100019000000000000000020002a00");
    expect(decodeMessage(pod, bytes)).toMatchObject({ grace: 0, note: "" });
  });
});

describe("a converted message", () => {
  const seconds = converted(
    message("Time", { seconds: one(1, "int64") }),
    (time) => new Date(Number(time.seconds) * 1000).toISOString(),
    (text: string) => ({ seconds: Date.parse(text) / 1000 }),
  );
  const event = message("Event", { at: always(1, seconds), times: many(2, seconds), byName: mapOf(3, seconds) });
  const epoch = "1970-01-01T00:00:00.000Z";

  test("shows its other form wherever it stands", () => {
    const value = {
      at: "1970-01-01T00:00:01.000Z",
      times: [epoch, "1970-01-01T00:00:02.000Z"],
      byName: { a: "1970-01-01T00:00:03.000Z" },
    };
    const bytes = encodeMessage(event, value);
    expect(hex(bytes)).toBe("0a0208011200120208021a070a016112020803");
    expect(decodeMessage(event, bytes)).toEqual(value);
  });

  test("is its zero where it is missing", () => {
    expect(hex(encodeMessage(event, {}))).toBe("0a00");
    expect(decodeMessage(event, new Uint8Array(0))).toEqual({ at: epoch, times: [], byName: {} });
  });
});

describe("message", () => {
  const wrong: readonly { name: string; fields: FieldTable }[] = [
    { name: "one number for two fields", fields: { a: one(1, "string"), b: one(1, "bool") } },
    { name: "field number zero", fields: { a: one(0, "string") } },
    { name: "a field number of 30 bits", fields: { a: one(2 ** 29, "string") } },
  ];
  test.each(wrong)("refuses $name", ({ fields }) => {
    expect(() => message("Wrong", fields)).toThrow("protobuf:");
  });
});

/** Reads bytes, and writes what they say. */
function outcomeOf(bytes: Uint8Array): string {
  try {
    encodeMessage(sample, decodeMessage(sample, bytes));
    return "message";
  } catch (error) {
    return error instanceof ProtobufError ? "refusal" : String(error);
  }
}

function numberIfSafe(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
