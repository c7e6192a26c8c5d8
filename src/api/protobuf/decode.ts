import { type Cursor, countMember, readBytes, readDouble, readEnd, readText, readVarint, skipField } from "./cursor.ts";
import {
  lengthDelimited,
  type Message,
  type NamedField,
  type ResolvedType,
  resolved,
  type ScalarName,
  wireTypeOf,
} from "./message.ts";
import { ProtobufError } from "./protobuf-error.ts";

/** What a field reads as that is not there. */
const zeroScalars = {
  string: "",
  bool: false,
  int32: 0,
  uint32: 0,
  int64: 0,
  uint64: 0,
  double: 0,
} as const;

type Values = Record<string, unknown>;

/** Reads the fields up to the cursor's end. Unknown ones are passed over, and `depth` more levels may follow. */
export function readMessage(cursor: Cursor, type: Message, depth: number): Values {
  const values = zeroMessage(type);
  mergeMessage(cursor, type, values, depth);
  return values;
}

function mergeMessage(cursor: Cursor, type: Message, values: Values, depth: number): void {
  if (depth < 0) throw new ProtobufError("proto: exceeded max depth");
  while (cursor.at < cursor.end) {
    const tag = readVarint(cursor);
    const wireType = Number(tag) & 7;
    const number = fieldNumber(type.name, tag);
    const field = type.byNumber.get(number);
    if (field === undefined) skipField(cursor, wireType);
    else readField(cursor, field, wireType, values, depth);
  }
}

/** The number of the field that a tag announces. `message` is for the error. */
export function fieldNumber(message: string, tag: number | bigint): number {
  if (typeof tag === "number" && tag >= 8 && tag < 2 ** 32 && (tag & 7) !== 4) return tag >>> 3;
  const wire = BigInt(tag);
  if ((wire & 7n) === 4n) throw new ProtobufError(`proto: ${message}: wiretype end group for non-group`);
  const number = Number(BigInt.asIntN(32, wire >> 3n));
  if (number <= 0) throw new ProtobufError(`proto: ${message}: illegal tag ${number} (wire type ${wire})`);
  return number;
}

function readField(cursor: Cursor, field: NamedField, wireType: number, values: Values, depth: number): void {
  const { name, form } = field;
  const type = resolved(field.type);
  const expected = form === "map" ? lengthDelimited : wireTypeOf(type);
  if (form === "many" || form === "packed") {
    const list = values[name] as unknown[];
    if (wireType === expected) list.push(readValue(cursor, type, depth));
    else if (wireType === lengthDelimited) readPacked(cursor, type, list, depth);
    else throw wrongWireType(wireType, name);
    return;
  }
  if (wireType !== expected) throw wrongWireType(wireType, name);
  if (form === "map") readMapEntry(cursor, type, values[name] as Values, depth);
  else if (typeof type === "string" || "message" in type) values[name] = readValue(cursor, type, depth);
  else readOneMessage(cursor, type, values, name, depth);
}

/** A message that comes in pieces is the sum of them. */
function readOneMessage(cursor: Cursor, type: Message, values: Values, name: string, depth: number): void {
  countMember(cursor);
  const known = (values[name] as Values | undefined) ?? zeroMessage(type);
  within(cursor, () => mergeMessage(cursor, type, known, depth - 1));
  values[name] = known;
}

function readPacked(cursor: Cursor, type: ResolvedType, list: unknown[], depth: number): void {
  within(cursor, () => {
    while (cursor.at < cursor.end) list.push(readValue(cursor, type, depth));
  });
}

function readMapEntry(cursor: Cursor, type: ResolvedType, map: Values, depth: number): void {
  let key = "";
  let value: unknown;
  within(cursor, () => {
    while (cursor.at < cursor.end) {
      const tag = Number(readVarint(cursor));
      if (tag === entryKeyTag) key = readText(cursor);
      else if (tag === (entryValueNumber << 3) + wireTypeOf(type)) value = readValue(cursor, type, depth);
      else skipField(cursor, tag & 7);
    }
  });
  map[key] = value ?? zeroValue(type);
}

/** Source: Protocol Buffers documentation, "Maps". */
const entryKeyTag = (1 << 3) + lengthDelimited;
const entryValueNumber = 2;

function readValue(cursor: Cursor, type: ResolvedType, depth: number): unknown {
  countMember(cursor);
  if (typeof type === "string") return readScalar(cursor, type);
  const isConverted = "message" in type;
  const read = within(cursor, () => readMessage(cursor, isConverted ? type.message : type, depth - 1));
  return isConverted ? type.fromMessage(read) : read;
}

/** Reads a value without parts. */
export function readScalar(cursor: Cursor, scalar: ScalarName): unknown {
  switch (scalar) {
    case "string":
      return readText(cursor);
    case "bytes":
      // Not its own way to copy, because a Node buffer's shares memory.
      return new Uint8Array(readBytes(cursor));
    case "bool":
      return Number(readVarint(cursor)) !== 0;
    case "int32":
      return lowBits(readVarint(cursor)) | 0;
    case "uint32":
      return lowBits(readVarint(cursor)) >>> 0;
    case "int64": {
      const value = readVarint(cursor);
      return typeof value === "number" ? value : numberIfExact(BigInt.asIntN(64, value));
    }
    case "uint64": {
      const value = readVarint(cursor);
      return typeof value === "number" ? value : numberIfExact(value);
    }
    case "double":
      return readDouble(cursor);
  }
}

function lowBits(value: number | bigint): number {
  return typeof value === "number" ? value : Number(BigInt.asUintN(32, value));
}

function numberIfExact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Reads a length, and then lets `read` see no more than that. */
function within<T>(cursor: Cursor, read: () => T): T {
  const end = readEnd(cursor);
  const outerEnd = cursor.end;
  cursor.end = end;
  const result = read();
  cursor.end = outerEnd;
  return result;
}

function zeroMessage(type: Message): Values {
  const values: Values = {};
  for (const field of type.ordered) values[field.name] = zeroField(field);
  return values;
}

function zeroField({ form, type }: NamedField): unknown {
  if (form === "many" || form === "packed") return [];
  if (form === "map") return Object.create(null);
  if (form === "optional") return undefined;
  const known = resolved(type);
  return form === "one" && typeof known === "object" && "fields" in known ? undefined : zeroValue(known);
}

function zeroValue(type: ResolvedType): unknown {
  if (type === "bytes") return new Uint8Array(0);
  if (typeof type === "string") return zeroScalars[type];
  return "message" in type ? type.fromMessage(zeroMessage(type.message)) : zeroMessage(type);
}

/** A field that has the number of a known one, but is written in another way. */
export function wrongWireType(wireType: number, field: string): ProtobufError {
  return new ProtobufError(`proto: wrong wireType = ${wireType} for field ${field}`);
}
