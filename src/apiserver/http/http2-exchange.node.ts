import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { Writable } from "node:stream";
import type { Credentials } from "../authentication.ts";
import { readWholeBody } from "./body-reader.node.ts";
import type { HttpExchange, ResponseHeaders, ResponseStream } from "./exchange.ts";
import {
  acceptsGzip,
  compress,
  compressionHeaders,
  createCompressor,
  mustCompress,
} from "./response-compression.node.ts";

/** Wraps one stream of an HTTP/2 connection. */
export function createHttp2Exchange(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  hasBody: boolean,
  certificate: Pick<Credentials, "certificate" | "badCertificate">,
): HttpExchange {
  const controller = new AbortController();
  const method = headers[":method"] ?? "GET";
  let isAnswered = false;
  const onGone = (): void => {
    if (!stream.writableEnded) controller.abort(new Error("the client went away"));
  };
  stream.on("close", onGone);
  // A stream that fails has been closed; there is nobody left to tell.
  stream.on("error", onGone);

  const header = (name: string): string | undefined => joinValues(headers[name]);
  const respond = (status: number, responseHeaders: ResponseHeaders, endStream: boolean): void => {
    isAnswered = true;
    if (stream.destroyed || stream.headersSent) return;
    stream.respond({ ...responseHeaders, ":status": status } as never, { endStream });
  };
  const end = (body: Uint8Array): void => {
    if (!stream.destroyed) stream.end(body);
  };

  return {
    method,
    target: headers[":path"] ?? "/",
    header,
    headers: (prefix) =>
      Object.keys(headers)
        .filter((name) => name.startsWith(prefix))
        .map((name) => [name, listOf(headers[name] ?? [])]),
    certificate,
    remoteAddress: stream.session?.socket?.remoteAddress ?? "",
    signal: controller.signal,
    async readBody(maxBytes) {
      return hasBody ? readWholeBody(stream, maxBytes, header("content-length")) : new Uint8Array();
    },
    get isAnswered() {
      return isAnswered;
    },
    send(status, responseHeaders, parts) {
      const body = parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
      const sized = { ...responseHeaders, "content-length": String(body.length) };
      if (method === "HEAD" || body.length === 0) return respond(status, sized, true);
      if (!mustCompress(body.length, responseHeaders, header("accept-encoding"))) {
        respond(status, sized, false);
        return end(body);
      }
      isAnswered = true;
      compress(body, (error, compressed) => {
        if (error !== null) return stream.close(constants.NGHTTP2_INTERNAL_ERROR);
        respond(status, { ...responseHeaders, ...compressionHeaders }, false);
        end(compressed);
      });
    },
    open(status, responseHeaders, mayCompress = false) {
      const compresses = mayCompress && acceptsGzip(header("accept-encoding"));
      respond(status, compresses ? { ...responseHeaders, ...compressionHeaders } : responseHeaders, false);
      return openStream(stream, compresses, () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
    },
  };
}

/** The writing side of an answer, compressed on its way if wanted. */
export function openStream(target: Writable, compresses: boolean, abort: () => void): ResponseStream {
  let out = target;
  if (compresses) {
    const compressor = createCompressor();
    compressor.pipe(target);
    out = compressor;
  }
  return {
    write: (bytes) => target.destroyed || out.write(bytes),
    onDrain(resume) {
      const goOn = (): void => {
        out.off("drain", goOn).off("close", goOn);
        resume();
      };
      out.on("drain", goOn).on("close", goOn);
    },
    end: () => {
      if (!target.destroyed) out.end();
    },
    abort: () => {
      if (!target.destroyed) abort();
    },
  };
}

/** A header's values as one, as they are joined on the wire. */
export function joinValues(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "string" || value === undefined ? value : value.join(",");
}

/** A header's values one by one. */
export function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}
