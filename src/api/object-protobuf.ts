import { DecodeError } from "./decode/decode-error.ts";
import { JsonSyntaxError, maxJsonDepth } from "./json.ts";
import { envelope, fieldHeader, magic, watchEvent } from "./object-protobuf/envelope.ts";
import { numberOf } from "./object-protobuf/field-number.ts";
import { readStruct } from "./object-protobuf/read-struct.ts";
import { writeStruct } from "./object-protobuf/write-struct.ts";
import { createBackBuffer } from "./protobuf/back-buffer.ts";
import { decodeMessage, defaultLimits, encodeMessage, ProtobufError } from "./protobuf.ts";
import type { FieldSchema, StructSchema } from "./schema.ts";

/**
 * API objects in protobuf: a message whose fields are those of the type, without kind and version, which stand in an
 * envelope around it. Source: Kubernetes documentation, "Kubernetes Protobuf encoding".
 */

/** How clients name the envelope. */
export const protobufMediaType = "application/vnd.kubernetes.protobuf";

/** The kind of an object. */
export interface ObjectType {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Longest message of an object, in bytes. */
const { maxBytes, maxMembers } = defaultLimits;

/** Expected size of a message: that of a small pod. */
const usualBytes = 2048;

/** Whether values of a schema can be written in protobuf at all: Tables cannot. */
export function hasProtobufForm(schema: StructSchema): boolean {
  return schema.row.pb !== false;
}

/**
 * The message of a complete object, as decoding makes it.
 * @throws {ProtobufError} when it is too long or has too many levels
 */
export function encodeObjectMessage(schema: StructSchema, object: object): Uint8Array<ArrayBuffer> {
  const buffer = createBackBuffer(maxBytes, usualBytes);
  writeStruct(buffer, schema, object as Readonly<Record<string, unknown>>, maxJsonDepth);
  return buffer.bytes.slice(buffer.start);
}

/**
 * Reads a message as a complete object, as JSON would give it, but for kind and version. Fields that the schema does
 * not know are passed over. The result shares no memory with the bytes.
 * @throws {DecodeError} in upstream's words, when the bytes are no such message
 */
export function decodeObjectMessage<T>(schema: StructSchema, bytes: Uint8Array): T {
  return asDecodeError(() => {
    if (bytes.length > maxBytes) throw new ProtobufError(`proto: message is longer than ${maxBytes} bytes`);
    const cursor = { bytes, at: 0, end: bytes.length, membersLeft: maxMembers };
    return readStruct(cursor, schema, maxJsonDepth) as T;
  });
}

/**
 * The message of a list whose items are messages already, in pieces.
 * @param list the list without items
 */
export function listMessage(schema: StructSchema, list: object, items: readonly Uint8Array[]): Uint8Array[] {
  const rest = encodeObjectMessage(schema, list);
  const itemsNumber = numberOfField(schema, "items");
  const pieces = items.flatMap((item) => [fieldHeader(itemsNumber, item.length), item]);
  return itemsNumber > numberOfField(schema, "metadata") ? [rest, ...pieces] : [...pieces, rest];
}

function numberOfField(schema: StructSchema, name: string): number {
  return numberOf(schema, (schema.byName.get(name) as FieldSchema).row);
}

/** Puts a message, given in pieces, into its envelope; in pieces again. */
export function wrapMessage({ apiVersion, kind }: ObjectType, pieces: readonly Uint8Array[]): Uint8Array[] {
  const ends = encodeMessage(envelope, { typeMeta: { apiVersion, kind } });
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const rawHeader = fieldHeader(envelope.fields.raw.number, length);
  const typeEnd = ends.length - emptyContentBytes;
  return [Uint8Array.from([...magic, ...ends.subarray(0, typeEnd), ...rawHeader]), ...pieces, ends.subarray(typeEnd)];
}

/** Content encoding and type, which nobody uses: a tag and a zero length each. */
const emptyContentBytes = 4;

/**
 * Takes a message out of its envelope. What is not said there is empty.
 * @throws {DecodeError} in upstream's words
 */
export function unwrapMessage(bytes: Uint8Array): ObjectType & { readonly message: Uint8Array } {
  if (bytes.length === 0) throw new DecodeError("empty data");
  if (!magic.every((byte, index) => bytes[index] === byte))
    throw new DecodeError(
      `provided data does not appear to be a protobuf message, expected prefix [${magic.join(" ")}]`,
    );
  if (bytes.length === magic.length) throw new DecodeError("empty body");
  const { typeMeta, raw } = asDecodeError(() => decodeMessage(envelope, bytes.subarray(magic.length)));
  return { ...typeMeta, message: raw ?? new Uint8Array(0) };
}

/** Bytes of the length that each event of a watch begins with, the highest first. */
const frameLengthBytes = 4;

/** An event of a watch, as it stands in the stream. @param wrapped the object in its envelope */
export function encodeEvent(type: string, wrapped: Uint8Array): Uint8Array {
  const event = encodeMessage(watchEvent, { type, object: { raw: wrapped } });
  const frame = new Uint8Array(frameLengthBytes + event.length);
  new DataView(frame.buffer).setUint32(0, event.length);
  frame.set(event, frameLengthBytes);
  return frame;
}

function asDecodeError<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ProtobufError || error instanceof JsonSyntaxError)
      throw new DecodeError(error.message, { cause: error });
    throw error;
  }
}
