import { putField, zeroOf } from "../decode/completion.ts";
import { type Cursor, countMember, readEnd, readText, readVarint, skipField } from "../protobuf/cursor.ts";
import { fieldNumber, wrongWireType } from "../protobuf/decode.ts";
import { lengthDelimited } from "../protobuf/message.ts";
import { ProtobufError } from "../protobuf/protobuf-error.ts";
import type { FieldSchema, FieldType, StructSchema } from "../schema.ts";
import { compareUtf8 } from "../utf8.ts";
import { numberOf } from "./field-number.ts";
import { scalarForms } from "./scalar-forms.ts";
import { valueOfForm } from "./schema-forms.ts";

type Fields = Record<string, unknown>;

/**
 * What was read of a struct: a value for each field of its schema, undefined where nothing came. Structs inside are
 * parts likewise. Only what has been read to its end is completed, because a message may come in pieces.
 */
type Parts = unknown[];

/** Reads one field of a message into the parts from `first` on. */
type ReadField = (cursor: Cursor, wireType: number, parts: Parts, first: number, depth: number) => void;

/** How structs of one schema are read. */
interface StructReader {
  readonly schema: StructSchema;
  /** By number. */
  readonly fields: readonly (ReadField | undefined)[];
  /** The parts of a struct of which nothing was read. */
  readonly nothing: readonly undefined[];
  /** Turns the parts of each field into its value; undefined where they are that already. */
  readonly finish: readonly (((part: unknown) => unknown) | undefined)[];
}

/** Made once for each schema, and as long-lived as it. */
const readers = new WeakMap<StructSchema, StructReader>();

/**
 * Reads a message up to the cursor's end, as a complete object of a schema but for kind and version. Unknown fields are
 * passed over, and `depth` more levels may follow.
 * @throws {ProtobufError} @throws {DecodeError} when a value is none of the API's
 */
export function readStruct(cursor: Cursor, schema: StructSchema, depth: number): Fields {
  const reader = readerOf(schema);
  const parts = emptyParts(reader);
  readParts(cursor, reader, parts, 0, depth);
  return finishStruct(reader, parts);
}

function readerOf(schema: StructSchema): StructReader {
  let reader = readers.get(schema);
  if (reader === undefined) {
    reader = compileStruct(schema);
    readers.set(schema, reader);
  }
  return reader;
}

/** Schemas contain others, and some themselves: each is compiled only when the first of its values is read. */
function atFirstUse(schema: StructSchema): () => StructReader {
  let reader: StructReader | undefined;
  return () => (reader ??= readerOf(schema));
}

function compileStruct(schema: StructSchema): StructReader {
  const fields: (ReadField | undefined)[] = [];
  for (const [index, field] of schema.fields.entries())
    if (field.embedded === "") fields[numberOf(schema, field.row)] = fieldReader(field, index);
  for (const { struct, firstField, row } of schema.inlined)
    fields[numberOf(schema, row)] = inlinedReader(struct, firstField, row.pbName ?? struct.name);
  return {
    schema,
    fields: Array.from(fields),
    nothing: schema.fields.map(() => undefined),
    finish: schema.fields.map(({ type }) => finisher(type)),
  };
}

function emptyParts({ nothing }: StructReader): Parts {
  return nothing.slice();
}

function readParts(cursor: Cursor, reader: StructReader, parts: Parts, first: number, depth: number): void {
  if (depth < 0) throw new ProtobufError("proto: exceeded max depth");
  const { fields } = reader;
  while (cursor.at < cursor.end) {
    const tag = readVarint(cursor);
    const wireType = Number(tag) & 7;
    const read = fields[fieldNumber(reader.schema.name, tag)];
    if (read === undefined) skipField(cursor, wireType);
    else read(cursor, wireType, parts, first, depth);
  }
}

function finishStruct({ schema, finish }: StructReader, parts: Parts): Fields {
  const object: Fields = {};
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index];
    const toValue = part === undefined ? undefined : finish[index];
    putField(object, schema.fields[index] as FieldSchema, toValue === undefined ? part : toValue(part));
  }
  return object;
}

function fieldReader({ name, type }: FieldSchema, index: number): ReadField {
  switch (type.kind) {
    case "list":
      return listReader(name, type.element, index);
    case "map":
      return mapReader(name, type.value, index);
    case "struct": {
      const readerOfInner = atFirstUse(type.struct);
      return (cursor, wireType, parts, first, depth) => {
        if (wireType !== lengthDelimited) throw wrongWireType(wireType, name);
        const reader = readerOfInner();
        const inner = (parts[first + index] ??= emptyParts(reader)) as Parts;
        readInner(cursor, reader, inner, 0, depth);
      };
    }
    case "scalar": {
      const form = scalarForms[type.scalar];
      return (cursor, wireType, parts, first) => {
        if (wireType !== form.wireType) throw wrongWireType(wireType, name);
        parts[first + index] = form.read(cursor);
      };
    }
  }
}

