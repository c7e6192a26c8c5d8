/** A protobuf message that is being written, field by field. Empty texts and false are left out, as proto3 has it. */
export interface ProtobufMessage {
  text(field: number, value: string | undefined): void;
  bool(field: number, value: boolean | undefined): void;
  /** A message inside this one; also written when it turns out empty. */
  message(field: number, write: (message: ProtobufMessage) => void): void;
  finish(): Uint8Array;
}

const lengthDelimited = 2;
const varint = 0;
const initialBytes = 64;
const encoder = new TextEncoder();

/** Creates an empty message. */
export function createProtobufMessage(): ProtobufMessage {
  let buffer = new Uint8Array(initialBytes);
  let length = 0;
  const reserve = (count: number): void => {
    if (length + count <= buffer.length) return;
    const larger = new Uint8Array(Math.max(buffer.length * 2, length + count));
    larger.set(buffer);
    buffer = larger;
  };
  const writeVarint = (value: number): void => {
    reserve(5);
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) {
      buffer[length] = (rest & 0x7f) | 0x80;
      length += 1;
    }
    buffer[length] = rest;
    length += 1;
  };
  const writeBytes = (field: number, bytes: Uint8Array): void => {
    writeVarint((field << 3) | lengthDelimited);
    writeVarint(bytes.length);
    reserve(bytes.length);
    buffer.set(bytes, length);
    length += bytes.length;
  };
  return {
    text(field, value) {
      if (value !== undefined && value !== "") writeBytes(field, encoder.encode(value));
    },
    bool(field, value) {
      if (value !== true) return;
      writeVarint((field << 3) | varint);
      writeVarint(1);
    },
    message(field, write) {
      const inner = createProtobufMessage();
      write(inner);
      writeBytes(field, inner.finish());
    },
    finish: () => buffer.subarray(0, length),
  };
}
