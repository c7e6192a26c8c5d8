import { base64OfBytes, bytesOfBase64 } from "../../base/base64.ts";
import { formatTime } from "../../base/clock.ts";
import { formatNanos, parseNanos } from "../decode/duration.ts";
import { decodeScalar } from "../decode/scalars.ts";
import { encodeJsonBytes, parseJson } from "../json.ts";
import {
  type BackBuffer,
  writeBytes,
  writeDouble,
  writeText,
  writeVarint,
  writtenBytes,
} from "../protobuf/back-buffer.ts";
import { type Cursor, readBytes, readEnd, readText } from "../protobuf/cursor.ts";
import { readMessage, readScalar } from "../protobuf/decode.ts";
import { writeMessage } from "../protobuf/encode.ts";
import {
  always,
  type Decoded,
  type Encodable,
  lengthDelimited,
  type Message,
  many,
  message,
  optional,
  type ScalarName as WireScalar,
} from "../protobuf/message.ts";
import { ProtobufError } from "../protobuf/protobuf-error.ts";
import type { ScalarName } from "../schema.ts";

/** How a scalar of the API is written in protobuf. Values are as complete objects have them. */
export interface ScalarForm {
  readonly wireType: number;
  /** Writes a value, its length included but not its tag, before all that is written. */
  write(buffer: BackBuffer, value: unknown): void;
  /** @throws {ProtobufError} @throws {DecodeError} when it is none of the API's */
  read(cursor: Cursor): unknown;
}

const varint = 0;
const fixed64 = 1;

function integer(scalar: WireScalar): ScalarForm {
  return {
    wireType: varint,
    write: (buffer, value) => writeVarint(buffer, value as number | bigint),
    read: (cursor) => readScalar(cursor, scalar),
  };
}

/** A scalar that is a message in protobuf. */
function inMessage<M extends Message, Value>(
  type: M,
  toMessage: (value: Value) => Encodable<M>,
  fromMessage: (message: Decoded<M>) => unknown,
): ScalarForm {
  return {
    wireType: lengthDelimited,
    write(buffer, value) {
      const before = writtenBytes(buffer);
      writeMessage(buffer, type, toMessage(value as Value), 1);
      writeVarint(buffer, writtenBytes(buffer) - before);
    },
    read(cursor) {
      const outerEnd = cursor.end;
      cursor.end = readEnd(cursor);
      const read = readMessage(cursor, type, 1) as Decoded<M>;
      cursor.end = outerEnd;
      return fromMessage(read);
    },
  };
}

const quantity = message("Quantity", { string: always(1, "string") });

const intOrString = message("IntOrString", {
  type: always(1, "int64"),
  intVal: always(2, "int32"),
  strVal: always(3, "string"),
});
const stringType = 1;

/** The zero time has no fields. */
const timestamp = message("Timestamp", { seconds: optional(1, "int64"), nanos: optional(2, "int32") });

const duration = message("Duration", { duration: always(1, "int64") });

/** Bytes of JSON. */
const raw = message("RawExtension", { raw: optional(1, "bytes") });

const list = message("List", { items: many(1, "string") });

const json = inMessage(
  raw,
  (value: unknown) => (value === null ? {} : { raw: encodeJsonBytes(value) }),
  ({ raw: bytes }) => (bytes === undefined || bytes.length === 0 ? null : parseJson(bytes).value),
);

