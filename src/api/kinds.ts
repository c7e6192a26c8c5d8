import { apiVersionOf } from "./resource.ts";
import type { KindRow, SubresourceRow } from "./schema/table-format.ts";
import { kindsTable } from "./schema/tables.ts";

export type { GroupVersionRow, KindRow, SubresourceRow } from "./schema/table-format.ts";

/** A row of the kinds table that has a path of its own. */
export type ServedKind = KindRow & Required<Pick<KindRow, "plural" | "singular" | "namespaced" | "verbs">>;

/** Every kind with a path that is served unless someone turns it off, in table order. */
export const servedKinds: readonly ServedKind[] = kindsTable.kinds.filter(
  (row): row is ServedKind => row.class === "object" && row.plural !== undefined && row.servedByDefault === true,
);

/** Every group-version, whether it has resources or not. */
export const groupVersions = kindsTable.groupVersions;

/** Every kind, served or not, by `apiVersion` and `kind`; undefined when no table has it. */
export function findKind(apiVersion: string, kind: string): KindRow | undefined {
  return kindsTable.kinds.find(
    (row) => row.kind === kind && (row.group === "*" || row.version === "*" || apiVersionOf(row) === apiVersion),
  );
}

/** Every kind that a type is published as; `*` in group and version stands for all of them. */
export function kindsOfType(type: string): readonly KindRow[] {
  return kindsTable.kinds.filter((row) => row.type === type);
}

/** A kind's sub-resource; undefined when it has none of that name. */
export function findSubresource(kind: KindRow, name: string): SubresourceRow | undefined {
  return kind.subresources?.find((row) => row.name === name);
}
