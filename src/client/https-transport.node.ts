import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type SecureClientSessionOptions,
} from "node:http2";
import type { Clock, Timer } from "../base/clock.ts";
import {
  ConnectionError,
  type HttpHeaders,
  type HttpRequest,
  type HttpResponse,
  type HttpTransport,
} from "./http-transport.ts";

/** Whom to trust and who to be. All keys and certificates are PEM. */
export interface TlsIdentity {
  /** Authorities that the server's certificate must come from. Default: those that the platform trusts. */
  readonly authorities?: string;
  /** Client certificate and its key. */
  readonly certificate?: string;
  readonly key?: string;
  /** The name that the server's certificate must have. Default: that of the address. */
  readonly serverName?: string;
  /** Talks to whoever answers. */
  readonly skipsVerification?: boolean;
}

export interface HttpsTransportOptions {
  /** `https://192.0.2.1:6443`, perhaps with a path that all requests begin with. */
  readonly server: string;
  readonly clock: Clock;
  /** Asked for every connection, so that renewed certificates take effect. */
  readonly tls: () => TlsIdentity;
  /** Asked for every request; undefined: no token. */
  readonly token?: () => string | undefined | Promise<string | undefined>;
  /** Sent with every request; names in lower case. */
  readonly headers?: HttpHeaders;
}

/** A connection that has been silent this long while an answer is awaited is asked whether it is alive. Source: client-go. */
const silenceMs = 30_000;
/** How long it has to say so. */
const pingTimeoutMs = 15_000;
/** What the server may send before it is read: of one answer, and of all. Source: Go's client for the first. */
const streamWindowBytes = 4 * 1024 * 1024;
const connectionWindowBytes = 64 * 1024 * 1024;

/**
 * Creates a transport over HTTP/2 and TLS. It keeps one connection, made when it is first needed and anew after it broke,
 * was given up by the server or stopped answering.
 * @throws {Error} when the address is not that of an HTTPS server
 */
export function createHttpsTransport(options: HttpsTransportOptions): HttpTransport {
  const url = new URL(options.server);
  if (url.protocol !== "https:") throw new Error(`${options.server}: only https servers are supported`);
  const basePath = url.pathname.replace(/\/+$/, "");
  let current: Connection | undefined;
  let isClosed = false;

  const connection = (): Connection => {
    if (isClosed) throw new ConnectionError("the transport is closed");
    if (current === undefined || !current.isUsable) current = openConnection(url, options.tls(), options.clock);
    return current;
  };

  return {
    async send(request, signal) {
      signal?.throwIfAborted();
      const token = await options.token?.();
      const authorization: HttpHeaders = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const headers: HttpHeaders = { ...options.headers, ...request.headers, ...authorization };
      const full = { ...request, path: `${basePath}${request.path}`, headers };
      try {
        return await connection().send(full, signal);
      } catch (error) {
        // The server gave up the connection before it knew of the request.
        if (!(error instanceof ConnectionError && error.isUntouched)) throw error;
        return await connection().send(full, signal);
      }
    },
    renew() {
      current?.drain();
      current = undefined;
    },
    close() {
      isClosed = true;
      current?.destroy();
    },
  };
}

/** One HTTP/2 connection. */
interface Connection {
  /** New requests may be sent. */
  readonly isUsable: boolean;
  send(request: HttpRequest, signal: AbortSignal | undefined): Promise<HttpResponse>;
  /** Takes no more requests and closes once the present ones are answered. */
  drain(): void;
  destroy(): void;
}

function openConnection(url: URL, tls: TlsIdentity, clock: Clock): Connection {
  const session = connect(url, tlsOptions(tls));
  let isDraining = false;
  let failure: Error | undefined;
  const pulse = createPulse(session, clock);
  const drain = (): void => {
    isDraining = true;
    session.close();
  };
  session.on("connect", () => session.setLocalWindowSize(connectionWindowBytes));
  session.on("error", (error) => {
    failure = error;
  });
  const gone = new Promise<void>((resolve) => session.once("close", resolve));
  /** What broke the connection; streams hear of it before the connection does. */
  const findFailure = async (): Promise<Error | undefined> => {
    if (session.destroyed) await gone;
    return failure;
  };
  session.on("goaway", drain);
  return {
    get isUsable() {
      return !isDraining && !session.closed && !session.destroyed;
    },
    async send(request, signal) {
      let stream: ClientHttp2Stream;
      try {
        stream = session.request(requestHeaders(url, request), { endStream: request.body === undefined });
      } catch (error) {
        throw toConnectionError(error as Error, true);
      }
      pulse.begin();
      stream.once("close", pulse.end);
      if (request.body !== undefined) stream.end(request.body);
      return awaitResponse({ stream, signal, hear: pulse.hear, findFailure });
    },
    drain,
    destroy: () => session.destroy(),
  };
}