/** All scalars. Source: `../schema/v1.36/wellknown.json`. */
export const scalarForms: Readonly<Record<ScalarName, ScalarForm>> = {
  string: {
    wireType: lengthDelimited,
    write: (buffer, value) => writeText(buffer, value as string),
    read: readText,
  },
  bool: {
    wireType: varint,
    write: (buffer, value) => writeVarint(buffer, value === true ? 1 : 0),
    read: (cursor) => readScalar(cursor, "bool"),
  },
  int32: integer("int32"),
  int64: integer("int64"),
  float64: {
    wireType: fixed64,
    write: (buffer, value) => writeDouble(buffer, value as number),
    read: (cursor) => readScalar(cursor, "double"),
  },
  bytes: {
    wireType: lengthDelimited,
    write: (buffer, value) => writeBytes(buffer, bytesOfBase64(value as string)),
    read: (cursor) => base64OfBytes(readBytes(cursor)),
  },
  quantity: inMessage(
    quantity,
    (value: string) => ({ string: value }),
    ({ string }) => (string === "" ? "0" : decodeScalar("quantity", string)),
  ),
  intOrString: inMessage(
    intOrString,
    (value: string | number) => (typeof value === "string" ? { type: stringType, strVal: value } : { intVal: value }),
    ({ type, intVal, strVal }) => (type === stringType ? strVal : intVal),
  ),
  time: inMessage(
    timestamp,
    (value: string | null) => (value === null ? {} : { seconds: secondsOf(value), nanos: 0 }),
    ({ seconds, nanos }) => (seconds === undefined && nanos === undefined ? null : timeText(Number(seconds ?? 0))),
  ),
  microTime: inMessage(
    timestamp,
    (value: string | null) => (value === null ? {} : splitMicroTime(value)),
    ({ seconds, nanos }) =>
      seconds === undefined && nanos === undefined ? null : microTimeText(Number(seconds ?? 0), nanos ?? 0),
  ),
  duration: inMessage(
    duration,
    (value: string) => ({ duration: parseNanos(value) }),
    ({ duration: nanos }) => formatNanos(BigInt(nanos)),
  ),
  rawExtension: json,
  fieldsV1: json,
  json,
  stringList: inMessage(
    list,
    (value: readonly string[] | null) => ({ items: value ?? [] }),
    ({ items }) => items,
  ),
};

/** Year 1, which is how Go counts a time that was never set. */
const zeroTimeSeconds = -62_135_596_800;
/** Years 0 to 9999: all that RFC 3339 can write. */
const earliestSeconds = -62_167_219_200;
const latestSeconds = 253_402_300_799;

function timeText(seconds: number): string | null {
  if (seconds < earliestSeconds || seconds > latestSeconds)
    throw new ProtobufError("Time.MarshalJSON: year outside of range [0,9999]");
  return seconds === zeroTimeSeconds ? null : formatTime(seconds * 1000);
}

const microsPerSecond = 1_000_000;
const nanosPerMicro = 1000;

function microTimeText(seconds: number, nanos: number): string | null {
  const allMicros = Math.trunc(nanos / nanosPerMicro);
  const carried = Math.floor(allMicros / microsPerSecond);
  const micros = allMicros - carried * microsPerSecond;
  const whole = timeText(seconds + carried) ?? (micros === 0 ? null : "0001-01-01T00:00:00Z");
  return whole === null ? null : `${whole.slice(0, -1)}.${String(micros).padStart(6, "0")}Z`;
}

/** Takes `2026-04-22T10:00:00.000000Z` apart. */
function splitMicroTime(text: string): Encodable<typeof timestamp> {
  const fraction = text.slice(text.indexOf(".") + 1, -1);
  return { seconds: secondsOf(text), nanos: Number(fraction) * nanosPerMicro };
}

/** Seconds since 1970 of a time in its stored form. The platform's parser, which reads any form, takes ten times as long. */
function secondsOf(text: string): number {
  const [year, month, day] = [numberIn(text, 0, 4), numberIn(text, 5, 7), numberIn(text, 8, 10)];
  const [hour, minute, second] = [numberIn(text, 11, 13), numberIn(text, 14, 16), numberIn(text, 17, 19)];
  // Years below 100 would be taken for those of the twentieth century: 400 years are always equally long.
  const epochMs = Date.UTC(year + 400, month - 1, day, hour, minute, second);
  return epochMs / 1000 - secondsIn400Years;
}

const secondsIn400Years = 12_622_780_800;

function numberIn(text: string, start: number, end: number): number {
  let value = 0;
  for (let index = start; index < end; index += 1) value = value * 10 + text.charCodeAt(index) - zeroDigit;
  return value;
}

const zeroDigit = 0x30;
