/**
 * Protocol buffer messages described as data. A message is a table of numbered fields; what a decoded message looks
 * like follows from its table, so wire format and types cannot disagree. proto3 rules: what has its zero value is not
 * written, and what was not written reads as zero (messages: undefined).
 */

/** How a single value is written. 64-bit numbers are bigint: nanoseconds since 1970 do not fit a number. */
export type ScalarName = "string" | "bytes" | "bool" | "int32" | "uint32" | "int64" | "uint64" | "double";

/** One field of a message. `Read` is what decoding gives, `Write` what encoding takes. */
export interface Field<Read, Write> {
  readonly number: number;
  readonly shape: FieldShape;
  /** Only for the type checker: never set. */
  readonly types?: { readonly read: Read; readonly write: Write };
}

export type FieldShape =
  | { readonly kind: "scalar"; readonly scalar: ScalarName }
  | { readonly kind: "scalars"; readonly scalar: ScalarName }
  | { readonly kind: "message"; readonly message: Message<FieldTable> }
  | { readonly kind: "messages"; readonly message: Message<FieldTable> }
  | { readonly kind: "stringMap" };

// oxlint-disable-next-line typescript/no-explicit-any -- any field, whatever it carries
export type FieldTable = Readonly<Record<string, Field<any, any>>>;

/** A message type. */
export interface Message<Table extends FieldTable> {
  readonly fields: Table;
  /** Names by field number, for decoding. */
  readonly names: ReadonlyMap<number, string>;
}

/** A decoded message: every field is there. */
export type Decoded<M> =
  M extends Message<infer Table>
    ? { readonly [Name in keyof Table]: Table[Name] extends Field<infer Read, unknown> ? Read : never }
    : never;

/** What may be encoded: fields that are left out are zero. */
export type Encodable<M> =
  M extends Message<infer Table>
    ? { readonly [Name in keyof Table]?: Table[Name] extends Field<unknown, infer Write> ? Write | undefined : never }
    : never;

/** Describes a message by its fields. */
export function message<Table extends FieldTable>(fields: Table): Message<Table> {
  return { fields, names: new Map(Object.entries(fields).map(([name, field]) => [field.number, name])) };
}

function scalar<Read, Write = Read>(name: ScalarName): (number: number) => Field<Read, Write> {
  return (number) => ({ number, shape: { kind: "scalar", scalar: name } });
}

export const string = scalar<string>("string");
export const bytes = scalar<Uint8Array>("bytes");
export const bool = scalar<boolean>("bool");
export const int32 = scalar<number>("int32");
export const uint32 = scalar<number>("uint32");
export const int64 = scalar<bigint, bigint | number>("int64");
export const uint64 = scalar<bigint, bigint | number>("uint64");
export const double = scalar<number>("double");
/** An enumeration: its number on the wire. */
export const enumeration = int32;

/** A list of strings. */
export const strings = (number: number): Field<readonly string[], readonly string[]> => ({
  number,
  shape: { kind: "scalars", scalar: "string" },
});

/** A list of 64-bit numbers. */
export const int64s = (number: number): Field<readonly bigint[], readonly (bigint | number)[]> => ({
  number,
  shape: { kind: "scalars", scalar: "int64" },
});

/** A list of 32-bit numbers. */
export const int32s = (number: number): Field<readonly number[], readonly number[]> => ({
  number,
  shape: { kind: "scalars", scalar: "int32" },
});

/** A map from strings to strings, without prototype when decoded. */
export const stringMap = (
  number: number,
): Field<Readonly<Record<string, string>>, Readonly<Record<string, string>>> => ({
  number,
  shape: { kind: "stringMap" },
});

/** A message inside a message. */
export const one = <M extends Message<FieldTable>>(
  number: number,
  of: M,
): Field<Decoded<M> | undefined, Encodable<M>> => ({ number, shape: { kind: "message", message: of } });

/** A list of messages. */
export const many = <M extends Message<FieldTable>>(
  number: number,
  of: M,
): Field<readonly Decoded<M>[], readonly Encodable<M>[]> => ({ number, shape: { kind: "messages", message: of } });
