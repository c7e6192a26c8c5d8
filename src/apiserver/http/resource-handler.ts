import type { SchemaRegistry } from "../../api/schema.ts";
import {
  badRequest,
  fromStatus,
  methodNotAllowed,
  pathNotFound,
  unsupportedMediaType,
} from "../../api/status-error.ts";
import type { DeleteOptions, Status } from "../../api/types/meta-v1.ts";
import type { UserInfo } from "../../api/user.ts";
import type { Clock } from "../../base/clock.ts";
import type { Random } from "../../base/random.ts";
import type { ResourceAttributes } from "../attributes.ts";
import type { Operations, ResourceRequest } from "../chain/operations.ts";
import { type PatchKind, patchFromBytes } from "../chain/request-patch.ts";
import type { ConnectHandler } from "../connect-handler.ts";
import type { ResourceTable, ServedResource, ServedSubresource } from "../resource-table.ts";
import { compileSelection } from "../selection.ts";
import { type AnswerForm, sendAnswer, wrongShape } from "./answer-writer.ts";
import type { HttpExchange, ResponseHeaders } from "./exchange.ts";
import { listKind } from "./list-body.ts";
import { sendList } from "./list-response.ts";
import { checkAccepted, negotiate, wantsPretty } from "./negotiate.ts";
import { bytesBody, encodingOfBody } from "./request-bytes.ts";
import { attributesOf, isTrue, type ResourceInfo } from "./request-info.ts";
import { readDeleteOptions, readIncludeObject, readListParameters, readWriteParameters } from "./request-query.ts";
import { deprecationOf, orphaningOf } from "./resource-warnings.ts";
import type { Warnings } from "./warnings.ts";
import { serveWatch } from "./watch-response.ts";

/** What requests for resources are served with. */
export interface ResourceHandlerParts {
  readonly table: ResourceTable;
  readonly schemas: SchemaRegistry;
  readonly operations: Operations;
  readonly clock: Clock;
  readonly random: Random;
  connectorOf(resource: ServedResource, subresource: string): ConnectHandler | undefined;
  /** Runs admission for a streaming sub-resource. @throws {StatusError} */
  admitConnect(request: ResourceRequest): Promise<void>;
  /** The newest revision, for bookmarks. */
  currentRevision(): number;
}

/** Largest request body, in bytes. */
export const maxBodyBytes = 3 * 1024 * 1024;

const patchKinds: ReadonlyMap<string, PatchKind> = new Map([
  ["application/json-patch+json", "json"],
  ["application/merge-patch+json", "merge"],
  ["application/strategic-merge-patch+json", "strategic"],
]);

/** Server-side apply, which is not there yet. */
const applyMediaType = "application/apply-patch+yaml";

/** A request for a resource on its way through the handler. */
interface ResourceCall {
  readonly parts: ResourceHandlerParts;
  readonly exchange: HttpExchange;
  readonly info: ResourceInfo;
  readonly attributes: ResourceAttributes;
  readonly query: URLSearchParams;
  readonly served: ServedResource;
  readonly subresource: ServedSubresource | undefined;
  readonly warnings: Warnings;
  readonly headers: ResponseHeaders;
  readonly signal: AbortSignal;
}

/**
 * Serves a request for a resource that has passed authorisation.
 * @throws {StatusError} as long as nothing has been answered
 */
export async function handleResource(
  parts: ResourceHandlerParts,
  exchange: HttpExchange,
  info: ResourceInfo,
  query: URLSearchParams,
  user: UserInfo,
  warnings: Warnings,
  headers: ResponseHeaders,
  signal: AbortSignal,
): Promise<void> {
  const served = parts.table.find(info.group, info.version, info.resource);
  if (served === undefined) throw pathNotFound();
  const subresource = info.subresource === "" ? undefined : parts.table.subresource(served, info.subresource);
  checkPlace(info, served, subresource);
  const deprecation = deprecationOf(served);
  if (deprecation !== undefined) warnings.add(deprecation);
  const attributes = attributesOf(info, user) as ResourceAttributes;
  await dispatch({ parts, exchange, info, attributes, query, served, subresource, warnings, headers, signal });
}

