import type { FieldRow, GroupVersionTable, TypeRow } from "./schema/table-format.ts";
import { groupVersionTables } from "./schema/tables.ts";

/** Names of the values that are not built from others; `v1.36/wellknown.json` says how each is written. */
export type ScalarName =
  | "string"
  | "bool"
  | "int32"
  | "int64"
  | "float64"
  | "bytes"
  | "quantity"
  | "intOrString"
  | "time"
  | "microTime"
  | "duration"
  | "rawExtension"
  | "fieldsV1"
  | "json"
  | "stringList";

/** The type of a field, list item or map value. */
export type FieldType =
  | { readonly kind: "scalar"; readonly scalar: ScalarName }
  | { readonly kind: "list"; readonly element: FieldType }
  | { readonly kind: "map"; readonly value: FieldType }
  | { readonly kind: "struct"; readonly struct: StructSchema };

/** One JSON field. */
export interface FieldSchema {
  readonly name: string;
  readonly type: FieldType;
  /**
   * What stands in a complete object when the value is zero or missing:
   * `omit` nothing, `null` null, `zero` the zero of its type (an empty struct is filled likewise).
   */
  readonly whenEmpty: "omit" | "null" | "zero";
  /** Absent and zero are different values. */
  readonly pointer: boolean;
  /** What upstream's type errors put before the name of a field that comes from an inlined struct: `VolumeSource.`. */
  readonly embedded: string;
  /** Every plain object seems to have a member of this name: ask for an own one. */
  readonly isInherited: boolean;
  /** The table row, for what only some readers need: protobuf numbers, patch strategy, list keys, OpenAPI. */
  readonly row: FieldRow;
}

/** An object type with its fields in the order in which they are written; inlined structs are flattened. */
export interface StructSchema {
  /** `<group>.<version>.<Type>`, for example `core.v1.PodSpec`. */
  readonly name: string;
  /** As upstream's messages name it, for example `v1.PodSpec`. */
  readonly goName: string;
  /** As published documents name it, for example `io.k8s.api.core.v1.PodSpec`. */
  readonly openapiName: string;
  /** Written with `kind` and `apiVersion` first. */
  readonly typeMeta: boolean;
  readonly fields: readonly FieldSchema[];
  readonly byName: ReadonlyMap<string, FieldSchema>;
  readonly inlined: readonly InlinedStruct[];
  readonly row: TypeRow;
}

/** A struct whose fields stand among those of another in JSON, but in a message of their own in protobuf. */
export interface InlinedStruct {
  readonly struct: StructSchema;
  /** Where its first field stands among those of the other. */
  readonly firstField: number;
  readonly row: FieldRow;
}

/** Looks up struct schemas by name. Compiled at first use and then shared. */
export interface SchemaRegistry {
  /**
   * The schema of `<group>.<version>.<Type>`.
   * @throws {Error} when no table has that type
   */
  struct(name: string): StructSchema;
  /** The values that a field may have, when the API publishes them as closed; `name` is that of `FieldRow.enum`. */
  enumValues(name: string): readonly string[] | undefined;
}

/** Creates a registry over tables; the default ones are those of API level v1.36. */
export function createSchemaRegistry(
  tables: Readonly<Record<string, GroupVersionTable>> = groupVersionTables,
): SchemaRegistry {
  const compiled = new Map<string, StructSchema>();

  const typeOf = (type: string): FieldType => {
    if (type.startsWith("[]")) return { kind: "list", element: typeOf(type.slice(2)) };
    if (type.startsWith("map[string]")) return { kind: "map", value: typeOf(type.slice("map[string]".length)) };
    if (!type.startsWith("ref:")) return { kind: "scalar", scalar: type as ScalarName };
    const name = type.slice("ref:".length);
    // A getter, because schemas such as JSONSchemaProps contain themselves.
    return {
      kind: "struct",
      get struct() {
        return struct(name);
      },
    };
  };

  const fieldsOf = (row: TypeRow): Pick<StructSchema, "fields" | "inlined"> => {
    const fields: FieldSchema[] = [];
    const inlined: InlinedStruct[] = [];
    for (const field of row.fields) {
      if (field.inline !== true) {
        fields.push(fieldOf(field, typeOf(field.type)));
        continue;
      }
      const name = field.type.slice("ref:".length);
      const embedded = `${name.slice(name.lastIndexOf(".") + 1)}.`;
      inlined.push({ struct: struct(name), firstField: fields.length, row: field });
      for (const inner of struct(name).fields) fields.push({ ...inner, embedded: embedded + inner.embedded });
    }
    return { fields, inlined };
  };

  const struct = (name: string): StructSchema => {
    const known = compiled.get(name);
    if (known !== undefined) return known;
    const dot = name.lastIndexOf(".");
    const table = tables[name.slice(0, dot)];
    const typeName = name.slice(dot + 1);
    const row = table?.types[typeName];
    if (table === undefined || row === undefined) throw new Error(`no schema for type ${name}`);
    const { fields, inlined } = fieldsOf(row);
    const schema: StructSchema = {
      name,
      goName: `${table.version}.${typeName}`,
      openapiName: `${table.openapiPrefix ?? table.file}.${typeName}`,
      typeMeta: row.typeMeta === true,
      fields,
      byName: new Map(fields.map((field) => [field.name, field])),
      inlined,
      row,
    };
    compiled.set(name, schema);
    return schema;
  };

  const enumValues = (name: string): readonly string[] | undefined => {
    const dot = name.lastIndexOf(".");
    const row = tables[name.slice(0, dot)]?.enums?.[name.slice(dot + 1)];
    return row?.closed === true ? row.values : undefined;
  };

  return { struct, enumValues };
}

function fieldOf(row: FieldRow, type: FieldType): FieldSchema {
  const name = row.name as string;
  return {
    name,
    type,
    whenEmpty: whenEmpty(row, type),
    pointer: row.ptr === true,
    embedded: "",
    isInherited: name in Object.prototype,
    row,
  };
}

const zeroWritten: ReadonlySet<ScalarName> = new Set(["quantity", "intOrString"]);
const zeroIsNull: ReadonlySet<ScalarName> = new Set(["time", "microTime", "rawExtension", "fieldsV1", "json"]);

/** A list that upstream shows as null when it is absent, but that every valid object has: here it is an empty one. */
function isNeverNull(row: FieldRow): boolean {
  return row.name === "containers" && row.type === "[]ref:core.v1.Container";
}

function whenEmpty(row: FieldRow, type: FieldType): FieldSchema["whenEmpty"] {
  if (isNeverNull(row)) return "zero";
  const isCollection = type.kind === "list" || type.kind === "map";
  if (row.always === true) {
    if (row.ptr === true || isCollection) return "null";
    if (
      type.kind === "scalar" &&
      (zeroIsNull.has(type.scalar) || type.scalar === "stringList" || type.scalar === "bytes")
    )
      return "null";
    return "zero";
  }
  if (row.ptr === true || row.omitzero === true || isCollection) return "omit";
  if (type.kind === "struct") return "zero";
  if (zeroWritten.has(type.scalar)) return "zero";
  return zeroIsNull.has(type.scalar) ? "null" : "omit";
}
