import { type FieldMatcher, parseFieldSelector, SelectorError } from "../../api/field-selector.ts";
import { checkPathSegment } from "../../api/names.ts";
import type { UserInfo } from "../../api/user.ts";
import type { PathAttributes, ResourceAttributes } from "../attributes.ts";

/** What a request is about, as its method and path say. */
export type RequestInfo = ResourceInfo | PathInfo;

export interface PathInfo {
  readonly kind: "path";
  readonly path: string;
  /** The method in lower case. */
  readonly verb: string;
}

export interface ResourceInfo extends Omit<ResourceAttributes, "user"> {
  readonly path: string;
  /** What follows the sub-resource, for proxies; empty or beginning with `/`. */
  readonly rest: string;
  /** The old form of watching, `/api/v1/watch/...`. */
  readonly isWatchPath: boolean;
}

/** Sub-resources of a namespace; anything else behind its name is a resource inside. */
const namespaceSubresources: ReadonlySet<string> = new Set(["status", "finalize"]);
const verbOfMethod: Readonly<Record<string, string>> = {
  POST: "create",
  GET: "get",
  HEAD: "get",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

/**
 * Reads method, path and query. `/api/<version>/...` and `/apis/<group>/<version>/...` are resources, everything else
 * is a path.
 * @param path decoded
 */
export function readRequestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const parts = path.replace(/^\/+|\/+$/g, "").split("/");
  const plain: PathInfo = { kind: "path", path, verb: method.toLowerCase() };
  const isCore = parts[0] === "api";
  if (parts.length < 3 || (!isCore && (parts[0] !== "apis" || parts.length < 4))) return plain;
  const group = isCore ? "" : (parts[1] as string);
  const version = parts[isCore ? 1 : 2] as string;
  let rest = parts.slice(isCore ? 2 : 3);
  let verb = verbOfMethod[method] ?? "";
  const isWatchPath = rest[0] === "watch" && rest.length > 1;
  if (isWatchPath || (rest[0] === "proxy" && rest.length > 1)) {
    verb = rest[0] as string;
    rest = rest.slice(1);
  }
  let namespace = "";
  if (rest[0] === "namespaces" && rest.length > 1) {
    namespace = rest[1] as string;
    if (rest.length > 2 && !namespaceSubresources.has(rest[2] as string)) rest = rest.slice(2);
  }
  const [resource = "", name = "", subresource = ""] = rest;
  const target = {
    kind: "resource" as const,
    path,
    group,
    version,
    resource,
    name,
    subresource: isWatchPath ? "" : subresource,
    namespace,
    rest: rest.length > 3 ? `/${rest.slice(3).join("/")}${path.endsWith("/") ? "/" : ""}` : "",
    isWatchPath,
  };
  return { ...target, ...narrow(verb, name, query) };
}

/** A get without name is a list or a watch, a delete without name that of a collection; selectors narrow them. */
function narrow(verb: string, name: string, query: URLSearchParams): Partial<ResourceInfo> & { readonly verb: string } {
  if (name !== "" || (verb !== "get" && verb !== "delete" && verb !== "watch")) return { verb };
  const selector = readFieldSelector(query);
  const fieldSelector = selector === undefined || selector.isEverything ? {} : { fieldSelector: selector.requirements };
  if (verb === "delete") return { verb: "deletecollection", ...fieldSelector };
  const wanted = selector?.requiredValue("metadata.name") ?? "";
  return {
    verb: verb === "watch" || isTrue(query.get("watch")) ? "watch" : "list",
    ...(wanted !== "" && checkPathSegment(wanted).length === 0 ? { name: wanted } : {}),
    ...fieldSelector,
  };
}

/** Undefined for one that cannot be read: that is reported when the request is carried out. */
function readFieldSelector(query: URLSearchParams): FieldMatcher | undefined {
  const text = query.get("fieldSelector");
  if (text === null || text === "") return undefined;
  try {
    return parseFieldSelector(text);
  } catch (error) {
    if (error instanceof SelectorError) return undefined;
    throw error;
  }
}

/** How the API reads a boolean parameter: anything but `false` and `0` is true. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== "0" && value.toLowerCase() !== "false";
}

/** The attributes of a request made by a user. */
export function attributesOf(info: RequestInfo, user: UserInfo): ResourceAttributes | PathAttributes {
  if (info.kind === "path") return { kind: "path", user, verb: info.verb, path: info.path };
  const { path: _path, rest: _rest, isWatchPath: _isWatchPath, ...attributes } = info;
  return { ...attributes, user };
}

const longRunningVerbs: ReadonlySet<string> = new Set(["watch", "proxy"]);
const longRunningSubresources: ReadonlySet<string> = new Set(["attach", "exec", "proxy", "log", "portforward"]);

/** Requests that may last as long as they like. */
export function isLongRunning(info: RequestInfo): boolean {
  return info.kind === "resource" && (longRunningVerbs.has(info.verb) || longRunningSubresources.has(info.subresource));
}