/** A message whose fields stand among those of the one that it is in. */
function inlinedReader(struct: StructSchema, firstField: number, name: string): ReadField {
  const readerOfInner = atFirstUse(struct);
  return (cursor, wireType, parts, first, depth) => {
    if (wireType !== lengthDelimited) throw wrongWireType(wireType, name);
    readInner(cursor, readerOfInner(), parts, first + firstField, depth);
  };
}

/** Reads the length of a message, and the message. */
function readInner(cursor: Cursor, reader: StructReader, parts: Parts, first: number, depth: number): void {
  countMember(cursor);
  const outerEnd = cursor.end;
  cursor.end = readEnd(cursor);
  readParts(cursor, reader, parts, first, depth - 1);
  cursor.end = outerEnd;
}

/** Numbers may also come packed: many in one piece. */
function listReader(name: string, element: FieldType, index: number): ReadField {
  const item = valueReader(element);
  return (cursor, wireType, parts, first, depth) => {
    const list = (parts[first + index] ??= []) as unknown[];
    if (wireType === item.wireType) {
      list.push(item.read(cursor, depth));
      return;
    }
    if (wireType !== lengthDelimited) throw wrongWireType(wireType, name);
    const outerEnd = cursor.end;
    cursor.end = readEnd(cursor);
    while (cursor.at < cursor.end) list.push(item.read(cursor, depth));
    cursor.end = outerEnd;
  };
}

/** Source: Protocol Buffers documentation, "Maps". */
const keyTag = (1 << 3) | lengthDelimited;
const valueNumber = 2;

function mapReader(name: string, type: FieldType, index: number): ReadField {
  const item = valueReader(type);
  const valueTag = (valueNumber << 3) | item.wireType;
  return (cursor, wireType, parts, first, depth) => {
    if (wireType !== lengthDelimited) throw wrongWireType(wireType, name);
    const map = (parts[first + index] ??= Object.create(null)) as Fields;
    const outerEnd = cursor.end;
    cursor.end = readEnd(cursor);
    let key = "";
    let value: unknown;
    while (cursor.at < cursor.end) {
      const tag = Number(readVarint(cursor));
      if (tag === keyTag) key = readText(cursor);
      else if (tag === valueTag) value = item.read(cursor, depth);
      else skipField(cursor, tag & 7);
    }
    cursor.end = outerEnd;
    map[key] = value ?? item.zero();
  };
}

/** How a member of a list or map is read. */
interface ValueReader {
  readonly wireType: number;
  read(cursor: Cursor, depth: number): unknown;
  /** What a member of a map is whose value is not there. */
  zero(): unknown;
}

function valueReader(type: FieldType): ValueReader {
  if (type.kind === "struct") {
    const readerOfItem = atFirstUse(type.struct);
    return {
      wireType: lengthDelimited,
      read(cursor, depth) {
        const reader = readerOfItem();
        const parts = emptyParts(reader);
        readInner(cursor, reader, parts, 0, depth);
        return parts;
      },
      zero: () => emptyParts(readerOfItem()),
    };
  }
  if (type.kind !== "scalar") throw new Error("lists and maps inside lists and maps have no protobuf form");
  const { wireType, read } = scalarForms[type.scalar];
  return {
    wireType,
    read(cursor) {
      countMember(cursor);
      return read(cursor);
    },
    zero: () => (type.scalar === "bytes" ? "" : zeroOf(type)),
  };
}

function finisher(type: FieldType): ((part: unknown) => unknown) | undefined {
  switch (type.kind) {
    case "scalar":
      return undefined;
    case "struct": {
      const { struct } = type;
      const isForm = struct.row.jsonForm !== undefined;
      const readerOfInner = atFirstUse(struct);
      return (parts) => {
        const object = finishStruct(readerOfInner(), parts as Parts);
        return isForm ? valueOfForm(struct, object) : object;
      };
    }
    case "list": {
      const finishItem = finisher(type.element);
      return finishItem === undefined ? undefined : (list) => (list as readonly unknown[]).map(finishItem);
    }
    case "map":
      return (map) => finishMap(map as Fields, finisher(type.value));
  }
}

/** Maps stand in byte order of their keys. */
function finishMap(map: Readonly<Fields>, finishValue: ((part: unknown) => unknown) | undefined): Fields {
  const finished: Fields = Object.create(null);
  for (const key of Object.keys(map).sort(compareUtf8))
    finished[key] = finishValue === undefined ? map[key] : finishValue(map[key]);
  return finished;
}