/** @throws {StatusError} NotFound or MethodNotAllowed when nothing is served under that path and method */
function checkPlace(info: ResourceInfo, served: ServedResource, subresource: ServedSubresource | undefined): void {
  const { namespaced, plural } = served.resource;
  const isNamespace = plural === "namespaces" && served.resource.group === "";
  const isCollection =
    info.name === "" || info.verb === "list" || info.verb === "watch" || info.verb === "deletecollection";
  if (!namespaced && info.namespace !== "" && !isNamespace) throw pathNotFound();
  if (info.subresource !== "" && subresource === undefined) throw pathNotFound();
  if (namespaced && info.namespace === "" && !isCollection) throw pathNotFound();
  if (namespaced && info.namespace === "" && info.verb !== "list" && info.verb !== "watch") throw methodNotAllowed();
  if (info.verb === "create" && info.name !== "" && subresource === undefined) throw methodNotAllowed();
  if (info.name === "" && (info.verb === "update" || info.verb === "patch")) throw methodNotAllowed();
  const verbs = subresource === undefined ? served.row.verbs : subresource.row.verbs;
  if (!verbs.includes(info.verb)) throw methodNotAllowed();
}

async function dispatch(call: ResourceCall): Promise<void> {
  const { parts, info, served, exchange } = call;
  const connector = parts.connectorOf(served, info.subresource);
  if (connector !== undefined) return connect(call, connector);
  if (exchange.method === "HEAD") throw methodNotAllowed();
  if (info.verb !== "patch") checkAccepted(exchange.header("accept"), info.verb === "list" || info.verb === "watch");
  switch (info.verb) {
    case "get":
      return get(call);
    case "list":
      return list(call);
    case "watch":
      return watch(call);
    case "create":
      return create(call);
    case "update":
      return update(call);
    case "patch":
      return patch(call);
    case "delete":
      return remove(call);
    case "deletecollection":
      return removeCollection(call);
    default:
      throw methodNotAllowed();
  }
}

function requestOf(call: ResourceCall, dryRun: boolean): ResourceRequest {
  const { attributes, served, subresource, warnings, signal } = call;
  return { attributes, served, subresource, dryRun, warn: warnings.add, signal };
}

/** @throws {StatusError} NotAcceptable */
function formOf(call: ResourceCall): AnswerForm {
  const { exchange, query, parts, headers } = call;
  const mediaType = negotiate(exchange.header("accept"), { transforms: true });
  return {
    mediaType,
    includeObject: mediaType.as?.kind === "Table" ? readIncludeObject(query) : "Metadata",
    pretty: mediaType.pretty || wantsPretty(query, exchange.header("user-agent")),
    nowMs: parts.clock.nowMs(),
    headers,
  };
}

function withWarnings(call: ResourceCall, form: AnswerForm): AnswerForm {
  return { ...form, headers: { ...form.headers, ...call.warnings.headers() } };
}

async function get(call: ResourceCall): Promise<void> {
  const form = formOf(call);
  if (isTrue(call.query.get("export")))
    throw badRequest("the export parameter, deprecated since v1.14, is no longer supported");
  const answer = await call.parts.operations.get(
    requestOf(call, false),
    call.query.get("resourceVersion") ?? undefined,
  );
  sendAnswer(call.exchange, answer, withWarnings(call, form));
}

async function list(call: ResourceCall): Promise<void> {
  const { parts, served, query, attributes } = call;
  const form = formOf(call);
  const parameters = readListParameters(query, false);
  const selection = compileSelection(served, { ...parameters, namespace: attributes.namespace });
  if (form.mediaType.as?.kind === "PartialObjectMetadata")
    throw wrongShape("PartialObjectMetadata", "a list", served, listKind(served));
  const page = await parts.operations.list(requestOf(call, false), { ...parameters, selection });
  await sendList(call.exchange, served, page, withWarnings(call, form), call.signal);
}

async function watch(call: ResourceCall): Promise<void> {
  const { parts, served, query, attributes, exchange, info } = call;
  const mediaType = negotiate(exchange.header("accept"), { transforms: true, isWatch: true });
  const parameters = readListParameters(query, true);
  const byName = info.isWatchPath && info.name !== "" ? `metadata.name=${info.name}` : "";
  const fieldSelector = [parameters.fieldSelector, byName].filter((term) => term !== "").join(",");
  const selection = compileSelection(served, { ...parameters, fieldSelector, namespace: attributes.namespace });
  await serveWatch({
    exchange,
    served,
    form: {
      as: mediaType.as,
      includeObject: mediaType.as?.kind === "Table" ? readIncludeObject(query) : "Metadata",
    },
    request: {
      selection,
      resourceVersion: parameters.resourceVersion,
      allowBookmarks: parameters.allowWatchBookmarks,
      sendInitialEvents: parameters.sendInitialEvents,
    },
    start: (watchRequest, sink) => parts.operations.watch(requestOf(call, false), watchRequest, sink),
    timeoutSeconds: parameters.timeoutSeconds,
    clock: parts.clock,
    random: parts.random,
    currentRevision: parts.currentRevision,
    headers: { ...call.headers, ...call.warnings.headers() },
    signal: call.signal,
  });
}

