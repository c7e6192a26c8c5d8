import { pathNotFound } from "../../api/status-error.ts";
import type { UserInfo } from "../../api/user.ts";
import type { PathHandler, PathRequest } from "../path-handler.ts";
import type { HttpExchange, ResponseHeaders } from "./exchange.ts";

/** Everything that is served under plain paths. */
export interface PathTable {
  /** The handler of a path; undefined when there is none. */
  find(path: string): PathHandler | undefined;
  /** Whether resources of a group are served. */
  hasGroup(group: string): boolean;
  /** Answers that there is nothing here: as a Status below groups that are served, in plain text elsewhere. */
  notFound(exchange: HttpExchange, headers: ResponseHeaders): void;
}

const encoder = new TextEncoder();

/** Creates the table. The index at `/` lists every path but those that serve whole trees. */
export function createPathTable(handlers: readonly PathHandler[], groups: ReadonlySet<string>): PathTable {
  const exact = new Map<string, PathHandler>();
  const trees: { readonly prefix: string; readonly handler: PathHandler }[] = [];
  for (const handler of handlers)
    for (const path of handler.paths) {
      if (path.endsWith("/*")) trees.push({ prefix: path.slice(0, -1), handler });
      else exact.set(path, handler);
    }
  exact.set("/", indexHandler([...exact.keys()].sort()));
  return {
    find: (path) =>
      exact.get(path) ??
      (path.endsWith("/") ? exact.get(path.slice(0, -1)) : undefined) ??
      trees.find(({ prefix }) => path.startsWith(prefix))?.handler,
    hasGroup: (group) => groups.has(group),
    notFound(exchange, headers) {
      const [root, group = ""] = exchange.target.replace(/^\/|\?.*$/g, "").split("/");
      if (root === "api" || (root === "apis" && groups.has(group))) throw pathNotFound();
      const plain = { ...headers, "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" };
      exchange.send(404, plain, [encoder.encode("404 page not found\n")]);
    },
  };
}

function indexHandler(paths: readonly string[]): PathHandler {
  return {
    paths: ["/"],
    handle: () => ({
      status: 200,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ paths }, undefined, 2),
    }),
  };
}

/**
 * Serves a request for a plain path.
 * @throws {StatusError} as its handler does
 */
export async function handlePath(
  table: PathTable,
  exchange: HttpExchange,
  path: string,
  query: URLSearchParams,
  user: UserInfo,
  headers: ResponseHeaders,
  signal: AbortSignal,
): Promise<void> {
  const handler = table.find(path);
  if (handler === undefined) return table.notFound(exchange, headers);
  const request: PathRequest = {
    method: exchange.method === "HEAD" ? "GET" : exchange.method,
    path,
    query,
    user,
    header: (name) => exchange.header(name),
  };
  const { status, headers: own, body } = await handler.handle(request, signal);
  const bytes = typeof body === "string" ? encoder.encode(body) : body;
  exchange.send(status, { ...headers, ...own }, bytes.length === 0 ? [] : [bytes]);
}
