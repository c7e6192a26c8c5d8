import { createBackBuffer, writeVarint } from "../protobuf/back-buffer.ts";
import { writeTag } from "../protobuf/encode.ts";
import { always, lengthDelimited, message, optional } from "../protobuf/message.ts";

const typeMeta = message("TypeMeta", { apiVersion: always(1, "string"), kind: always(2, "string") });

/** What is around every object: its type, and the bytes of its message. */
export const envelope = message("Unknown", {
  typeMeta: always(1, typeMeta),
  raw: optional(2, "bytes"),
  contentEncoding: always(3, "string"),
  contentType: always(4, "string"),
});

const rawExtension = message("RawExtension", { raw: optional(1, "bytes") });

/** An event of a watch. The object is in its envelope. */
export const watchEvent = message("WatchEvent", { type: always(1, "string"), object: always(2, rawExtension) });

/** What envelopes begin with: `k8s` and a zero. */
export const magic: readonly number[] = [0x6b, 0x38, 0x73, 0x00];

/** Room for a tag of a field below 16 and the longest length. */
const maxHeaderBytes = 11;

/** What stands before `length` bytes in a field: its tag and their length. */
export function fieldHeader(number: number, length: number): Uint8Array {
  const buffer = createBackBuffer(maxHeaderBytes, maxHeaderBytes);
  writeVarint(buffer, length);
  writeTag(buffer, number, lengthDelimited);
  return buffer.bytes.subarray(buffer.start);
}
