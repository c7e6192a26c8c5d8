import type { FieldRow } from "../schema/table-format.ts";
import type { StructSchema } from "../schema.ts";

/** The number of a field in its message. @throws {Error} when its type has no protobuf form */
export function numberOf(schema: StructSchema, row: FieldRow): number {
  if (row.pb === undefined) throw new Error(`${schema.name} has no protobuf form`);
  return row.pb;
}
