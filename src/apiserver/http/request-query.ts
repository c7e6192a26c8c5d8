import { DecodeError, decodeObject } from "../../api/decode.ts";
import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { goQuote } from "../../api/go-quote.ts";
import { JsonSyntaxError, parseJson } from "../../api/json.ts";
import { getOwn, isJsonObject } from "../../api/json-value.ts";
import type { SchemaRegistry } from "../../api/schema.ts";
import { badRequest, invalid } from "../../api/status-error.ts";
import type { DeleteOptions } from "../../api/types/meta-v1.ts";
import { unknownKind } from "../chain/request-body.ts";
import { checkDeleteOptions, checkWriteOptions } from "../chain/request-options.ts";
import { isTrue } from "./request-info.ts";
import type { IncludeObject } from "./table.ts";

/** Parameters of a list or watch. */
export interface ListParameters {
  readonly labelSelector: string;
  readonly fieldSelector: string;
  readonly limit: number;
  readonly continue: string;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  readonly allowWatchBookmarks: boolean;
  readonly sendInitialEvents: boolean | undefined;
  readonly timeoutSeconds: number | undefined;
}

/**
 * Reads the parameters of a list or watch.
 * @throws {StatusError} BadRequest for what cannot be read, Invalid for what cannot go together
 */
export function readListParameters(query: URLSearchParams, isWatch: boolean): ListParameters {
  const initial = query.get("sendInitialEvents");
  const parameters: ListParameters = {
    labelSelector: query.get("labelSelector") ?? "",
    fieldSelector: query.get("fieldSelector") ?? "",
    limit: readInteger(query.get("limit")) ?? 0,
    continue: query.get("continue") ?? "",
    resourceVersion: query.get("resourceVersion") ?? "",
    resourceVersionMatch: query.get("resourceVersionMatch") ?? "",
    allowWatchBookmarks: isTrue(query.get("allowWatchBookmarks")),
    sendInitialEvents: initial === null ? undefined : isTrue(initial),
    timeoutSeconds: readInteger(query.get("timeoutSeconds")),
  };
  const errors = isWatch ? checkWatch(parameters) : checkList(parameters);
  if (errors.length > 0) throw invalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", errors);
  return parameters;
}

const matchPath = FieldPath.of("resourceVersionMatch");
const initialPath = FieldPath.of("sendInitialEvents");

