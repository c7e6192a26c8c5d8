import type { ApiObject } from "../../api/metadata.ts";
import type { TableColumn, TableDefinition } from "../../printing/table.ts";
import { nameAndAgeTable } from "../../printing/table-columns.ts";
import type { ServedResource } from "../resource-table.ts";
import { partialMetadata } from "./partial-metadata.ts";

/** How much of each object a table carries beside its cells. */
export type IncludeObject = "None" | "Metadata" | "Object";

/** How tables of a kind are made for one client. */
export interface TableOptions {
  readonly version: "v1" | "v1beta1";
  readonly includeObject: IncludeObject;
  readonly nowMs: number;
}

/** Metadata of a list or a single object, as its table repeats it. */
export interface TableMetadata {
  readonly resourceVersion?: string | undefined;
  readonly continue?: string | undefined;
  readonly remainingItemCount?: number | undefined;
}

/** One row, as it stands in a table. */
export function tableRow(served: ServedResource, object: ApiObject, options: TableOptions): object {
  const definition = tableOf(served);
  const conditions = definition.rowConditions?.(object) ?? [];
  return {
    cells: definition.row(object, { nowMs: options.nowMs }),
    ...(conditions.length === 0 ? {} : { conditions }),
    object: included(object, options),
  };
}

/** A whole table. The columns are left out of all but the first table of a watch. */
export function renderTable(
  served: ServedResource,
  objects: readonly ApiObject[],
  metadata: TableMetadata,
  options: TableOptions & { readonly withColumns: boolean },
): object {
  return {
    kind: "Table",
    apiVersion: `meta.k8s.io/${options.version}`,
    metadata,
    columnDefinitions: options.withColumns ? columnDefinitions(served) : null,
    rows: objects.map((object) => tableRow(served, object, options)),
  };
}

/** The columns of a kind, as clients receive them. */
export function columnDefinitions(served: ServedResource): readonly Required<TableColumn>[] {
  return tableOf(served).columns.map(({ name, type, format = "", description = "", priority = 0 }) => ({
    name,
    type,
    format,
    description,
    priority,
  }));
}

/** A version without a table of its own is shown as the stored version would be. */
function tableOf({ definition, storedAs }: ServedResource): TableDefinition<ApiObject> {
  const { table, conversion } = definition;
  if (table !== undefined || conversion === undefined) return table ?? nameAndAgeTable;
  const stored: TableDefinition<ApiObject> = storedAs.definition.table ?? nameAndAgeTable;
  return { columns: stored.columns, row: (object, options) => stored.row(conversion.toStored(object), options) };
}

function included(object: ApiObject, { includeObject, version }: TableOptions): object | null {
  switch (includeObject) {
    case "None":
      return null;
    case "Object":
      return object;
    case "Metadata":
      return partialMetadata(object, version);
  }
}
