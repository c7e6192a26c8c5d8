import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Credentials } from "../authentication.ts";
import { readWholeBody } from "./body-reader.node.ts";
import type { HttpExchange, ResponseHeaders } from "./exchange.ts";
import { joinValues, openStream } from "./http2-exchange.node.ts";
import { acceptsGzip, compress, compressionHeaders, mustCompress } from "./response-compression.node.ts";

/** Wraps one request of an HTTP/1.1 connection. */
export function createHttp1Exchange(
  request: IncomingMessage,
  response: ServerResponse,
  certificate: Pick<Credentials, "certificate" | "badCertificate">,
  upgrade?: { readonly connection: Duplex; readonly head: Uint8Array },
): HttpExchange {
  const controller = new AbortController();
  const method = request.method ?? "GET";
  let isTaken = false;
  response.on("close", () => {
    if (!response.writableFinished && !isTaken) controller.abort(new Error("the client went away"));
  });
  // A connection that fails is closed; there is nobody left to tell.
  response.on("error", () => controller.abort(new Error("the client went away")));
  let isAnswered = false;

  const header = (name: string): string | undefined => joinValues(request.headers[name]);
  const respond = (status: number, headers: ResponseHeaders): void => {
    isAnswered = true;
    if (!response.headersSent) response.writeHead(status, headers as Record<string, string | string[]>);
  };

  return {
    method,
    target: request.url ?? "/",
    header,
    headers: (prefix) =>
      Object.keys(request.headers)
        .filter((name) => name.startsWith(prefix))
        .map((name) => [name, request.headersDistinct[name] ?? []]),
    certificate,
    remoteAddress: request.socket.remoteAddress ?? "",
    signal: controller.signal,
    readBody: (maxBytes) => readWholeBody(request, maxBytes, header("content-length")),
    get isAnswered() {
      return isAnswered;
    },
    send(status, headers, parts) {
      const body = parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
      if (!mustCompress(body.length, headers, header("accept-encoding"))) {
        respond(status, { ...headers, "content-length": String(body.length) });
        response.end(method === "HEAD" ? undefined : body);
        return;
      }
      isAnswered = true;
      compress(body, (error, compressed) => {
        if (error !== null) return void response.destroy(error);
        respond(status, { ...headers, ...compressionHeaders, "content-length": String(compressed.length) });
        response.end(compressed);
      });
    },
    open(status, headers, mayCompress = false) {
      const compresses = mayCompress && acceptsGzip(header("accept-encoding"));
      respond(status, compresses ? { ...headers, ...compressionHeaders } : headers);
      response.flushHeaders();
      return openStream(response, compresses, () => response.destroy());
    },
    ...(upgrade === undefined
      ? {}
      : {
          takeConnection() {
            isTaken = true;
            isAnswered = true;
            response.detachSocket(request.socket);
            upgrade.connection.once("close", () => controller.abort(new Error("the connection is closed")));
            return upgrade;
          },
        }),
  };
}
