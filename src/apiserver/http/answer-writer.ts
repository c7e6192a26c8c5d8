import { encodeJson, encodeJsonBytes } from "../../api/json.ts";
import { fromStatus, hasReason, type StatusError } from "../../api/status-error.ts";
import type { Status } from "../../api/types/meta-v1.ts";
import { encodeYaml } from "../../api/yaml.ts";
import type { Answer } from "../chain/answer.ts";
import type { ServedResource } from "../resource-table.ts";
import type { HttpExchange, ResponseHeaders } from "./exchange.ts";
import { prettyJson } from "./list-body.ts";
import { type MediaType, negotiate, wantsPretty } from "./negotiate.ts";
import { partialMetadata } from "./partial-metadata.ts";
import { internalPackage } from "./request-bytes.ts";
import { type IncludeObject, renderTable } from "./table.ts";

/** How the answer to one request is written. */
export interface AnswerForm {
  readonly mediaType: MediaType;
  readonly includeObject: IncludeObject;
  /** Indented for people. */
  readonly pretty: boolean;
  readonly nowMs: number;
  /** Headers that every answer of this request carries. */
  readonly headers: ResponseHeaders;
}

const encoder = new TextEncoder();
const newline = encoder.encode("\n");

/** Answers with an object, a Status, or what a special resource gave. */
export function sendAnswer(exchange: HttpExchange, answer: Answer, form: AnswerForm): void {
  if (answer.kind === "value") return sendValue(exchange, codeOf(answer.value) ?? answer.code, answer.value, form);
  const { as } = form.mediaType;
  if (as === undefined && form.mediaType.encoding === "json" && !form.pretty)
    return sendBytes(exchange, answer.code, [answer.object.bytes, newline], form);
  sendValue(exchange, answer.code, as === undefined ? answer.object.value : transformed(answer, form), form);
}

/** A Status says its code itself. */
function codeOf(value: object): number | undefined {
  const { kind, code } = value as Partial<Status>;
  return kind === "Status" && code !== undefined && code !== 0 ? code : undefined;
}

function transformed(answer: Answer & { readonly kind: "object" }, form: AnswerForm): object {
  const { as } = form.mediaType;
  const { served, object } = answer;
  if (as?.kind === "Table") {
    const options = { version: as.version, includeObject: form.includeObject, nowMs: form.nowMs, withColumns: true };
    return renderTable(served, [object.value], { resourceVersion: object.value.metadata.resourceVersion }, options);
  }
  if (as?.kind === "PartialObjectMetadata") return partialMetadata(object.value, as.version);
  throw wrongShape("PartialObjectMetadataList", "not a list", served, served.resource.kind);
}

/** 406: bare metadata of one thing was asked for where there are many, or the other way round. */
export function wrongShape(wanted: string, what: string, served: ServedResource, kind: string): StatusError {
  const type = `*${internalPackage(served.apiVersion)}.${kind}`;
  const message = `you requested ${wanted}, but the requested object is ${what} (${type})`;
  const status = { status: "Failure", message, reason: "NotAcceptable", code: 406 };
  return fromStatus({ kind: "Status", apiVersion: "v1", metadata: {}, ...status } as Status);
}

/** Sends any object in the form that was negotiated. */
export function sendValue(exchange: HttpExchange, code: number, value: object, form: AnswerForm): void {
  if (form.mediaType.encoding === "yaml") return sendYaml(exchange, code, value, form.headers);
  const parts = form.pretty ? [encoder.encode(prettyJson(value))] : [encodeJsonBytes(value), newline];
  sendBytes(exchange, code, parts, form);
}

function sendBytes(exchange: HttpExchange, code: number, parts: readonly Uint8Array[], form: AnswerForm): void {
  exchange.send(code, { ...form.headers, "content-type": "application/json" }, parts);
}

/**
 * Answers with what went wrong. It is not turned into a Table or anything else; when the client accepts nothing that
 * fits, it gets indented JSON.
 */
export function sendError(
  exchange: HttpExchange,
  error: StatusError,
  query: URLSearchParams,
  headers: ResponseHeaders,
): void {
  const { status } = error;
  const retryAfter = status.details?.retryAfterSeconds ?? 0;
  const all = {
    ...headers,
    ...(retryAfter > 0 ? { "retry-after": String(retryAfter) } : {}),
    ...(error.reason === "Forbidden" ? { "x-content-type-options": "nosniff" } : {}),
    "content-type": "application/json",
  };
  const accepted = acceptedForError(exchange.header("accept"));
  if (accepted?.encoding === "yaml") return sendYaml(exchange, error.code, status, all);
  const isPlain = accepted?.pretty === false && !wantsPretty(query, exchange.header("user-agent"));
  const text = isPlain ? `${encodeJson(status)}\n` : JSON.stringify(status, undefined, 2);
  exchange.send(error.code, all, [encoder.encode(text)]);
}

function sendYaml(exchange: HttpExchange, code: number, value: object, headers: ResponseHeaders): void {
  exchange.send(code, { ...headers, "content-type": "application/yaml" }, [encoder.encode(encodeYaml(value))]);
}

/** Undefined when nothing fits: JSON it is then, indented. */
function acceptedForError(accept: string | undefined): MediaType | undefined {
  try {
    return negotiate(accept);
  } catch (error) {
    if (hasReason(error, "NotAcceptable")) return undefined;
    throw error;
  }
}
