import { zeroOf } from "../../api/decode.ts";
import { encodeJson, encodeJsonBytes } from "../../api/json.ts";
import type { ApiObject } from "../../api/metadata.ts";
import type { StatusError } from "../../api/status-error.ts";
import { inVersion } from "../object-version.ts";
import type { ServedResource } from "../resource-table.ts";
import type { WatchedEvent } from "../watch-cache/change.ts";
import type { WatchBatch } from "../watch-cache/watcher.ts";
import { concatBytes } from "./bytes.ts";
import type { Transform } from "./negotiate.ts";
import { partialMetadata } from "./partial-metadata.ts";
import { type IncludeObject, renderTable } from "./table.ts";

/** How one watch is written. */
export interface WatchForm {
  readonly as: Transform | undefined;
  readonly includeObject: IncludeObject;
}

/** Writes the events of a watch. What is equal for several watches is made once and shared. */
export interface WatchEncoder {
  encode(batch: WatchBatch): Uint8Array;
  bookmark(revision: number, isInitialEnd: boolean): Uint8Array;
}

const initialEndAnnotation = "k8s.io/initial-events-end";
const encoder = new TextEncoder();
const closing = encoder.encode("}\n");
const newline = encoder.encode("\n");

/** Creates the encoder of one watch. */
export function createWatchEncoder(served: ServedResource, form: WatchForm, nowMs: () => number): WatchEncoder {
  const id = [served.apiVersion, form.as?.kind ?? "", form.as?.version ?? "", form.includeObject].join(" ");
  const isTable = form.as?.kind === "Table";
  /** The first table of each watch has the columns. */
  let needsColumns = isTable;

  const rendered = (type: string, object: ApiObject, withColumns: boolean): Uint8Array =>
    encodeJsonBytes({ type, object: transform(served, object, form, nowMs(), withColumns) });
  const frame = (event: WatchedEvent): Uint8Array => {
    let bytes = event.frames.get(id);
    if (bytes === undefined) {
      const object = inVersion(served, event.object);
      bytes =
        form.as === undefined
          ? plainFrame(event.type, object.bytes)
          : withNewline(rendered(event.type, object.value, false));
      event.frames.set(id, bytes);
    }
    return bytes;
  };
  const first = ({ type, object }: WatchedEvent): Uint8Array => {
    needsColumns = false;
    return withNewline(rendered(type, inVersion(served, object).value, true));
  };

  return {
    encode(batch) {
      if (needsColumns)
        return concatBytes(batch.events.map((event, index) => (index === 0 ? first(event) : frame(event))));
      let bytes = batch.frames.get(id);
      if (bytes === undefined) {
        bytes = concatBytes(batch.events.map(frame));
        batch.frames.set(id, bytes);
      }
      return bytes;
    },
    bookmark(revision, isInitialEnd) {
      const withColumns = needsColumns;
      needsColumns = false;
      return withNewline(rendered("BOOKMARK", bookmarkObject(served, revision, isInitialEnd), withColumns));
    },
  };
}

/** The last event of a watch that failed. */
export function errorFrame(error: StatusError): Uint8Array {
  return encoder.encode(`${encodeJson({ type: "ERROR", object: error.status })}\n`);
}

function plainFrame(type: string, bytes: Uint8Array): Uint8Array {
  return concatBytes([encoder.encode(`{"type":"${type}","object":`), bytes, closing]);
}

function withNewline(bytes: Uint8Array): Uint8Array {
  return concatBytes([bytes, newline]);
}

function transform(
  served: ServedResource,
  object: ApiObject,
  form: WatchForm,
  nowMs: number,
  withColumns: boolean,
): object {
  const { as, includeObject } = form;
  if (as === undefined) return object;
  if (as.kind !== "Table") return partialMetadata(object, as.version);
  const { resourceVersion } = object.metadata;
  const isEnd = object.metadata.annotations?.[initialEndAnnotation] !== undefined;
  const include = isEnd ? "Metadata" : includeObject;
  const options = { version: as.version, includeObject: include, nowMs, withColumns } as const;
  return renderTable(served, [object], { resourceVersion }, options);
}

/** A bookmark is an object of the kind with nothing in it but a version. */
function bookmarkObject(served: ServedResource, revision: number, isInitialEnd: boolean): ApiObject {
  const zero = zeroOf({ kind: "struct", struct: served.schema }) as object;
  return {
    kind: served.resource.kind,
    apiVersion: served.apiVersion,
    ...zero,
    metadata: {
      resourceVersion: String(revision),
      ...(isInitialEnd ? { annotations: { [initialEndAnnotation]: "true" } } : {}),
    },
  } as unknown as ApiObject;
}
