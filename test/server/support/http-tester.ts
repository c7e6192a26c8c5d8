import { connect as connectHttp2, type IncomingHttpHeaders } from "node:http2";
import { Agent, request as httpsRequest } from "node:https";
import type { Readable } from "node:stream";
import { type HttpsTestServer, testTokens } from "../../../src/testing/https-server.ts";

/** A request. */
export interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  /** Objects are sent as JSON. */
  readonly body?: object | string | Uint8Array;
  /** Of the body. Default: JSON. */
  readonly type?: string;
  /** Say beforehand how long the body is. Default: true. */
  readonly declaresLength?: boolean;
}

/** A whole answer. */
export interface Answer {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- bodies of many kinds
  readonly json: any;
}

/** A watch, event by event. */
export interface WatchStream {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  /** The next event; undefined at the end of the stream. */
  // oxlint-disable-next-line typescript/no-explicit-any -- objects of many kinds
  next(): Promise<any>;
  close(): void;
}

/** A connection to a server as one user, by one version of the protocol. */
export interface HttpTester {
  ask(method: string, path: string, asked?: Asked): Promise<Answer>;
  watch(path: string, headers?: Readonly<Record<string, string>>): Promise<WatchStream>;
  close(): void;
}

interface Incoming {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
}

type Send = (method: string, path: string, headers: Record<string, string>, body: Uint8Array) => Promise<Incoming>;

/** Talks to a server by HTTP/1.1. */
export function testByHttp1(server: HttpsTestServer, token: string = testTokens.admin): HttpTester {
  const agent = new Agent({ keepAlive: true, ca: server.keys.authority.certificate });
  const send: Send = (method, path, headers, body) =>
    new Promise((resolve, reject) => {
      const sent = httpsRequest(`${server.url}${path}`, { method, agent, headers }, (response) =>
        resolve({ code: response.statusCode ?? 0, headers: response.headers, body: response }),
      );
      sent.on("error", reject);
      // Written apart from the end, a body of unknown length goes out in chunks.
      if (body.length > 0) sent.write(body);
      sent.end();
    });
  return createTester(send, token, () => agent.destroy());
}

/** Talks to a server by HTTP/2, all requests on one connection. */
export function testByHttp2(server: HttpsTestServer, token: string = testTokens.admin): HttpTester {
  const session = connectHttp2(server.url, { ca: server.keys.authority.certificate });
  const send: Send = (method, path, headers, body) =>
    new Promise((resolve, reject) => {
      const endStream = body.length === 0;
      const stream = session.request({ ":method": method, ":path": path, ...headers }, { endStream });
      stream.on("response", (answered) =>
        resolve({ code: Number(answered[":status"]), headers: answered, body: stream }),
      );
      stream.on("error", reject);
      if (!endStream) stream.end(body);
    });
  return createTester(send, token, () => session.close());
}

function createTester(send: Send, token: string, close: () => void): HttpTester {
  const start = (
    method: string,
    path: string,
    { headers = {}, body, type = "application/json", declaresLength = true }: Asked,
  ): Promise<Incoming> => {
    const bytes = bytesOf(body);
    const ofBody: Record<string, string> = body === undefined ? {} : { "content-type": type };
    if (body !== undefined && declaresLength) ofBody["content-length"] = String(bytes.length);
    return send(method, path, { authorization: `Bearer ${token}`, ...ofBody, ...headers }, bytes);
  };
  return {
    async ask(method, path, asked = {}) {
      const { code, headers, body } = await start(method, path, asked);
      const parts: Buffer[] = [];
      for await (const part of body) parts.push(part as Buffer);
      const bytes = Buffer.concat(parts);
      const text = bytes.toString();
      const isJson = headers["content-type"] === "application/json" && headers["content-encoding"] === undefined;
      return { code, headers, bytes, text, json: isJson && text !== "" ? JSON.parse(text) : undefined };
    },
    async watch(path, headers = {}) {
      const incoming = await start("GET", path, { headers });
      const events = readLines(incoming.body);
      return {
        code: incoming.code,
        headers: incoming.headers,
        next: async () => (await events.next()).value,
        close: () => incoming.body.destroy(),
      };
    },
    close,
  };
}

function bytesOf(body: Asked["body"]): Uint8Array {
  if (body === undefined) return new Uint8Array();
  if (body instanceof Uint8Array) return body;
  return new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
}

async function* readLines(body: Readable): AsyncGenerator<unknown, undefined> {
  let rest = "";
  for await (const part of body) {
    const lines = (rest + String(part)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line);
  }
  return undefined;
}
