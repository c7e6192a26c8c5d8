/**
 * Protocol buffer messages described as data: a message is a table of numbered fields, and what a decoded message
 * looks like follows from its table, so that bytes and types cannot disagree.
 */

/** Values without parts, and how they are written. Source: Protocol Buffers documentation, "Encoding". */
const scalarWireTypes = {
  string: 2,
  bytes: 2,
  bool: 0,
  int32: 0,
  uint32: 0,
  int64: 0,
  uint64: 0,
  double: 1,
} as const;

export type ScalarName = keyof typeof scalarWireTypes;

/** Numbers of 64 bits are numbers where that is exact, else bigints. */
export interface ScalarValues {
  readonly string: string;
  readonly bytes: Uint8Array;
  readonly bool: boolean;
  readonly int32: number;
  readonly uint32: number;
  readonly int64: number | bigint;
  readonly uint64: number | bigint;
  readonly double: number;
}

/**
 * How often a field may come, and what its zero means:
 * - `one`: a zero is not written, and what is not there reads as zero (as proto3 has it); messages are undefined then.
 * - `optional`: undefined is not written, a zero is, and what is not there reads as undefined.
 * - `always`: written even when zero or undefined, and what is not there reads as zero; messages are complete then.
 * - `many`: a list.
 * - `packed`: a list of numbers, written in one piece. Both forms of lists are read for either.
 * - `map`: keys are texts. Read without prototype, written in the order of its keys.
 */
export type FieldForm = "one" | "optional" | "always" | "many" | "packed" | "map";

/** What a field carries. A function stands for a message that is described further down, or for one inside itself. */
export type FieldType = ScalarName | Message | Converted<unknown, unknown> | (() => Message);

/** A type with what stands for it found. */
export type ResolvedType = Exclude<FieldType, () => Message>;

/** Texts, bytes and messages are written with their length first. */
export const lengthDelimited = 2;

/** Finds the message that a function stands for. */
export function resolved(type: FieldType): ResolvedType {
  return typeof type === "function" ? type() : type;
}

/** How values of a type are written. */
export function wireTypeOf(type: ResolvedType): number {
  return typeof type === "string" ? scalarWireTypes[type] : lengthDelimited;
}

/** One field of a message. `Read` is what decoding gives, `Write` what encoding takes. */
export interface Field<Read = unknown, Write = unknown> {
  readonly number: number;
  readonly form: FieldForm;
  readonly type: FieldType;
  /** Only for the type checker: never set. */
  readonly types?: { readonly read: Read; readonly write: Write };
}

// oxlint-disable-next-line typescript/no-explicit-any -- any field, whatever it carries
export type FieldTable = Readonly<Record<string, Field<any, any>>>;

/** A message type. */
export interface Message<Fields extends FieldTable = FieldTable> {
  /** For error messages. */
  readonly name: string;
  readonly fields: Fields;
  /** By number, ascending: the order in which fields are written. */
  readonly ordered: readonly NamedField[];
  readonly byNumber: ReadonlyMap<number, NamedField>;
}

/** A field with its name in values. */
export interface NamedField extends Field {
  readonly name: string;
}

/** A message that has a handier form in values, such as a moment that is a text. */
export interface Converted<Read, Write> {
  readonly message: Message;
  /** Gets the zero message when the field is not there. */
  readonly fromMessage: (message: Readonly<Record<string, unknown>>) => Read;
  readonly toMessage: (value: Write) => Readonly<Record<string, unknown>>;
}

/** A decoded message: every field is there. */
export type Decoded<M> =
  M extends Message<infer Fields>
    ? { readonly [Name in keyof Fields]: Fields[Name] extends Field<infer Read, infer _Write> ? Read : never }
    : never;

/** What may be encoded: fields that are left out are zero. */
export type Encodable<M> =
  M extends Message<infer Fields>
    ? {
        readonly [Name in keyof Fields]?: Fields[Name] extends Field<infer _Read, infer Write>
          ? Write | undefined
          : never;
      }
    : never;

type ReadOf<Type> = Type extends ScalarName
  ? ScalarValues[Type]
  : Type extends Converted<infer Read, infer _Write>
    ? Read
    : Type extends () => infer Inner
      ? Decoded<Inner>
      : Decoded<Type>;

type WriteOf<Type> = Type extends ScalarName
  ? ScalarValues[Type]
  : Type extends Converted<infer _Read, infer Write>
    ? Write
    : Type extends () => infer Inner
      ? Encodable<Inner>
      : Encodable<Type>;

/** Only a message can be missing: every other type has a zero. */
type OneOf<Type> = Type extends ScalarName | Converted<infer _Read, infer _Write>
  ? ReadOf<Type>
  : ReadOf<Type> | undefined;

// oxlint-disable-next-line typescript/no-explicit-any -- any type, whatever its values are
type AnyType = ScalarName | Message | Converted<any, any> | (() => Message);

/**
 * Describes a message by its fields.
 * @throws {Error} when two fields have one number, or a number is out of range
 */
export function message<Fields extends FieldTable>(name: string, fields: Fields): Message<Fields> {
  const ordered = Object.entries(fields)
    .map(([fieldName, field]): NamedField => ({ ...field, name: fieldName }))
    .sort((a, b) => a.number - b.number);
  const byNumber = new Map(ordered.map((field) => [field.number, field]));
  if (byNumber.size !== ordered.length) throw new Error(`protobuf: two fields of ${name} have the same number`);
  for (const { number } of ordered)
    if (!(Number.isInteger(number) && number >= 1 && number <= maxFieldNumber))
      throw new Error(`protobuf: ${name} has no room for a field ${number}`);
  return { name, fields, ordered, byNumber };
}

/** Source: Protocol Buffers documentation, "Assigning Field Numbers". */
const maxFieldNumber = 2 ** 29 - 1;

/** A message that values show in another form. */
export function converted<M extends Message, Read, Write = Read>(
  type: M,
  fromMessage: (message: Decoded<M>) => Read,
  toMessage: (value: Write) => Encodable<M>,
): Converted<Read, Write> {
  return { message: type, fromMessage: fromMessage as Converted<Read, Write>["fromMessage"], toMessage };
}

/** A field that is zero when it is not there. */
export function one<Type extends AnyType>(number: number, type: Type): Field<OneOf<Type>, WriteOf<Type>> {
  return { number, form: "one", type };
}

/** A field that is undefined when it is not there. */
export function optional<Type extends AnyType>(
  number: number,
  type: Type,
): Field<ReadOf<Type> | undefined, WriteOf<Type>> {
  return { number, form: "optional", type };
}

/** A field that is written whatever its value. */
export function always<Type extends AnyType>(number: number, type: Type): Field<ReadOf<Type>, WriteOf<Type>> {
  return { number, form: "always", type };
}

/** A list. */
export function many<Type extends AnyType>(
  number: number,
  type: Type,
): Field<readonly ReadOf<Type>[], readonly WriteOf<Type>[]> {
  return { number, form: "many", type };
}

/** A list of numbers in one piece. */
export function packed<Type extends Exclude<ScalarName, "string" | "bytes">>(
  number: number,
  type: Type,
): Field<readonly ReadOf<Type>[], readonly WriteOf<Type>[]> {
  return { number, form: "packed", type };
}

/** A map from texts. */
export function mapOf<Type extends AnyType>(
  number: number,
  type: Type,
): Field<Readonly<Record<string, ReadOf<Type>>>, Readonly<Record<string, WriteOf<Type>>>> {
  return { number, form: "map", type };
}
