import { ProtobufError } from "./protobuf-error.ts";

/** Where reading stands in the bytes of a message. Functions beside it move it on; none reads past its end. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
  /** Where the innermost message ends. */
  end: number;
  /** Members of lists and maps and messages that may still be read. */
  membersLeft: number;
}

/** Bits of a number that arithmetic on numbers reads exactly, seven to a byte. */
const exactBits = 49;
/** A number takes at most ten bytes. */
const maxBits = 64;
/** Longest text that is read unit by unit: below it the decoder's own start takes longer. */
const shortText = 80;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Reads an unsigned number of up to 64 bits: a bigint only when it takes more than 49. */
export function readVarint(cursor: Cursor): number | bigint {
  let value = 0;
  let scale = 1;
  for (let shift = 0; shift < exactBits; shift += 7) {
    const byte = readByte(cursor);
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
    scale *= 128;
  }
  let high = 0;
  scale = 1;
  for (let shift = exactBits; shift < maxBits; shift += 7) {
    const byte = readByte(cursor);
    high += (byte & 0x7f) * scale;
    if (byte < 0x80) return BigInt.asUintN(maxBits, BigInt(value) + (BigInt(high) << BigInt(exactBits)));
    scale *= 128;
  }
  throw new ProtobufError("proto: integer overflow");
}

function readByte(cursor: Cursor): number {
  if (cursor.at >= cursor.end) throw unexpectedEnd();
  const byte = cursor.bytes[cursor.at] as number;
  cursor.at += 1;
  return byte;
}

/** Counts a member that is about to be read. @throws {ProtobufError} when there are too many */
export function countMember(cursor: Cursor): void {
  cursor.membersLeft -= 1;
  if (cursor.membersLeft < 0) throw new ProtobufError("proto: message has too many members");
}

/** Reads the length of what follows, and answers where that ends. */
export function readEnd(cursor: Cursor): number {
  const length = readVarint(cursor);
  // Upstream keeps lengths in signed numbers of 64 bits.
  if (typeof length === "bigint" && length >= 1n << 63n)
    throw new ProtobufError("proto: negative length found during unmarshaling");
  return advance(cursor, Number(length));
}

function advance(cursor: Cursor, length: number): number {
  const end = cursor.at + length;
  if (end > cursor.end) throw unexpectedEnd();
  return end;
}

/** Reads a length and as many bytes, which are not copied. */
export function readBytes(cursor: Cursor): Uint8Array {
  const end = readEnd(cursor);
  const bytes = cursor.bytes.subarray(cursor.at, end);
  cursor.at = end;
  return bytes;
}

/** Reads a length and as many bytes of text. What is not UTF-8 turns into U+FFFD. */
export function readText(cursor: Cursor): string {
  const end = readEnd(cursor);
  const { bytes, at } = cursor;
  cursor.at = end;
  if (end - at > shortText) return decoder.decode(bytes.subarray(at, end));
  let text = "";
  for (let index = at; index < end; index += 1) {
    const byte = bytes[index] as number;
    if (byte >= 0x80) return decoder.decode(bytes.subarray(at, end));
    text += String.fromCharCode(byte);
  }
  return text;
}

/** Reads a floating-point number. */
export function readDouble(cursor: Cursor): number {
  const end = advance(cursor, 8);
  const { bytes, at } = cursor;
  cursor.at = end;
  return new DataView(bytes.buffer, bytes.byteOffset + at, 8).getFloat64(0, true);
}

/** Moves past a field that nobody wants. Groups, which were given up long ago, are passed over with all inside. */
export function skipField(cursor: Cursor, firstWireType: number): void {
  let groups = 0;
  for (let wireType = firstWireType; ; wireType = Number(readVarint(cursor)) & 7) {
    if (wireType === 3) groups += 1;
    else if (wireType === 4) groups -= 1;
    else skipValue(cursor, wireType);
    if (groups < 0) throw new ProtobufError("proto: unexpected end of group");
    if (groups === 0) return;
  }
}

function skipValue(cursor: Cursor, wireType: number): void {
  if (wireType === 0) readVarint(cursor);
  else if (wireType === 1) cursor.at = advance(cursor, 8);
  else if (wireType === 2) cursor.at = readEnd(cursor);
  else if (wireType === 5) cursor.at = advance(cursor, 4);
  else throw new ProtobufError(`proto: illegal wireType ${wireType}`);
}

function unexpectedEnd(): ProtobufError {
  return new ProtobufError("unexpected EOF");
}
