import { encodeJson, encodeJsonBytes } from "../../api/json.ts";
import type { ApiObject } from "../../api/metadata.ts";
import { inVersion } from "../object-version.ts";
import type { ListPage } from "../read/list.ts";
import type { ServedResource } from "../resource-table.ts";
import type { StoredObject } from "../stored-object.ts";
import type { Transform } from "./negotiate.ts";
import { partialMetadata } from "./partial-metadata.ts";
import { columnDefinitions, type IncludeObject, type TableMetadata, tableRow } from "./table.ts";

/** How a list is written. */
export interface ListForm {
  readonly as: Transform | undefined;
  readonly includeObject: IncludeObject;
  readonly pretty: boolean;
  readonly nowMs: number;
}

const encoder = new TextEncoder();
const comma = encoder.encode(",");
const brace = encoder.encode("{");

/**
 * The bytes of a list, in parts: objects go out as they are stored, so that a long list costs no more than copying.
 * Nothing is made before it is asked for.
 */
export function* renderList(served: ServedResource, page: ListPage, form: ListForm): Generator<Uint8Array> {
  const { opening, closing, itemsOf } = frameOf(served, page, form);
  yield encoder.encode(opening);
  let isFirst = true;
  for (const object of page.objects) {
    if (!isFirst) yield form.pretty ? prettyComma : comma;
    isFirst = false;
    yield* itemsOf(inVersion(served, object));
  }
  yield encoder.encode(closing);
}

/** A list as one value, for forms that are not made of stored bytes. */
export function listValue(served: ServedResource, page: ListPage, form: ListForm): object {
  const renderItem = itemValue(served, form);
  return {
    ...headerOf(served, page, form),
    [form.as?.kind === "Table" ? "rows" : "items"]: page.objects.map((object) =>
      renderItem(inVersion(served, object).value),
    ),
  };
}

interface Frame {
  readonly opening: string;
  readonly closing: string;
  itemsOf(object: StoredObject): Iterable<Uint8Array>;
}

const indent = "    ";
const prettyComma = encoder.encode(`,\n${indent}`);

function frameOf(served: ServedResource, page: ListPage, form: ListForm): Frame {
  const { as, pretty } = form;
  const header = headerOf(served, page, form);
  const field = as?.kind === "Table" ? "rows" : "items";
  if (!pretty && as === undefined) return plainFrame(served, header);
  const renderItem = itemValue(served, form);
  if (!pretty)
    return {
      opening: `${encodeJson(header).slice(0, -1)},"${field}":[`,
      closing: "]}\n",
      itemsOf: (object) => [encodeJsonBytes(renderItem(object.value))],
    };
  const isEmpty = page.objects.length === 0;
  return {
    opening: `${JSON.stringify(header, undefined, 2).slice(0, -2)},\n  "${field}": [${isEmpty ? "" : `\n${indent}`}`,
    closing: isEmpty ? "]\n}" : "\n  ]\n}",
    itemsOf: (object) => [encoder.encode(prettyJson(renderItem(object.value)).replaceAll("\n", `\n${indent}`))],
  };
}

function headerOf(served: ServedResource, page: ListPage, { as }: ListForm): object {
  return {
    kind: as === undefined ? listKind(served) : as.kind,
    apiVersion: as === undefined ? served.apiVersion : `meta.k8s.io/${as.version}`,
    metadata: listMetadata(page),
    ...(as?.kind === "Table" ? { columnDefinitions: columnDefinitions(served) } : {}),
  };
}

/** Stored objects begin with kind and version, which the items of a list leave out. */
function plainFrame(served: ServedResource, header: object): Frame {
  const skipped = encoder.encode(typePrefix(served)).length;
  return {
    opening: `${encodeJson(header).slice(0, -1)},"items":[`,
    closing: "]}\n",
    itemsOf: ({ bytes }) => [brace, bytes.subarray(skipped)],
  };
}

function typePrefix(served: ServedResource): string {
  return `{"kind":${JSON.stringify(served.resource.kind)},"apiVersion":${JSON.stringify(served.apiVersion)},`;
}

function itemValue(served: ServedResource, form: ListForm): (object: ApiObject) => object {
  const { as, includeObject, nowMs } = form;
  if (as?.kind === "Table") return (object) => tableRow(served, object, { version: as.version, includeObject, nowMs });
  if (as !== undefined) return (object) => partialMetadata(object, as.version);
  return ({ kind: _kind, apiVersion: _apiVersion, ...item }) => item;
}

/** Indented JSON, bigints as integers. */
export function prettyJson(value: object): string {
  return JSON.stringify(JSON.parse(encodeJson(value)), undefined, 2);
}

export function listKind(served: ServedResource): string {
  return served.row.listKind ?? `${served.resource.kind}List`;
}

/** The metadata of a page, fields in written order. */
export function listMetadata(page: ListPage): TableMetadata {
  return {
    ...(page.revision === 0 ? {} : { resourceVersion: String(page.revision) }),
    ...(page.continue === undefined ? {} : { continue: page.continue }),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
  };
}
