import { contentHash } from "./discovery/content-hash.ts";
import {
  renderAggregated,
  renderCoreVersions,
  renderGroup,
  renderGroupList,
  renderResourceList,
} from "./discovery/documents.ts";
import { groupResources } from "./discovery/group-order.ts";
import { parseAccept } from "./http/negotiate.ts";
import { renderResponse, requireGet } from "./http/plain-response.ts";
import type { PathHandler, PathRequest, PathResponse } from "./path-handler.ts";
import type { ResourceTable } from "./resource-table.ts";

/**
 * Serves what resources there are: `/api` and `/apis` with everything in one document for clients that ask for it, and
 * the older tree of documents below them.
 * @param serverAddress host and port at which clients reach this server
 */
export function createDiscoveryHandlers(table: ResourceTable, serverAddress: string): PathHandler[] {
  const groups = groupResources(table.all);
  const core = groups.filter(({ name }) => name === "");
  const named = groups.filter(({ name }) => name !== "");
  const documents = new Map<string, object>();
  for (const { name, versions } of groups)
    for (const served of versions)
      documents.set(
        name === "" ? `/api/${served.version}` : `/apis/${name}/${served.version}`,
        renderResourceList(name, served),
      );
  for (const group of named) documents.set(`/apis/${group.name}`, renderGroup(group));
  return [
    ...core.map((group) => rootHandler("/api", renderCoreVersions(group, serverAddress), renderAggregated(core))),
    rootHandler("/apis", renderGroupList(named), renderAggregated(named)),
    {
      paths: [...documents.keys()],
      handle(request) {
        requireGet(request);
        return renderResponse(request, documents.get(request.path.replace(/\/$/, "")) as object);
      },
    },
  ];
}

/** Serves `/api` or `/apis` in both forms. */
function rootHandler(path: string, plain: object, aggregated: object): PathHandler {
  const body = `${JSON.stringify(aggregated)}\n`;
  const etag = `"${contentHash(body)}"`;
  return {
    paths: [path],
    handle(request): PathResponse {
      requireGet(request);
      if (!wantsAggregated(request)) return renderResponse(request, plain);
      const headers = { "cache-control": "public", etag, vary: "Accept" };
      if (request.header("if-none-match") === etag) return { status: 304, headers, body: "" };
      return {
        status: 200,
        headers: {
          ...headers,
          "content-type": "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
        },
        body,
      };
    },
  };
}

/** Whether the first alternative that can be served is the document with everything in it. */
function wantsAggregated(request: PathRequest): boolean {
  for (const { type, subtype, parameters } of parseAccept(request.header("accept") ?? "")) {
    const isJson = type === "*" || (type === "application" && (subtype === "json" || subtype === "*"));
    if (!isJson) continue;
    const as = parameters.get("as");
    if (as === undefined) return false;
    const isKnown = as === "APIGroupDiscoveryList" && parameters.get("g") === "apidiscovery.k8s.io";
    if (isKnown && parameters.get("v") === "v2") return true;
  }
  return false;
}
