import { humanAge } from "./duration.ts";
import type { TableColumn, TableDefinition } from "./table.ts";

/** The column that identifies the row. */
export const nameColumn: TableColumn = { name: "Name", type: "string", format: "name" };

/** Time since the object was created. */
export const ageColumn: TableColumn = { name: "Age", type: "string" };

/** A column of text; shown by `-o wide` only when `priority` is 1. */
export function textColumn(name: string, priority = 0): TableColumn {
  return priority === 0 ? { name, type: "string" } : { name, type: "string", priority };
}

/** A column of whole numbers. */
export function integerColumn(name: string): TableColumn {
  return { name, type: "integer" };
}

/** A column of yes or no. */
export function booleanColumn(name: string): TableColumn {
  return { name, type: "boolean" };
}

/** What tables need of an object's metadata. */
interface Dated {
  readonly metadata: { readonly name?: string; readonly creationTimestamp?: string | null };
}

/** Time since an object was created. */
export function objectAge(object: Dated, nowMs: number): string {
  return humanAge(object.metadata.creationTimestamp, nowMs);
}

/** Name and age: the table of kinds that have nothing more to show. */
export const nameAndAgeTable: TableDefinition<Dated> = {
  columns: [nameColumn, ageColumn],
  row: (object, { nowMs }) => [object.metadata.name ?? "", objectAge(object, nowMs)],
};

/** Name and time of creation: the table of kinds for which nobody has made one. */
export const nameAndCreationTable: TableDefinition<Dated> = {
  columns: [nameColumn, { name: "Created At", type: "date" }],
  row: (object) => [object.metadata.name ?? "", object.metadata.creationTimestamp ?? ""],
};
