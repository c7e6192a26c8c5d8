import { expect, it } from "vitest";
import { decode } from "../testing/resource-cases.ts";
import { definitions } from "./catalog.ts";
import rows from "./data/table-rows.json" with { type: "json" };

/** An object as an API server of level v1.36 had it, and the row in which its table showed it at that time. */
interface RecordedRow {
  readonly group: string;
  readonly plural: string;
  readonly nowMs: number;
  readonly object: unknown;
  readonly cells: readonly unknown[];
  readonly conditions?: readonly unknown[];
}

it.each((rows as readonly RecordedRow[]).map((row) => [`${row.plural} ${JSON.stringify(row.cells)}`, row] as const))(
  "a table shows %s",
  (_name, { group, plural, nowMs, object, cells, conditions = [] }) => {
    const definition = definitions.find(
      ({ resource, table }) => resource.group === group && resource.plural === plural && table !== undefined,
    );
    const decoded = definition && decode(definition, object);
    expect(definition?.table?.row(decoded, { nowMs })).toEqual(cells);
    expect(definition?.table?.rowConditions?.(decoded) ?? []).toEqual(conditions);
  },
);
