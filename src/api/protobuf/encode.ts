import { compareUtf8 } from "../utf8.ts";
import { type BackBuffer, writeBytes, writeDouble, writeText, writeVarint, writtenBytes } from "./back-buffer.ts";
import { lengthDelimited, type Message, type NamedField, resolved, type ScalarName, wireTypeOf } from "./message.ts";
import { ProtobufError } from "./protobuf-error.ts";

type Values = Readonly<Record<string, unknown>>;

/** Writes the fields of a message before all that is written; `depth` more levels may follow. */
export function writeMessage(buffer: BackBuffer, type: Message, values: Values, depth: number): void {
  if (depth < 0) throw new ProtobufError("proto: exceeded max depth");
  for (let index = type.ordered.length - 1; index >= 0; index -= 1) {
    const field = type.ordered[index] as NamedField;
    writeField({ buffer, owner: type, field, depth }, values[field.name] ?? undefined);
  }
}

/** Where writing stands. */
interface Place {
  readonly buffer: BackBuffer;
  /** The message that the field belongs to. */
  readonly owner: Message;
  readonly field: NamedField;
  readonly depth: number;
}

function writeField(place: Place, value: unknown): void {
  const { form } = place.field;
  if (value === undefined) {
    if (form === "always") writeZero(place);
  } else if (form === "always" || form === "optional") writeTagged(place, value);
  else if (form === "one") writeUnlessZero(place, value);
  else if (form === "map") writeMap(place, value);
  else writeList(place, value);
}

/** A message without values may have fields that are always written. */
function writeZero({ buffer, field, depth }: Place): void {
  const type = resolved(field.type);
  const before = writtenBytes(buffer);
  if (type === "double") writeDouble(buffer, 0);
  else {
    if (typeof type === "object") writeMessage(buffer, "message" in type ? type.message : type, {}, depth - 1);
    writeVarint(buffer, writtenBytes(buffer) - before);
  }
  writeTag(buffer, field.number, wireTypeOf(type));
}

function writeUnlessZero(place: Place, value: unknown): void {
  const isZero =
    value === "" ||
    // Minus zero has a bit that zero has not.
    Object.is(value, 0) ||
    value === 0n ||
    value === false ||
    (value instanceof Uint8Array && value.length === 0 && place.field.type === "bytes");
  if (!isZero) writeTagged(place, value);
}

function writeTagged(place: Place, value: unknown): void {
  writeValue(place, value);
  writeTag(place.buffer, place.field.number, wireTypeOf(resolved(place.field.type)));
}

function writeList(place: Place, value: unknown): void {
  if (!Array.isArray(value)) throw wrongValue(place, "a list");
  const { buffer, field } = place;
  if (field.form === "many") {
    for (let index = value.length - 1; index >= 0; index -= 1) writeTagged(place, value[index]);
    return;
  }
  if (value.length === 0) return;
  const before = writtenBytes(buffer);
  for (let index = value.length - 1; index >= 0; index -= 1) writeValue(place, value[index]);
  writeVarint(buffer, writtenBytes(buffer) - before);
  writeTag(buffer, field.number, lengthDelimited);
}

function writeMap(place: Place, value: unknown): void {
  if (typeof value !== "object" || value === null) throw wrongValue(place, "a map");
  const { buffer, field } = place;
  const map = value as Values;
  const keys = Object.keys(map).sort(compareUtf8);
  for (let index = keys.length - 1; index >= 0; index -= 1) {
    const key = keys[index] as string;
    const before = writtenBytes(buffer);
    writeValue(place, map[key]);
    writeTag(buffer, 2, wireTypeOf(resolved(field.type)));
    writeText(buffer, key);
    writeTag(buffer, 1, lengthDelimited);
    writeVarint(buffer, writtenBytes(buffer) - before);
    writeTag(buffer, field.number, lengthDelimited);
  }
}

function writeValue(place: Place, value: unknown): void {
  const { buffer, depth } = place;
  const type = resolved(place.field.type);
  if (typeof type === "string") {
    writeScalar(place, type, value);
    return;
  }
  const before = writtenBytes(buffer);
  if ("message" in type) writeMessage(buffer, type.message, type.toMessage(value), depth - 1);
  else if (typeof value === "object" && value !== null) writeMessage(buffer, type, value as Values, depth - 1);
  else throw wrongValue(place, "a message");
  writeVarint(buffer, writtenBytes(buffer) - before);
}

function writeScalar(place: Place, scalar: ScalarName, value: unknown): void {
  const { buffer } = place;
  switch (scalar) {
    case "string":
      if (typeof value !== "string") throw wrongValue(place, "text");
      writeText(buffer, value);
      return;
    case "bytes":
      if (!(value instanceof Uint8Array)) throw wrongValue(place, "bytes");
      writeBytes(buffer, value);
      return;
    case "bool":
      if (typeof value !== "boolean") throw wrongValue(place, "true or false");
      writeVarint(buffer, value ? 1 : 0);
      return;
    case "double":
      if (typeof value !== "number") throw wrongValue(place, "a number");
      writeDouble(buffer, value);
      return;
    default:
      if (!fits(scalar, value)) throw wrongValue(place, `an ${scalar}`);
      writeVarint(buffer, value);
  }
}

type IntegerName = "int32" | "uint32" | "int64" | "uint64";

/** Numbers that arithmetic may have rounded are refused, like fractions. */
const ranges: Readonly<Record<IntegerName, readonly [lowest: number, highest: number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint64: [0, Number.MAX_SAFE_INTEGER],
};

function fits(scalar: IntegerName, value: unknown): value is number | bigint {
  if (typeof value === "bigint") {
    const bits = scalar.endsWith("32") ? 32 : 64;
    return value === (scalar.startsWith("u") ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value));
  }
  const [lowest, highest] = ranges[scalar];
  return typeof value === "number" && Number.isInteger(value) && value >= lowest && value <= highest;
}

/** Writes what announces a field. */
export function writeTag(buffer: BackBuffer, number: number, wireType: number): void {
  writeVarint(buffer, ((number << 3) | wireType) >>> 0);
}

function wrongValue({ owner, field }: Place, wanted: string): ProtobufError {
  return new ProtobufError(`proto: field ${owner.name}.${field.name} must be ${wanted}`);
}
