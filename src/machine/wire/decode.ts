import { wireTypes } from "./encode.ts";
import type { Decoded, FieldShape, FieldTable, Message, ScalarName } from "./message.ts";

const text = new TextDecoder();

/** Deepest nesting that is read: far beyond any real message, and a bound for hostile ones. */
const maxDepth = 64;

/**
 * Reads a message. Unknown fields are skipped.
 * @throws {Error} when the bytes are no message of any kind
 */
export function decode<M extends Message<FieldTable>>(type: M, input: Uint8Array): Decoded<M> {
  return readMessage(type, input, 0) as Decoded<M>;
}

function readMessage(type: Message<FieldTable>, input: Uint8Array, depth: number): Record<string, unknown> {
  if (depth > maxDepth) throw new Error("protobuf: message is nested too deeply");
  const value: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(type.fields)) value[name] = zeroOf(field.shape);
  const reader = createReader(input);
  while (reader.more()) {
    const tag = Number(reader.varint());
    const name = type.names.get(tag >>> 3);
    const shape = name === undefined ? undefined : type.fields[name]?.shape;
    if (name === undefined || shape === undefined) reader.skip(tag & 7);
    else readField(reader, tag & 7, shape, value, name, depth);
  }
  return value;
}

function zeroOf(shape: FieldShape): unknown {
  switch (shape.kind) {
    case "scalar":
      return zeroScalars[shape.scalar];
    case "message":
      return undefined;
    case "stringMap":
      return Object.create(null);
    default:
      return [];
  }
}

const zeroScalars: Readonly<Record<ScalarName, unknown>> = {
  string: "",
  bytes: new Uint8Array(0),
  bool: false,
  int32: 0,
  uint32: 0,
  int64: 0n,
  uint64: 0n,
  double: 0,
};

function readField(
  reader: Reader,
  wireType: number,
  shape: FieldShape,
  value: Record<string, unknown>,
  name: string,
  depth: number,
): void {
  switch (shape.kind) {
    case "scalar":
      value[name] = readScalar(reader, shape.scalar);
      return;
    case "scalars": {
      const list = value[name] as unknown[];
      const isPacked = wireType === wireTypes.lengthDelimited && shape.scalar !== "string" && shape.scalar !== "bytes";
      if (!isPacked) list.push(readScalar(reader, shape.scalar));
      else for (const items = createReader(reader.bytes()); items.more(); ) list.push(readScalar(items, shape.scalar));
      return;
    }
    case "message":
      value[name] = readMessage(shape.message, reader.bytes(), depth + 1);
      return;
    case "messages":
      (value[name] as unknown[]).push(readMessage(shape.message, reader.bytes(), depth + 1));
      return;
    case "stringMap": {
      const [key, item] = readMapEntry(reader.bytes());
      (value[name] as Record<string, string>)[key] = item;
    }
  }
}

function readMapEntry(input: Uint8Array): [string, string] {
  const reader = createReader(input);
  let key = "";
  let item = "";
  while (reader.more()) {
    const tag = Number(reader.varint());
    if (tag >>> 3 === 1) key = text.decode(reader.bytes());
    else if (tag >>> 3 === 2) item = text.decode(reader.bytes());
    else reader.skip(tag & 7);
  }
  return [key, item];
}

function readScalar(reader: Reader, scalar: ScalarName): unknown {
  switch (scalar) {
    case "string":
      return text.decode(reader.bytes());
    case "bytes":
      return reader.bytes().slice();
    case "bool":
      return reader.varint() !== 0n;
    case "int32":
      return Number(BigInt.asIntN(32, reader.varint()));
    case "uint32":
      return Number(BigInt.asUintN(32, reader.varint()));
    case "int64":
      return BigInt.asIntN(64, reader.varint());
    case "uint64":
      return reader.varint();
    case "double":
      return new DataView(reader.fixed(8).slice().buffer).getFloat64(0, true);
  }
}

interface Reader {
  more(): boolean;
  varint(): bigint;
  fixed(length: number): Uint8Array;
  bytes(): Uint8Array;
  skip(wireType: number): void;
}

function createReader(input: Uint8Array): Reader {
  let at = 0;
  const fixed = (length: number): Uint8Array => {
    if (at + length > input.length) throw new Error("protobuf: message ends too early");
    at += length;
    return input.subarray(at - length, at);
  };
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = fixed(1)[0] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new Error("protobuf: number is too long");
  };
  const bytes = (): Uint8Array => fixed(Number(varint()));
  return {
    more: () => at < input.length,
    varint,
    fixed,
    bytes,
    skip(wireType) {
      if (wireType === wireTypes.varint) varint();
      else if (wireType === wireTypes.fixed64) fixed(8);
      else if (wireType === wireTypes.fixed32) fixed(4);
      else if (wireType === wireTypes.lengthDelimited) bytes();
      else throw new Error(`protobuf: unknown wire type ${wireType}`);
    },
  };
}
