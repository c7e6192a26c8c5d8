import type { SchemaRegistry } from "../../api/schema.ts";

/** Gives objects new fields without losing the order in which fields are written. */
export interface FieldOrder {
  /**
   * A copy of a struct with some fields changed, in written order; a field that is undefined is left out.
   * @param type `<group>.<version>.<Type>`, for example `core.v1.PodSpec`
   */
  withFields<T extends object>(type: string, object: T, changes: Partial<T>): T;
}

/** Creates the helper over the schemas of the server. */
export function createFieldOrder(schemas: SchemaRegistry): FieldOrder {
  return {
    withFields(type, object, changes) {
      const ordered: Record<string, unknown> = {};
      const merged: Record<string, unknown> = { ...object, ...changes };
      for (const { name } of schemas.struct(type).fields) {
        const value = merged[name];
        if (value !== undefined) ordered[name] = value;
      }
      return ordered as typeof object;
    },
  };
}
