import { ProtobufError } from "./protobuf-error.ts";

/**
 * A buffer that is filled from its end, so that the length of a message is known when it is to be written: before the
 * message, that is, and after it in time.
 */
export interface BackBuffer {
  bytes: Uint8Array;
  /** Where the bytes that are written start. */
  start: number;
  readonly maxBytes: number;
}

const initialBytes = 256;
const encoder = new TextEncoder();

/** Creates an empty buffer that refuses to hold more than `maxBytes`. */
export function createBackBuffer(maxBytes: number, expectedBytes = initialBytes): BackBuffer {
  return { bytes: new Uint8Array(expectedBytes), start: expectedBytes, maxBytes };
}

/** How much is written. */
export function writtenBytes(buffer: BackBuffer): number {
  return buffer.bytes.length - buffer.start;
}

/** Makes room for so many bytes before the others, and answers where they start. */
function reserve(buffer: BackBuffer, count: number): number {
  if (count > buffer.start) enlarge(buffer, count);
  buffer.start -= count;
  return buffer.start;
}

function enlarge(buffer: BackBuffer, count: number): void {
  const written = writtenBytes(buffer);
  if (written + count > buffer.maxBytes)
    throw new ProtobufError(`proto: message is longer than ${buffer.maxBytes} bytes`);
  const larger = new Uint8Array(Math.max(buffer.bytes.length * 2, written + count));
  larger.set(buffer.bytes.subarray(buffer.start), larger.length - written);
  buffer.bytes = larger;
  buffer.start = larger.length - written;
}

/** Writes a number of 64 bits; negative ones as their two's complement. */
export function writeVarint(buffer: BackBuffer, value: number | bigint): void {
  if (typeof value === "bigint" || value < 0 || value >= 2 ** 32) writeLongVarint(buffer, value);
  else writeShortVarint(buffer, value);
}

function writeShortVarint(buffer: BackBuffer, value: number): void {
  const count = value < 0x80 ? 1 : Math.ceil((32 - Math.clz32(value)) / 7);
  let at = reserve(buffer, count);
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7, at += 1) buffer.bytes[at] = (rest & 0x7f) | 0x80;
  buffer.bytes[at] = rest;
}

function writeLongVarint(buffer: BackBuffer, value: number | bigint): void {
  const groups: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 0x7fn; rest >>= 7n) groups.push(Number(rest & 0x7fn) | 0x80);
  groups.push(Number(rest));
  const at = reserve(buffer, groups.length);
  buffer.bytes.set(groups, at);
}

/** Writes text and its length. Halves of surrogate pairs turn into U+FFFD. */
export function writeText(buffer: BackBuffer, text: string): void {
  const at = reserve(buffer, text.length);
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit >= 0x80) {
      buffer.start += text.length;
      writeBytes(buffer, encoder.encode(text));
      return;
    }
    buffer.bytes[at + index] = unit;
  }
  writeVarint(buffer, text.length);
}

/** Writes bytes and their length. */
export function writeBytes(buffer: BackBuffer, bytes: Uint8Array): void {
  const at = reserve(buffer, bytes.length);
  buffer.bytes.set(bytes, at);
  writeVarint(buffer, bytes.length);
}

/** Writes a floating-point number. */
export function writeDouble(buffer: BackBuffer, value: number): void {
  const at = reserve(buffer, 8);
  new DataView(buffer.bytes.buffer).setFloat64(at, value, true);
}
