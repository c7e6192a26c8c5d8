import type { Resource } from "../api/resource.ts";
import type { ListOptions, WatchOptions, WriteOptions } from "./client.ts";

type ResourcePlace = Pick<Resource, "group" | "version" | "plural" | "namespaced">;

/** What a path leads to, beside the resource. */
export interface PathTarget {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

/** The path of a resource: `/apis/apps/v1/namespaces/default/deployments/web/scale`. */
export function resourcePath(resource: ResourcePlace, target: PathTarget = {}): string {
  const { group, version, plural, namespaced } = resource;
  const { namespace = "", name = "", subresource = "" } = target;
  const parts = [group === "" ? `/api/${version}` : `/apis/${group}/${version}`];
  if (namespaced && namespace !== "") parts.push("namespaces", encodeURIComponent(namespace));
  parts.push(plural);
  if (name !== "") parts.push(encodeURIComponent(name));
  if (subresource !== "") parts.push(subresource);
  return parts.join("/");
}

/** A path with the parameters of a list or of a deletion of several objects. */
export function withListOptions(path: string, options: ListOptions): string {
  const { labelSelector, fieldSelector, limit, resourceVersion, resourceVersionMatch } = options;
  return withQuery(path, {
    labelSelector,
    fieldSelector,
    limit: limit === undefined ? undefined : String(limit),
    continue: options.continue,
    resourceVersion,
    resourceVersionMatch,
  });
}

/** A path with the parameters of a watch. */
export function withWatchOptions(path: string, options: WatchOptions): string {
  const { labelSelector, fieldSelector, resourceVersion, allowBookmarks, sendInitialEvents } = options;
  return withQuery(path, {
    watch: "true",
    labelSelector,
    fieldSelector,
    resourceVersion,
    allowWatchBookmarks: allowBookmarks === true ? "true" : undefined,
    sendInitialEvents: sendInitialEvents === true ? "true" : undefined,
    resourceVersionMatch: sendInitialEvents === true ? "NotOlderThan" : undefined,
  });
}

/** A path with the parameters of a create, update or patch. */
export function withWriteOptions(path: string, options: WriteOptions & { readonly force?: boolean }): string {
  const { dryRun, fieldManager, fieldValidation = "Ignore", force } = options;
  return withQuery(path, {
    dryRun: dryRun === true ? "All" : undefined,
    fieldManager,
    fieldValidation,
    force: force === undefined ? undefined : String(force),
  });
}

/** A path with parameters; undefined ones are left out. */
export function withQuery(path: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, value);
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}
