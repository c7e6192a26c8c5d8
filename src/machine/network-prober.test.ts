import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import * as grpc from "@grpc/grpc-js";
import { afterEach, describe, expect, it } from "vitest";
import { encodeMessage, message, one } from "../api/protobuf.ts";
import { createRealClock } from "../base/real-clock.ts";
import { createVirtualClock } from "../base/virtual-clock.ts";
import type { HttpProbe } from "../kubelet/prober.ts";
import { createNetworkProber } from "./network-prober.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

const prober = createNetworkProber(createRealClock());

function listen(server: { listen(port: number, host: string, done: () => void): unknown } & Pick<Server, "address">) {
  return new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

async function serveHttp(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  closers.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return listen(server);
}

async function serveTcp(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => sockets.delete(socket));
    onConnection(socket);
  });
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return listen(server);
}

async function unusedPort(): Promise<number> {
  const server = createTcpServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const requestTo = (port: number, changes: Partial<HttpProbe> = {}): HttpProbe => ({
  scheme: "HTTP",
  host: "127.0.0.1",
  port,
  path: "/healthz",
  headers: [
    { name: "User-Agent", value: "kube-probe/1.36" },
    { name: "Accept", value: "*/*" },
  ],
  timeoutMs: 5_000,
  ...changes,
});

describe("HTTP probe", () => {
  it("sends what it is given and nothing more", async () => {
    let seen: unknown;
    const port = await serveHttp((request, response) => {
      seen = { method: request.method, url: request.url, headers: request.headers };
      response.end("ok");
    });
    const outcome = await prober.httpGet(
      requestTo(port, {
        path: "/a b?x=1#part",
        headers: [
          { name: "Host", value: "shop.example" },
          { name: "X-Twice", value: "1" },
          { name: "X-Twice", value: "2" },
        ],
      }),
    );
    expect({ outcome, seen }).toEqual({
      outcome: { result: "success", output: "ok", statusCode: 200 },
      seen: {
        method: "GET",
        url: "/a%20b?x=1",
        headers: { host: "shop.example", "x-twice": "1, 2", connection: "close" },
      },
    });
  });

  const statuses = [
    { status: 204, outcome: { result: "success", output: "", statusCode: 204 } },
    {
      status: 304,
      outcome: { result: "warning", output: "Probe terminated redirects, Response body: ", statusCode: 304 },
    },
    { status: 404, outcome: { result: "failure", output: "HTTP probe failed with statuscode: 404", statusCode: 404 } },
    { status: 503, outcome: { result: "failure", output: "HTTP probe failed with statuscode: 503", statusCode: 503 } },
  ];
  it.each(statuses)("judges status $status", async ({ status, outcome }) => {
    const port = await serveHttp((_request, response) => response.writeHead(status).end());
    expect(await prober.httpGet(requestTo(port))).toEqual(outcome);
  });

  it("reads ten kibibytes of an endless answer", async () => {
    const port = await serveHttp((_request, response) => {
      const more = (): void => void response.write("x".repeat(4096), more);
      more();
    });
    expect((await prober.httpGet(requestTo(port))).output).toHaveLength(10_240);
  });

  it("follows redirects on the same host", async () => {
    const port = await serveHttp((request, response) => {
      if (request.url === "/ready") response.end("yes");
      else response.writeHead(302, { location: "/ready" }).end();
    });
    expect(await prober.httpGet(requestTo(port))).toEqual({ result: "success", output: "yes", statusCode: 200 });
  });

  it("stops at a redirect to another host with a warning", async () => {
    const port = await serveHttp((_request, response) =>
      response.writeHead(302, { location: "http://elsewhere.example/" }).end("moved"),
    );
    expect(await prober.httpGet(requestTo(port))).toEqual({
      result: "warning",
      output: "Probe terminated redirects, Response body: moved",
      statusCode: 302,
    });
  });

  it("gives up after ten redirects", async () => {
    const port = await serveHttp((_request, response) => response.writeHead(302, { location: "/again" }).end());
    expect(await prober.httpGet(requestTo(port))).toEqual({
      result: "failure",
      output: `Get "/again": stopped after 10 redirects`,
    });
  });

  const broken: readonly { name: string; onConnection: (socket: Socket) => void; output: (port: number) => string }[] =
    [
      {
        name: "a server that hangs up",
        onConnection: (socket) => socket.once("data", () => socket.end()),
        output: (port) => `Get "http://127.0.0.1:${port}/healthz": EOF`,
      },
      {
        name: "an answer that is not HTTP",
        onConnection: (socket) => socket.once("data", () => socket.end("garbage\r\n\r\n")),
        output: (port) =>
          `Get "http://127.0.0.1:${port}/healthz": net/http: HTTP/1.x transport connection broken: malformed HTTP response "garbage"`,
      },
      {
        name: "a body that breaks off",
        onConnection: (socket) =>
          socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")),
        output: () => "unexpected EOF",
      },
    ];
  it.each(broken)("tells $name in Go's words", async ({ onConnection, output }) => {
    const port = await serveTcp(onConnection);
    expect(await prober.httpGet(requestTo(port))).toMatchObject({ result: "failure", output: output(port) });
  });

  it("tells a reset connection with both its ends", async () => {
    const port = await serveTcp((socket) => socket.once("data", () => socket.resetAndDestroy()));
    expect((await prober.httpGet(requestTo(port))).output).toMatch(
      new RegExp(
        `^Get "http://127\\.0\\.0\\.1:${port}/healthz": read tcp 127\\.0\\.0\\.1:\\d+->127\\.0\\.0\\.1:${port}: read: connection reset by peer$`,
      ),
    );
  });

  it("tells a refused connection", async () => {
    const port = await unusedPort();
    expect(await prober.httpGet(requestTo(port, { path: "/" }))).toEqual({
      result: "failure",
      output: `Get "http://127.0.0.1:${port}/": dial tcp 127.0.0.1:${port}: connect: connection refused`,
    });
  });

  it("tells plain HTTP where HTTPS was asked for", async () => {
    const port = await serveTcp((socket) => socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")));
    expect((await prober.httpGet(requestTo(port, { scheme: "HTTPS" }))).output).toBe(
      `Get "https://127.0.0.1:${port}/healthz": http: server gave HTTP response to HTTPS client`,
    );
  });

  it("gives up on a silent server when its time is over", async () => {
    const clock = createVirtualClock();
    const arrived = Promise.withResolvers<void>();
    const port = await serveTcp((socket) => socket.once("data", () => arrived.resolve()));
    const outcome = createNetworkProber(clock).httpGet(requestTo(port, { timeoutMs: 1_000 }));
    await arrived.promise;
    await clock.advance(1_000);
    expect(await outcome).toEqual({
      result: "failure",
      output: `Get "http://127.0.0.1:${port}/healthz": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
    });
  });

  it("stops when it is aborted", async () => {
    const port = await serveTcp(() => undefined);
    const reason = new Error("enough");
    await expect(prober.httpGet(requestTo(port), AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

describe("TCP probe", () => {
  it("succeeds when something listens", async () => {
    const port = await serveTcp(() => undefined);
    expect(await prober.tcpConnect({ host: "127.0.0.1", port, timeoutMs: 1_000 })).toEqual({
      result: "success",
      output: "",
    });
  });

  it("fails with the reason when nothing does", async () => {
    const port = await unusedPort();
    expect(await prober.tcpConnect({ host: "127.0.0.1", port, timeoutMs: 1_000 })).toEqual({
      result: "failure",
      output: `dial tcp 127.0.0.1:${port}: connect: connection refused`,
    });
  });
});

describe("gRPC health probe", () => {
  const statusMessage = message("HealthCheckResponse", { status: one(1, "int32") });

  async function serveHealth(answer: { readonly status?: number; readonly code?: grpc.status }): Promise<number> {
    const server = new grpc.Server();
    const identity = (bytes: Buffer): Buffer => bytes;
    const definition = {
      check: {
        path: "/grpc.health.v1.Health/Check",
        requestStream: false,
        responseStream: false,
        requestSerialize: identity,
        requestDeserialize: identity,
        responseSerialize: identity,
        responseDeserialize: identity,
      },
    } as const;
    server.addService(definition, {
      check: (_call: unknown, done: grpc.sendUnaryData<Buffer>) => {
        if (answer.code === undefined) done(null, Buffer.from(encodeMessage(statusMessage, { status: answer.status })));
        else done({ code: answer.code, details: "unknown service" });
      },
    });
    closers.push(() => server.forceShutdown());
    return new Promise((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  }

  const answers = [
    { name: "serving", answer: { status: 1 }, outcome: { result: "success", output: "service healthy" } },
    {
      name: "not serving",
      answer: { status: 2 },
      outcome: { result: "failure", output: `service unhealthy (responded with "NOT_SERVING")` },
    },
    {
      name: "an unknown service",
      answer: { code: grpc.status.NOT_FOUND },
      outcome: {
        result: "failure",
        output: "error: health rpc probe failed: rpc error: code = NotFound desc = unknown service",
      },
    },
    {
      name: "a server without the protocol",
      answer: { code: grpc.status.UNIMPLEMENTED },
      outcome: {
        result: "failure",
        output:
          "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service",
      },
    },
  ];
  it.each(answers)("understands $name", async ({ answer, outcome }) => {
    const port = await serveHealth(answer);
    expect(await prober.grpcHealth({ host: "127.0.0.1", port, service: "", timeoutMs: 5_000 })).toEqual(outcome);
  });

  it("says that nothing listens only when its time is over", async () => {
    const port = await unusedPort();
    expect(await prober.grpcHealth({ host: "127.0.0.1", port, service: "", timeoutMs: 300 })).toEqual({
      result: "failure",
      output: `timeout: failed to connect service "127.0.0.1:${port}" within 300ms: context deadline exceeded`,
    });
  });
});