function tlsOptions(tls: TlsIdentity): SecureClientSessionOptions {
  return {
    settings: { enablePush: false, initialWindowSize: streamWindowBytes },
    rejectUnauthorized: tls.skipsVerification !== true,
    ...(tls.authorities === undefined ? {} : { ca: tls.authorities }),
    ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
  };
}

function requestHeaders(url: URL, { method, path, headers, body }: HttpRequest): OutgoingHttpHeaders {
  return {
    ...(headers as OutgoingHttpHeaders),
    ":method": method,
    ":path": path,
    ":scheme": "https",
    ":authority": url.host,
    ...(body === undefined ? {} : { "content-length": String(body.length) }),
  };
}

/** A request under way. */
interface Exchange {
  readonly stream: ClientHttp2Stream;
  readonly signal: AbortSignal | undefined;
  /** To be called when something came. */
  hear(): void;
  /** What broke the connection; undefined when it has not broken. */
  findFailure(): Promise<Error | undefined>;
}

/** Answers with the response as soon as its headers are there. */
function awaitResponse(exchange: Exchange): Promise<HttpResponse> {
  const { stream, signal } = exchange;
  return new Promise((resolve, reject) => {
    let problem: Error | undefined;
    const onAbort = (): void => {
      stream.close(constants.NGHTTP2_CANCEL);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    stream.on("error", (error: Error) => {
      problem = error;
    });
    stream.once("close", async () => {
      signal?.removeEventListener("abort", onAbort);
      const cause = (await exchange.findFailure()) ?? problem ?? new ConnectionError("the connection was closed", lost);
      reject(toConnectionError(cause, stream.rstCode === constants.NGHTTP2_REFUSED_STREAM));
    });
    stream.once("response", (headers) => {
      exchange.hear();
      resolve(toResponse(exchange, headers));
    });
  });
}

function toResponse(exchange: Exchange, headers: IncomingHttpHeaders): HttpResponse {
  return {
    status: Number(headers[":status"]),
    header(name) {
      const value = headers[name];
      return Array.isArray(value) ? value.join(", ") : value;
    },
    body: { [Symbol.asyncIterator]: () => readStream(exchange) },
  };
}

async function* readStream({ stream, signal, hear, findFailure }: Exchange): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      hear();
      yield chunk;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw toConnectionError((await findFailure()) ?? (error as Error), false);
  } finally {
    if (!stream.readableEnded) stream.close(constants.NGHTTP2_CANCEL);
  }
  signal?.throwIfAborted();
  if (!stream.readableEnded || stream.rstCode !== constants.NGHTTP2_NO_ERROR)
    throw new ConnectionError(`the answer was broken off with code ${stream.rstCode}`, lost);
}

/** Notices when a connection on which answers are awaited is dead, though nobody has closed it. */
interface Pulse {
  /** An answer is awaited. */
  begin(): void;
  /** It is awaited no more. */
  end(): void;
  /** Something came. */
  hear(): void;
}

function createPulse(session: ClientHttp2Session, clock: Clock): Pulse {
  let awaited = 0;
  let heardMs = 0;
  let timer: Timer | undefined;
  const hear = (): void => {
    heardMs = clock.monotonicMs();
  };
  const fail = (): void => session.destroy(new ConnectionError("the server stopped answering", lost));
  const look = (): void => {
    const leftMs = heardMs + silenceMs - clock.monotonicMs();
    timer = clock.setTimer(leftMs > 0 ? leftMs : pingTimeoutMs, leftMs > 0 ? look : fail);
    if (leftMs > 0) return;
    session.ping((error) => {
      if (error !== null || session.destroyed) return;
      hear();
      timer?.cancel();
      if (awaited > 0) look();
    });
  };
  return {
    hear,
    begin() {
      awaited += 1;
      hear();
      if (awaited === 1) look();
    },
    end() {
      awaited -= 1;
      if (awaited === 0) timer?.cancel();
    },
  };
}

const lost = { code: "ECONNRESET" } as const;

/** What Node calls a connection that has gone; a request that could not even be begun may be sent again. */
function toConnectionError(error: Error, isUntouched: boolean): ConnectionError {
  if (error instanceof ConnectionError) return error;
  const { code } = error as { readonly code?: string };
  const isLost = code === "ERR_HTTP2_STREAM_CANCEL" || code === "ERR_STREAM_PREMATURE_CLOSE";
  const named = isLost ? lost : code === undefined ? {} : { code };
  return new ConnectionError(error.message, { cause: error, isUntouched, ...named });
}
