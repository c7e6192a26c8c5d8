import type { UserInfo } from "../api/user.ts";

/** A request to a path that is not a resource: discovery, health, version, OpenAPI, metrics. */
export interface PathRequest {
  /** In capitals; HEAD comes as GET, and the body is dropped on the way out. */
  readonly method: string;
  /** Decoded, without query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly user: UserInfo;
  /** A request header by its lower-case name. */
  header(name: string): string | undefined;
}

export interface PathResponse {
  readonly status: number;
  /** Lower-case names. `content-length` is added by the listener; gzip too, when the client accepts it. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

/** Serves some non-resource paths, after authentication and authorisation. */
export interface PathHandler {
  /**
   * The paths that it serves, as the index at `/` lists them. One that ends in `/*` serves everything below it and is
   * not listed.
   */
  readonly paths: readonly string[];
  /** @throws {StatusError} to refuse */
  handle(request: PathRequest, signal: AbortSignal): Promise<PathResponse> | PathResponse;
}
