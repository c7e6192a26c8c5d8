import { unauthorized } from "../api/status-error.ts";
import { bytesOfBase64Url } from "../base/base64.ts";

const protocolPrefix = "base64url.bearer.authorization.k8s.io.";

/** The token of an `Authorization` header; undefined when it holds none. */
export function readBearerToken(authorization: string | undefined): string | undefined {
  const [scheme = "", token = ""] = (authorization ?? "").trim().split(" ");
  return scheme.toLowerCase() === "bearer" && token !== "" ? token : undefined;
}

/**
 * Takes the token out of the sub-protocols of a WebSocket request, for browsers, which cannot set headers.
 * @param protocols the `Sec-WebSocket-Protocol` header, values joined by commas
 * @returns the token, if any, and the protocols to choose from
 * @throws {StatusError} Unauthorized when a token is there but malformed, there are several, or nothing beside it
 * Source: kube-apiserver v1.36.
 */
export function readWebSocketToken(protocols: string | undefined): {
  readonly token: string | undefined;
  readonly protocols: readonly string[];
} {
  const offered = (protocols ?? "").split(",").map((protocol) => protocol.trim());
  const tokens = offered.filter((protocol) => protocol.startsWith(protocolPrefix));
  const others = offered.filter((protocol) => protocol !== "" && !protocol.startsWith(protocolPrefix));
  const [first] = tokens;
  if (first === undefined) return { token: undefined, protocols: others };
  if (tokens.length > 1) throw unauthorized();
  const token = decodeToken(first.slice(protocolPrefix.length));
  if (token !== "" && others.length === 0) throw unauthorized();
  return { token: token === "" ? undefined : token, protocols: others };
}

/** Malformed base64 and bytes that are no text both throw errors of the platform. */
function decodeToken(encoded: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytesOfBase64Url(encoded));
  } catch (error) {
    if (error instanceof Error) throw unauthorized();
    throw error;
  }
}
