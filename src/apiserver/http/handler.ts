import { badRequest, hasReason, timeout, toStatusError, unauthorized } from "../../api/status-error.ts";
import { anonymous, type UserInfo } from "../../api/user.ts";
import type { Clock } from "../../base/clock.ts";
import { createUid } from "../../base/ids.ts";
import type { Logger } from "../../base/log.ts";
import type { Random } from "../../base/random.ts";
import type { Authenticator } from "../authentication.ts";
import { allowsAnonymous } from "../authenticator.ts";
import type { Authorizer } from "../authorization.ts";
import { readBearerToken, readWebSocketToken } from "../bearer-token.ts";
import { forbiddenRequest } from "../forbidden.ts";
import { impersonate } from "../impersonation.ts";
import { sendError } from "./answer-writer.ts";
import type { HttpExchange, ResponseHeaders } from "./exchange.ts";
import { handlePath, type PathTable } from "./path-table.ts";
import { attributesOf, isLongRunning, type RequestInfo, readRequestInfo } from "./request-info.ts";
import { handleResource, type ResourceHandlerParts } from "./resource-handler.ts";
import { createWarnings } from "./warnings.ts";

/** What requests over HTTP are served with. */
export interface HttpParts {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly resources: ResourceHandlerParts;
  readonly paths: PathTable;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Serves one request from beginning to end; never rejects. */
export type HttpHandler = (exchange: HttpExchange) => Promise<void>;

/** Requests that are not meant to last are cut off after this. Source: kube-apiserver's `--request-timeout`. */
const requestTimeoutMs = 60_000;

/** Creates the handler of all requests. */
export function createHttpHandler(parts: HttpParts): HttpHandler {
  const { clock, random, logger } = parts;
  return async (exchange) => {
    const headers: ResponseHeaders = { "audit-id": createUid(random), "cache-control": "no-cache, private" };
    const warnings = createWarnings();
    const { path, query } = splitTarget(exchange.target);
    try {
      const info = readRequestInfo(exchange.method, decodePath(path), query);
      const serve = (signal: AbortSignal): Promise<void> =>
        serveRequest(parts, exchange, info, query, warnings, headers, signal);
      if (isLongRunning(info)) await serve(exchange.signal);
      else await withTimeout(serve, exchange, clock);
    } catch (error) {
      if (exchange.signal.aborted) return;
      const status = toStatusError(error);
      if (status.code >= 500 && !hasReason(status, "Timeout", "ServiceUnavailable"))
        logger.error("request failed", { method: exchange.method, path, error });
      if (!exchange.isAnswered) sendError(exchange, status, query, { ...headers, ...warnings.headers() });
    }
  };
}

async function serveRequest(
  parts: HttpParts,
  exchange: HttpExchange,
  info: RequestInfo,
  query: URLSearchParams,
  warnings: ReturnType<typeof createWarnings>,
  headers: ResponseHeaders,
  signal: AbortSignal,
): Promise<void> {
  const { authorizer } = parts;
  const caller = await authenticate(parts.authenticator, exchange, info, signal);
  const attributes = attributesOf(info, caller);
  const user = impersonate(exchange.headers("impersonate-"), attributes, authorizer) ?? caller;
  const asUser = user === caller ? attributes : { ...attributes, user };
  const decision = authorizer.authorize(asUser);
  if (decision.outcome !== "allow") throw forbiddenRequest(asUser, decision.reason);
  if (info.kind === "resource") {
    if (!parts.paths.hasGroup(info.group)) return parts.paths.notFound(exchange, headers);
    return handleResource(parts.resources, exchange, info, query, user, warnings, headers, signal);
  }
  return handlePath(parts.paths, exchange, info.path, query, user, headers, signal);
}

/** @throws {StatusError} Unauthorized */
async function authenticate(
  authenticator: Authenticator,
  exchange: HttpExchange,
  info: RequestInfo,
  signal: AbortSignal,
): Promise<UserInfo> {
  const protocols = exchange.header("sec-websocket-protocol");
  const bearerToken =
    readBearerToken(exchange.header("authorization")) ??
    (protocols === undefined ? undefined : readWebSocketToken(protocols).token);
  const credentials = { ...exchange.certificate, ...(bearerToken === undefined ? {} : { bearerToken }) };
  const user = await authenticator.authenticate(credentials, signal);
  if (user !== undefined) return user;
  if (!allowsAnonymous(info.path)) throw unauthorized();
  return anonymous;
}

/** @throws {StatusError} Timeout when the work takes too long; it is told to stop */
async function withTimeout(
  work: (signal: AbortSignal) => Promise<void>,
  exchange: HttpExchange,
  clock: Clock,
): Promise<void> {
  const controller = new AbortController();
  const onAbort = (): void => controller.abort(exchange.signal.reason);
  exchange.signal.addEventListener("abort", onAbort, { once: true });
  const late = Promise.withResolvers<never>();
  const timer = clock.setTimer(requestTimeoutMs, () => {
    late.reject(timeout("request did not complete within the allotted timeout"));
    controller.abort(new Error("request timed out"));
  });
  try {
    await Promise.race([work(controller.signal), late.promise]);
  } finally {
    timer.cancel();
    exchange.signal.removeEventListener("abort", onAbort);
  }
}

function splitTarget(target: string): { readonly path: string; readonly query: URLSearchParams } {
  const mark = target.indexOf("?");
  if (mark < 0) return { path: target, query: new URLSearchParams() };
  return { path: target.slice(0, mark), query: new URLSearchParams(target.slice(mark + 1)) };
}

/** @throws {StatusError} BadRequest */
function decodePath(path: string): string {
  if (!path.includes("%")) return path;
  try {
    return decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError) throw badRequest(`invalid URL escape in ${path}`);
    throw error;
  }
}