function checkList(list: ListParameters): FieldError[] {
  const errors: FieldError[] = [];
  const { resourceVersionMatch: match } = list;
  if (match !== "") {
    if (list.resourceVersion === "")
      errors.push(
        fieldError.forbidden(matchPath, "resourceVersionMatch is forbidden unless resourceVersion is provided"),
      );
    if (list.continue !== "")
      errors.push(fieldError.forbidden(matchPath, "resourceVersionMatch is forbidden when continue is provided"));
    if (match !== "Exact" && match !== "NotOlderThan")
      errors.push(fieldError.notSupported(matchPath, match, ["Exact", "NotOlderThan", ""]));
    if (match === "Exact" && list.resourceVersion === "0")
      errors.push(fieldError.forbidden(matchPath, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  if (list.sendInitialEvents !== undefined)
    errors.push(fieldError.forbidden(initialPath, "sendInitialEvents is forbidden for list"));
  return errors;
}

function checkWatch(watch: ListParameters): FieldError[] {
  const errors: FieldError[] = [];
  const { resourceVersionMatch: match, sendInitialEvents } = watch;
  if (sendInitialEvents !== undefined && match !== "NotOlderThan")
    errors.push(
      fieldError.forbidden(matchPath, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"),
    );
  if (match === "") return errors;
  if (sendInitialEvents === undefined)
    errors.push(
      fieldError.forbidden(
        matchPath,
        "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
      ),
    );
  if (match !== "NotOlderThan") errors.push(fieldError.notSupported(matchPath, match, ["NotOlderThan"]));
  if (watch.continue !== "")
    errors.push(fieldError.forbidden(matchPath, "resourceVersionMatch is forbidden when continue is provided"));
  return errors;
}

/** What decides how a write goes. */
export interface WriteParameters {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: "Ignore" | "Warn" | "Strict";
}

/**
 * Reads the parameters of a create, update or patch.
 * @param kind `CreateOptions` and so on, for messages
 * @throws {StatusError} Invalid
 */
export function readWriteParameters(query: URLSearchParams, kind: string): WriteParameters {
  const dryRun = query.getAll("dryRun");
  const fieldManager = query.get("fieldManager") ?? "";
  const fieldValidation = query.get("fieldValidation") ?? "";
  checkWriteOptions(kind, { dryRun, fieldManager, fieldValidation });
  if (kind === "PatchOptions" && query.has("force"))
    throw invalid({ group: "meta.k8s.io", kind }, "", [
      fieldError.forbidden(FieldPath.of("force"), "may not be specified for non-apply patch"),
    ]);
  return {
    dryRun: dryRun.length > 0,
    fieldManager,
    fieldValidation: fieldValidation === "" ? "Warn" : (fieldValidation as WriteParameters["fieldValidation"]),
  };
}

/**
 * Reads the options of a delete: from its body, or from the query when there is none.
 * @throws {StatusError} BadRequest or Invalid
 */
export function readDeleteOptions(body: Uint8Array, query: URLSearchParams, schemas: SchemaRegistry): DeleteOptions {
  return checkDeleteOptions(body.length > 0 ? optionsFromBody(body, schemas) : optionsFromQuery(query));
}

function optionsFromBody(body: Uint8Array, schemas: SchemaRegistry): DeleteOptions {
  try {
    const { value } = parseJson(body);
    const stated = isJsonObject(value) ? value : {};
    const kind = String(getOwn(stated, "kind") ?? "");
    if (kind !== "DeleteOptions" && kind !== "")
      throw badRequest(unknownKind(String(getOwn(stated, "apiVersion") ?? "meta.k8s.io/v1"), kind));
    return decodeObject<DeleteOptions>(schemas.struct("meta.v1.DeleteOptions"), value).object;
  } catch (error) {
    if (error instanceof JsonSyntaxError)
      throw badRequest(`couldn't get version/kind; json parse error: ${error.message}`);
    if (error instanceof DecodeError) throw badRequest(error.message);
    throw error;
  }
}

function optionsFromQuery(query: URLSearchParams): DeleteOptions {
  const gracePeriodSeconds = readInteger(query.get("gracePeriodSeconds"));
  const orphan = query.get("orphanDependents");
  const propagationPolicy = query.get("propagationPolicy");
  const dryRun = query.getAll("dryRun");
  return {
    kind: "DeleteOptions",
    apiVersion: "meta.k8s.io/v1",
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(orphan === null ? {} : { orphanDependents: isTrue(orphan) }),
    ...(propagationPolicy === null ? {} : { propagationPolicy }),
    ...(dryRun.length === 0 ? {} : { dryRun }),
  } as DeleteOptions;
}

/**
 * Reads `includeObject`, how much of objects a table carries.
 * @throws {StatusError} BadRequest
 */
export function readIncludeObject(query: URLSearchParams): IncludeObject {
  const given = query.get("includeObject") ?? "";
  switch (given) {
    case "":
      return "Metadata";
    case "None":
    case "Metadata":
    case "Object":
      return given;
    default: {
      const why = `includeObject: Invalid value: ${goQuote(given)}: must be 'Metadata', 'Object', 'None', or empty`;
      throw badRequest(`Unable to convert to Table as requested: ${why}`);
    }
  }
}

/** @throws {StatusError} BadRequest in the words of Go's number parser */
function readInteger(text: string | null): number | undefined {
  if (text === null || text === "") return undefined;
  if (!/^[+-]?[0-9]+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${goQuote(text)}: invalid syntax`);
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw badRequest(`strconv.ParseInt: parsing ${goQuote(text)}: value out of range`);
  return value;
}
