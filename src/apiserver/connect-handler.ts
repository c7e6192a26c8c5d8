import type { Resource } from "../api/resource.ts";
import type { ResourceAttributes } from "./attributes.ts";
import type { HttpExchange } from "./http/exchange.ts";

export type { HttpExchange, ResponseHeaders, ResponseStream } from "./http/exchange.ts";

/** A request for a streaming sub-resource, after authentication, authorisation and admission. */
export interface ConnectRequest {
  /** Who asks for what; the name is that of the pod, service or node. */
  readonly attributes: ResourceAttributes;
  readonly query: URLSearchParams;
  /** What follows the sub-resource in the path, for proxies; empty or beginning with `/`. */
  readonly rest: string;
  /** The request itself: its method and headers, its body, and the way to answer or to take the connection. */
  readonly exchange: HttpExchange;
}

/** Serves one streaming sub-resource: `pods/exec`, `pods/log`, `nodes/proxy` and the like. It answers by itself. */
export interface ConnectHandler {
  readonly resource: Resource<unknown>;
  readonly subresource: string;
  /**
   * Resolves when the stream is over.
   * @throws {StatusError} to refuse, as long as nothing has been answered
   */
  connect(request: ConnectRequest, signal: AbortSignal): Promise<void>;
}