async function create(call: ResourceCall): Promise<void> {
  const { parts, exchange, query, warnings } = call;
  const form = formOf(call);
  const encoding = encodingOfBody(exchange.header("content-type"));
  const bytes = await exchange.readBody(maxBodyBytes);
  const { dryRun, fieldValidation } = readWriteParameters(query, "CreateOptions");
  const body = bytesBody(bytes, encoding, { fieldValidation, warn: warnings.add });
  sendAnswer(exchange, await parts.operations.create(requestOf(call, dryRun), body), withWarnings(call, form));
}

async function update(call: ResourceCall): Promise<void> {
  const { parts, exchange, query, warnings } = call;
  const form = formOf(call);
  const bytes = await exchange.readBody(maxBodyBytes);
  const { dryRun, fieldValidation } = readWriteParameters(query, "UpdateOptions");
  const encoding = encodingOfBody(exchange.header("content-type"));
  const body = bytesBody(bytes, encoding, { fieldValidation, warn: warnings.add });
  sendAnswer(exchange, await parts.operations.update(requestOf(call, dryRun), body), withWarnings(call, form));
}

async function patch(call: ResourceCall): Promise<void> {
  const { parts, exchange, query, warnings } = call;
  const mediaType = (exchange.header("content-type") ?? "").split(";")[0] ?? "";
  const kind = patchKinds.get(mediaType);
  if (kind === undefined) throw mediaType === applyMediaType ? unsupportedMediaType([...patchKinds.keys()]) : noPatch();
  checkAccepted(exchange.header("accept"), false);
  const form = formOf(call);
  const bytes = await exchange.readBody(maxBodyBytes);
  const { dryRun, fieldValidation } = readWriteParameters(query, "PatchOptions");
  const change = patchFromBytes(kind, bytes, { fieldValidation, warn: warnings.add });
  sendAnswer(exchange, await parts.operations.patch(requestOf(call, dryRun), change), withWarnings(call, form));
}

/** 415 as upstream answers what is no patch at all. */
function noPatch(): Error {
  const message = "415: Unsupported Media Type";
  const status = { status: "Failure", message, reason: "UnsupportedMediaType", details: {}, code: 415 };
  return fromStatus({ kind: "Status", apiVersion: "v1", metadata: {}, ...status } as Status);
}

async function deleteOptions({ exchange, query, parts, served, warnings }: ResourceCall): Promise<DeleteOptions> {
  const body = await exchange.readBody(maxBodyBytes);
  if (body.length > 0) encodingOfBody(exchange.header("content-type"));
  const options = readDeleteOptions(body, query, parts.schemas);
  const warning = orphaningOf(served, options);
  if (warning !== undefined) warnings.add(warning);
  return options;
}

async function remove(call: ResourceCall): Promise<void> {
  const { parts, exchange } = call;
  const form = formOf(call);
  const options = await deleteOptions(call);
  const request = requestOf(call, (options.dryRun ?? []).length > 0);
  sendAnswer(exchange, await parts.operations.delete(request, options), withWarnings(call, form));
}

async function removeCollection(call: ResourceCall): Promise<void> {
  const { parts, exchange, query, served, attributes } = call;
  const form = formOf(call);
  const parameters = readListParameters(query, false);
  const selection = compileSelection(served, { ...parameters, namespace: attributes.namespace });
  const options = await deleteOptions(call);
  const request = requestOf(call, (options.dryRun ?? []).length > 0);
  const page = await parts.operations.deleteCollection(request, { ...parameters, selection }, options);
  await sendList(exchange, served, page, withWarnings(call, form), call.signal);
}

async function connect(call: ResourceCall, connector: ConnectHandler): Promise<void> {
  const { parts, exchange, attributes, query, info } = call;
  await parts.admitConnect(requestOf(call, false));
  await connector.connect({ attributes, query, rest: info.rest, exchange }, call.signal);
}
