import type { Encodable, FieldShape, FieldTable, Message, ScalarName } from "./message.ts";

/** Kinds of fields on the wire. Source: Protocol Buffers documentation, "Encoding". */
export const wireTypes = { varint: 0, fixed64: 1, lengthDelimited: 2, fixed32: 5 } as const;

const text = new TextEncoder();

/** Writes a message. */
export function encode<M extends Message<FieldTable>>(type: M, value: Encodable<M>): Uint8Array {
  const output: number[] = [];
  writeMessage(output, type, value);
  return Uint8Array.from(output);
}

function writeMessage(output: number[], type: Message<FieldTable>, value: Readonly<Record<string, unknown>>): void {
  for (const [name, field] of Object.entries(type.fields)) {
    const item = value[name];
    if (item !== undefined) writeField(output, field.number, field.shape, item);
  }
}

function writeField(output: number[], number: number, shape: FieldShape, value: unknown): void {
  switch (shape.kind) {
    case "scalar":
      if (!isZero(value)) writeScalar(output, number, shape.scalar, value);
      return;
    case "scalars":
      for (const item of value as readonly unknown[]) writeScalar(output, number, shape.scalar, item);
      return;
    case "message":
      writeNested(output, number, (nested) => writeMessage(nested, shape.message, value as Record<string, unknown>));
      return;
    case "messages":
      for (const item of value as readonly Record<string, unknown>[])
        writeNested(output, number, (nested) => writeMessage(nested, shape.message, item));
      return;
    case "stringMap":
      for (const [key, item] of Object.entries(value as Record<string, string>))
        writeNested(output, number, (nested) => {
          writeScalar(nested, 1, "string", key);
          writeScalar(nested, 2, "string", item);
        });
  }
}

function isZero(value: unknown): boolean {
  return (
    value === "" ||
    value === 0 ||
    value === 0n ||
    value === false ||
    (value instanceof Uint8Array && value.length === 0)
  );
}

function writeScalar(output: number[], number: number, scalar: ScalarName, value: unknown): void {
  switch (scalar) {
    case "string":
      writeBytes(output, number, text.encode(value as string));
      return;
    case "bytes":
      writeBytes(output, number, value as Uint8Array);
      return;
    case "double":
      writeTag(output, number, wireTypes.fixed64);
      output.push(...new Uint8Array(Float64Array.of(value as number).buffer));
      return;
    default:
      writeTag(output, number, wireTypes.varint);
      writeVarint(output, typeof value === "boolean" ? BigInt(value) : BigInt(value as number | bigint));
  }
}

function writeNested(output: number[], number: number, write: (nested: number[]) => void): void {
  const nested: number[] = [];
  write(nested);
  writeBytes(output, number, nested);
}

function writeBytes(output: number[], number: number, content: Uint8Array | readonly number[]): void {
  writeTag(output, number, wireTypes.lengthDelimited);
  writeVarint(output, BigInt(content.length));
  for (const byte of content) output.push(byte);
}

function writeTag(output: number[], number: number, wireType: number): void {
  writeVarint(output, BigInt((number << 3) | wireType));
}

/** Negative numbers are written as their 64-bit two's complement. */
function writeVarint(output: number[], value: bigint): void {
  let rest = BigInt.asUintN(64, value);
  while (rest >= 0x80n) {
    output.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  output.push(Number(rest));
}
