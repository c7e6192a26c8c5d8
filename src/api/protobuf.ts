import { createBackBuffer } from "./protobuf/back-buffer.ts";
import { readMessage } from "./protobuf/decode.ts";
import { writeMessage } from "./protobuf/encode.ts";
import {
  always,
  type Converted,
  converted,
  type Decoded,
  type Encodable,
  type Field,
  type FieldTable,
  type Message,
  many,
  mapOf,
  message,
  one,
  optional,
  packed,
} from "./protobuf/message.ts";
import { ProtobufError } from "./protobuf/protobuf-error.ts";

export {
  always,
  type Converted,
  converted,
  type Decoded,
  type Encodable,
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
};

/** Bounds for messages from others. */
export interface ProtobufLimits {
  /** Default: 16 MiB, what the container runtime interface allows. */
  readonly maxBytes?: number;
  /** Messages inside messages. Default: 100. */
  readonly maxDepth?: number;
  /**
   * Members of lists and maps, and values, in the whole message. Two bytes may make an empty message, so bytes alone
   * bound no memory. Default: 1 million.
   */
  readonly maxMembers?: number;
}

/** What holds when nothing else is said. */
export const defaultLimits = { maxBytes: 16 * 1024 * 1024, maxDepth: 100, maxMembers: 1_000_000 } as const;

/**
 * Writes a message, its fields in the order of their numbers.
 * @throws {ProtobufError} when a value does not fit its field, or the message exceeds the limits
 */
export function encodeMessage<M extends Message>(
  type: M,
  value: Encodable<M>,
  { maxBytes = defaultLimits.maxBytes, maxDepth = defaultLimits.maxDepth }: ProtobufLimits = {},
): Uint8Array {
  const buffer = createBackBuffer(maxBytes);
  writeMessage(buffer, type, value, maxDepth);
  return buffer.bytes.slice(buffer.start);
}

/**
 * Reads a message. Fields that its type does not know are passed over; of one that comes twice the last counts,
 * messages are merged. The result shares no memory with the bytes.
 * @throws {ProtobufError} when the bytes are no such message, or exceed the limits
 */
export function decodeMessage<M extends Message>(type: M, bytes: Uint8Array, limits: ProtobufLimits = {}): Decoded<M> {
  const { maxBytes, maxDepth, maxMembers } = { ...defaultLimits, ...limits };
  if (bytes.length > maxBytes) throw new ProtobufError(`proto: message is longer than ${maxBytes} bytes`);
  const cursor = { bytes, at: 0, end: bytes.length, membersLeft: maxMembers };
  return readMessage(cursor, type, maxDepth) as Decoded<M>;
}
