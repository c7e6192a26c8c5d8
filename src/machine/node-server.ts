import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { Pod } from "../api/types/core-v1.ts";
import type { UserInfo } from "../api/user.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import { type NodeApi, NodeApiError } from "../kubelet/node-api.ts";
import { RuntimeError } from "../kubelet/runtime.ts";
import type { CriRuntime } from "./cri-runtime.ts";
import { checkAccess, type NodeAuthority, type NodeCredentials, Refusal } from "./node-server/access.ts";
import { answerLogs } from "./node-server/answer-logs.ts";
import { createSummaryReader, type SummaryReader } from "./node-server/read-summary.ts";
import { type NodeRoute, parseRoute, type StreamRoute } from "./node-server/route.ts";

export type { NodeAccess, NodeAuthority, NodeCredentials } from "./node-server/access.ts";
export type { StreamRoute } from "./node-server/route.ts";

/** Carries exec, attach and port-forward over connections that are upgraded to streams. */
export interface NodeStreams {
  /** Takes over a connection whose request has been allowed. */
  accept(route: StreamRoute, request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export interface NodeServerParts {
  readonly nodeName: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly tls: { readonly key: string; readonly certificate: string; readonly clientAuthority: string };
  readonly authority: NodeAuthority;
  /** What the agent knows of its pods. */
  readonly api: NodeApi;
  readonly runtime: CriRuntime;
  /** On the file system that pods write to. */
  readonly dataFolder: string;
  /** Left out: streams are refused. */
  readonly streams?: NodeStreams;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The node's own HTTPS server: logs, statistics and streams for the API server and for monitoring. */
export interface NodeServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts the server on every address of the node. It ends when the signal is aborted. */
export async function startNodeServer(parts: NodeServerParts, signal: AbortSignal): Promise<NodeServer> {
  const { key, certificate, clientAuthority } = parts.tls;
  const server = createServer({
    key,
    cert: certificate,
    ca: clientAuthority,
    requestCert: true,
    // Callers without a certificate may have a token.
    rejectUnauthorized: false,
    minVersion: "TLSv1.2",
  });
  const summary = createSummaryReader(parts);
  server.on("request", (request, response) => void answerSafely(parts, summary, request, response, signal));
  server.on("upgrade", (request, socket, head) => void upgradeSafely(parts, request, socket, head, signal));
  server.on("tlsClientError", (error) => parts.logger.debug("a connection to the node's server failed", { error }));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(parts.port, resolve);
  });
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  signal.addEventListener("abort", () => void close(), { once: true });
  return { port: (server.address() as AddressInfo).port, close };
}

async function answerSafely(
  parts: NodeServerParts,
  summary: SummaryReader,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const abort = new AbortController();
  response.once("close", () => abort.abort());
  const either = AbortSignal.any([signal, abort.signal]);
  try {
    const { route, url } = await admit(parts, request, either);
    await answer(parts, summary, route, url, response, either);
  } catch (error) {
    if (either.aborted || response.headersSent) response.destroy();
    else answerError(parts, error, response);
  }
}

/** Lets a request in. @throws {Refusal} */
async function admit(
  parts: NodeServerParts,
  request: IncomingMessage,
  signal: AbortSignal,
): Promise<{ readonly route: NodeRoute | undefined; readonly url: URL; readonly user: UserInfo }> {
  const url = new URL(request.url ?? "/", "https://node");
  const { method = "GET" } = request;
  const credentials = readCredentials(request);
  const user = await checkAccess(parts.authority, credentials, { method, path: url.pathname }, signal);
  return { route: parseRoute(url.pathname), url, user };
}

function readCredentials(request: IncomingMessage): NodeCredentials {
  const socket = request.socket as TLSSocket;
  const subject = socket.authorized ? socket.getPeerCertificate().subject : undefined;
  const organizations: unknown = subject?.O;
  const [, bearerToken] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
  return {
    ...(subject?.CN === undefined
      ? {}
      : {
          certificate: {
            commonName: String(subject.CN),
            organizations: Array.isArray(organizations)
              ? organizations
              : organizations === undefined
                ? []
                : [String(organizations)],
          },
        }),
    ...(bearerToken === undefined ? {} : { bearerToken }),
  };
}

async function answer(
  parts: NodeServerParts,
  summary: SummaryReader,
  route: NodeRoute | undefined,
  url: URL,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  switch (route?.kind) {
    case "healthz":
      return send(response, "text/plain; charset=utf-8", "ok");
    case "pods":
      return sendPods(response, parts.api.pods());
    case "runningPods":
      return sendPods(response, parts.api.runningPods());
    case "summary":
      return send(response, "application/json", JSON.stringify(await summary.readSummary(signal)));
    case "resourceMetrics":
      return send(response, "text/plain; version=0.0.4; charset=utf-8", await summary.readMetrics(signal));
    case "logs":
      return answerLogs(parts, route, url.searchParams, response, signal);
    case "exec":
    case "attach":
    case "portForward":
      throw new Refusal(400, "Upgrade request required");
    case undefined:
      throw new Refusal(404, "404 page not found");
  }
}

function sendPods(response: ServerResponse, pods: readonly Pod[]): void {
  const list = { kind: "PodList", apiVersion: "v1", metadata: {}, items: pods };
  send(response, "application/json", JSON.stringify(list));
}

function send(response: ServerResponse, contentType: string, body: string): void {
  response.writeHead(200, { "content-type": contentType, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

function answerError(parts: NodeServerParts, error: unknown, response: ServerResponse): void {
  const { status, message } = describeError(error);
  if (status >= 500) parts.logger.warn("the node's server could not answer", { error });
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
  response.end(message);
}

const apiStatuses = { notFound: 404, badRequest: 400, internal: 500 } as const;

function describeError(error: unknown): { readonly status: number; readonly message: string } {
  if (error instanceof Refusal) return error;
  if (error instanceof NodeApiError) return { status: apiStatuses[error.code], message: error.message };
  if (error instanceof RuntimeError) return { status: error.code === "notFound" ? 404 : 500, message: error.message };
  return { status: 500, message: error instanceof Error ? error.message : String(error) };
}

async function upgradeSafely(
  parts: NodeServerParts,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  signal: AbortSignal,
): Promise<void> {
  socket.on("error", (error) => parts.logger.debug("a stream broke", { error }));
  try {
    const { route } = await admit(parts, request, signal);
    if (route?.kind !== "exec" && route?.kind !== "attach" && route?.kind !== "portForward")
      throw new Refusal(404, "404 page not found");
    if (parts.streams === undefined) throw new Refusal(501, `this node does not offer ${route.kind}`);
    parts.streams.accept(route, request, socket, head);
  } catch (error) {
    const { status, message } = describeError(error);
    const body = Buffer.from(message);
    socket.end(
      `HTTP/1.1 ${status} \r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${message}`,
    );
  }
}
