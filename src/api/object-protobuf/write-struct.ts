import { zeroScalars } from "../decode/scalars.ts";
import { type BackBuffer, writeText, writeVarint, writtenBytes } from "../protobuf/back-buffer.ts";
import { writeTag } from "../protobuf/encode.ts";
import { lengthDelimited } from "../protobuf/message.ts";
import { ProtobufError } from "../protobuf/protobuf-error.ts";
import type { FieldSchema, FieldType, StructSchema } from "../schema.ts";
import { compareUtf8 } from "../utf8.ts";
import { numberOf } from "./field-number.ts";
import { scalarForms } from "./scalar-forms.ts";
import { fieldsOfForm } from "./schema-forms.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Writes a value before all that is written; `depth` more levels of messages may follow. */
type Write<Value> = (buffer: BackBuffer, value: Value, depth: number) => void;

/** Made once for each schema, and as long-lived as it. */
const writers = new WeakMap<StructSchema, Write<Fields>>();

/**
 * Writes the fields of a complete object, but for kind and version.
 * @throws {ProtobufError} when it has too many levels
 * @throws {Error} when its type has no protobuf form
 */
export function writeStruct(buffer: BackBuffer, schema: StructSchema, object: Fields, depth: number): void {
  writerOf(schema)(buffer, object, depth);
}

function writerOf(schema: StructSchema): Write<Fields> {
  let write = writers.get(schema);
  if (write === undefined) {
    write = compileStruct(schema);
    writers.set(schema, write);
  }
  return write;
}

function compileStruct(schema: StructSchema): Write<Fields> {
  const own = schema.fields.filter((field) => field.embedded === "");
  const members = [
    ...own.map((field) => ({ number: numberOf(schema, field.row), write: fieldWriter(schema, field) })),
    ...schema.inlined.map(({ struct, row }) => ({
      number: numberOf(schema, row),
      write: tagged(numberOf(schema, row), structWriter(struct)),
    })),
  ];
  // From the last to the first, because what is written last stands first.
  const writes = members.sort((a, b) => b.number - a.number).map(({ write }) => write);
  return (buffer, object, depth) => {
    if (depth < 0) throw new ProtobufError("proto: exceeded max depth");
    for (const write of writes) write(buffer, object, depth);
  };
}

function fieldWriter(schema: StructSchema, field: FieldSchema): Write<Fields> {
  const { name, type } = field;
  const number = numberOf(schema, field.row);
  switch (type.kind) {
    case "list":
      return listWriter(name, tagged(number, valueWriter(type.element)), zeroOf(type.element));
    case "map":
      return mapWriter(name, number, type.value);
    default: {
      const write = tagged(number, valueWriter(type));
      const zero = field.pointer ? undefined : zeroOf(type);
      return (buffer, object, depth) => {
        const value = object[name] ?? zero;
        if (value !== undefined) write(buffer, value, depth);
      };
    }
  }
}

/** What is written where a value is missing that is no pointer: nothing for what Go counts as nil. */
function zeroOf(type: FieldType): unknown {
  if (type.kind !== "scalar") return noFields;
  switch (type.scalar) {
    case "bytes":
    case "stringList":
      return undefined;
    default:
      return zeroScalars[type.scalar];
  }
}

const noFields: Fields = Object.freeze({});

function listWriter(name: string, writeItem: Write<unknown>, zero: unknown): Write<Fields> {
  return (buffer, object, depth) => {
    const list = object[name] as readonly unknown[] | undefined | null;
    if (list === undefined || list === null) return;
    for (let index = list.length - 1; index >= 0; index -= 1) writeItem(buffer, list[index] ?? zero, depth);
  };
}

/** Source: Protocol Buffers documentation, "Maps". */
const keyNumber = 1;
const valueNumber = 2;

function mapWriter(name: string, number: number, type: FieldType): Write<Fields> {
  const writeValue = tagged(valueNumber, valueWriter(type));
  const zero = zeroOf(type);
  return (buffer, object, depth) => {
    const map = object[name] as Fields | undefined | null;
    if (map === undefined || map === null) return;
    const keys = Object.keys(map);
    if (keys.length > 1) keys.sort(compareUtf8);
    for (let index = keys.length - 1; index >= 0; index -= 1) {
      const key = keys[index] as string;
      const value = map[key] ?? zero;
      const before = writtenBytes(buffer);
      if (value !== undefined) writeValue(buffer, value, depth);
      writeText(buffer, key);
      writeTag(buffer, keyNumber, lengthDelimited);
      writeVarint(buffer, writtenBytes(buffer) - before);
      writeTag(buffer, number, lengthDelimited);
    }
  };
}

/** How one value is written, with its length but without its tag. */
interface ValueWriter {
  readonly wireType: number;
  readonly write: Write<never>;
}

function tagged<Value>(number: number, { wireType, write }: ValueWriter): Write<Value> {
  return (buffer, value, depth) => {
    write(buffer, value as never, depth);
    writeTag(buffer, number, wireType);
  };
}

function valueWriter(type: FieldType): ValueWriter {
  if (type.kind === "scalar") return scalarForms[type.scalar];
  if (type.kind !== "struct") throw new Error("lists and maps inside lists and maps have no protobuf form");
  return structWriter(type.struct);
}

function structWriter(struct: StructSchema): ValueWriter {
  const isForm = struct.row.jsonForm !== undefined;
  // Schemas contain others, and some themselves: each is compiled only when the first of its values is written.
  let writeFields: Write<Fields> | undefined;
  return {
    wireType: lengthDelimited,
    write(buffer: BackBuffer, value: Fields, depth: number) {
      const before = writtenBytes(buffer);
      writeFields ??= writerOf(struct);
      writeFields(buffer, isForm && value !== noFields ? fieldsOfForm(struct, value) : value, depth - 1);
      writeVarint(buffer, writtenBytes(buffer) - before);
    },
  };
}
