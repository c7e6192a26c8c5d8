import type { StructSchema } from "../schema.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * The fields of the message for one of the three places of a JSON schema where something else than a schema may stand:
 * a list of schemas, a boolean, a list of names.
 */
export function fieldsOfForm({ fields, row }: StructSchema, value: unknown): Fields {
  if (value === null) return {};
  const [first, second] = fields.map((field) => field.name) as [string, string];
  if (row.jsonForm === "schemaOrBool")
    return typeof value === "boolean" ? { [first]: value } : { [first]: true, [second]: value };
  return { [Array.isArray(value) ? second : first]: value };
}

/** What stands in JSON for the fields of such a message. */
export function valueOfForm({ fields, row }: StructSchema, message: Fields): unknown {
  const [first, second] = fields.map((field) => message[field.name]);
  return row.jsonForm === "schemaOrBool" ? (second ?? first ?? false) : (second ?? first ?? null);
}
