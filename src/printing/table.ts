/** A column of a server-side table. Source: Kubernetes API concepts, "Receiving resources as Tables". */
export interface TableColumn {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean" | "date";
  /** `name` marks the column that identifies the row. */
  readonly format?: "" | "name";
  /** 0 shows always, 1 with `-o wide`. Default 0. */
  readonly priority?: number;
  /** What the column shows, in a sentence. */
  readonly description?: string;
}

export type TableCell = string | number | boolean | null;

/** How objects of one kind are shown as rows: `row` gives a cell for each of `columns`. */
export interface TableDefinition<T> {
  readonly columns: readonly TableColumn[];
  readonly row: (object: T, context: { readonly nowMs: number }) => readonly TableCell[];
  /** What clients should know of a row beside its cells. Default: nothing. */
  readonly rowConditions?: (object: T) => readonly TableRowCondition[];
}

/** Says that a row's object will not change any more. */
export interface TableRowCondition {
  readonly type: "Completed";
  readonly status: "True";
  readonly reason: string;
  readonly message: string;
}
