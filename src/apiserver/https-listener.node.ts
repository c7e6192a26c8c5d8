import { type IncomingMessage, ServerResponse } from "node:http";
import {
  createSecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Credentials } from "./authentication.ts";
import type { HttpHandler } from "./http/handler.ts";
import { createHttp1Exchange } from "./http/http1-exchange.node.ts";
import { createHttp2Exchange } from "./http/http2-exchange.node.ts";
import { readPeerCertificate } from "./peer-certificate.node.ts";

/** Keys of a listener, in PEM. */
export interface TlsKeys {
  readonly key: string;
  /** The certificate, followed by those of the authorities between it and the root. */
  readonly certificate: string;
  /** Authorities whose client certificates are believed. */
  readonly clientAuthorities: readonly string[];
}

/** A listening HTTPS server. */
export interface HttpsListener {
  readonly port: number;
  /** Connections from now on use these keys. */
  useKeys(keys: TlsKeys): void;
  /** Takes no more connections, lets requests finish for at most `graceMs`, then cuts what is left. */
  close(graceMs: number): Promise<void>;
}

/** Streams that one connection may have open. Source: kube-apiserver's `--http2-max-streams-per-connection`. */
const maxStreams = 1000;
/** What a client may send of one body before it must wait: nearly all bodies fit. */
const streamWindowBytes = 256 * 1024;
/** An HTTP/1.1 connection without requests is closed after this. */
const idleTimeoutMs = 180_000;
/** Set in the flags of a stream whose request has no body. */
const endStreamFlag = 0x1;

type Certificate = Pick<Credentials, "certificate" | "badCertificate">;

/** Starts listening. HTTP/2 and HTTP/1.1 share the port; clients may bring a certificate. */
export async function listenHttps(
  handler: HttpHandler,
  options: {
    readonly host: string;
    /** 0 for any that is free. */
    readonly port: number;
    readonly keys: TlsKeys;
    readonly clock: Clock;
    readonly logger: Logger;
  },
): Promise<HttpsListener> {
  const { clock, logger } = options;
  const server = createSecureServer({
    ...tlsOptions(options.keys),
    allowHTTP1: true,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: "TLSv1.2",
    settings: { maxConcurrentStreams: maxStreams, initialWindowSize: streamWindowBytes },
  });
  const sessions = new Set<ServerHttp2Session>();
  const sockets = new Set<Socket>();
  const certificates = new WeakMap<object, Certificate>();

  const certificateOf = (holder: object, socket: TLSSocket): Certificate => {
    let known = certificates.get(holder);
    if (known === undefined) {
      known = readPeerCertificate(socket);
      certificates.set(holder, known);
    }
    return known;
  };
  const onStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number): void => {
    const { session } = stream;
    if (session === undefined) return;
    const certificate = certificateOf(session, session.socket as TLSSocket);
    void handler(createHttp2Exchange(stream, headers, (flags & endStreamFlag) === 0, certificate));
  };
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const certificate = certificateOf(request.socket, request.socket as TLSSocket);
    void handler(createHttp1Exchange(request, response, certificate));
  };
  const onUpgrade = (request: IncomingMessage, connection: Duplex, head: Buffer): void => {
    const certificate = certificateOf(request.socket, request.socket as TLSSocket);
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(request.socket);
    response.once("finish", () => connection.end());
    void handler(createHttp1Exchange(request, response, certificate, { connection, head }));
  };

  server.on("request", onRequest as never);
  // Listening to `request` makes Node wrap every HTTP/2 stream too, at a third of the speed: undo that.
  server.removeAllListeners("stream");
  server.on("stream", onStream as never);
  server.on("upgrade", onUpgrade as never);
  server.on("session", (session: ServerHttp2Session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
    session.on("error", (error) => logger.debug("connection failed", { error }));
  });
  server.on("secureConnection", (socket: TLSSocket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.setTimeout(0);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("tlsClientError", (error) => logger.debug("TLS handshake failed", { error }));
  server.on("clientError", (error: Error, socket: Duplex) => {
    logger.debug("malformed request", { error });
    if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
  });
  Object.assign(server, { keepAliveTimeout: idleTimeoutMs });

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    useKeys: (keys) => server.setSecureContext(tlsOptions(keys)),
    close(graceMs) {
      return new Promise((resolve) => {
        const timer = clock.setTimer(graceMs, () => {
          for (const session of sessions) session.destroy();
          for (const socket of sockets) socket.destroy();
        });
        server.close(() => {
          timer.cancel();
          resolve();
        });
        for (const session of sessions) session.close();
        closeIdle(sockets, sessions);
      });
    },
  };
}

/** HTTP/1.1 connections without a request would stay open until the client closes them. */
function closeIdle(sockets: ReadonlySet<Socket>, sessions: ReadonlySet<ServerHttp2Session>): void {
  const shared = new Set([...sessions].map((session) => session.socket?.remotePort));
  for (const socket of sockets) {
    const { _httpMessage: busy } = socket as Socket & { readonly _httpMessage?: unknown };
    if (!shared.has(socket.remotePort) && (busy === null || busy === undefined)) socket.end();
  }
}

function tlsOptions({ key, certificate, clientAuthorities }: TlsKeys): {
  readonly key: string;
  readonly cert: string;
  readonly ca?: string[];
} {
  return { key, cert: certificate, ...(clientAuthorities.length === 0 ? {} : { ca: [...clientAuthorities] }) };
}
