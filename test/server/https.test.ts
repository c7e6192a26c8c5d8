import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configMaps, pods } from "../../src/api/resources.ts";
import { createRealClock } from "../../src/base/real-clock.ts";
import { createVirtualClock } from "../../src/base/virtual-clock.ts";
import { openClusterKeys } from "../../src/cluster/pki.ts";
import { openSqliteStore } from "../../src/storage/sqlite-store.node.ts";
import { type HttpsTestServer, startHttpsServer, testTokens } from "../../src/testing/https-server.ts";
import { startTestServer, testAdmin } from "../../src/testing/test-server.ts";
import { inDefault, podNamed, reactions } from "./support/fixtures.ts";
import { type HttpTester, testByHttp1, testByHttp2 } from "./support/http-tester.ts";
import { createMemoryExchange } from "./support/memory-exchange.ts";

const maps = "/api/v1/namespaces/default/configmaps";
const big = "x".repeat(140_000);

let server: HttpsTestServer;
beforeAll(async () => {
  server = await startHttpsServer();
  for (const name of ["big1", "big2", "big3"])
    await server.client.create(configMaps, { metadata: { ...inDefault(name), labels: { big: "yes" } }, data: { big } });
});
afterAll(() => server.stop());

describe.each([
  { version: "HTTP/1.1", open: testByHttp1 },
  { version: "HTTP/2", open: testByHttp2 },
])("over $version", ({ version, open }) => {
  let tester: HttpTester;
  beforeAll(() => {
    tester = open(server);
  });
  afterAll(() => tester.close());

  it("long answers are compressed for those who accept that", async () => {
    const path = `${maps}?labelSelector=big%3Dyes`;
    const plain = await tester.ask("GET", path);
    const packed = await tester.ask("GET", path, { headers: { "accept-encoding": "deflate, gzip" } });
    expect([plain.headers["content-encoding"], packed.headers["content-encoding"], packed.headers.vary]).toEqual([
      undefined,
      "gzip",
      "Accept-Encoding",
    ]);
    expect(JSON.parse(gunzipSync(packed.bytes).toString())).toEqual(plain.json);
    expect(plain.json.items).toHaveLength(3);
    const one = await tester.ask("GET", `${maps}/big1`, { headers: { "accept-encoding": "gzip" } });
    expect(JSON.parse(gunzipSync(one.bytes).toString()).data.big).toBe(big);
    const short = await tester.ask("GET", `${maps}?labelSelector=nothing`, {
      headers: { "accept-encoding": "gzip" },
    });
    expect(short.headers["content-encoding"]).toBeUndefined();
  });

  it.each([
    { name: "declared", declaresLength: true },
    { name: "not declared", declaresLength: false },
  ])(
    "a body beyond 3 MiB is refused when its length is $name, and the connection goes on",
    async ({ declaresLength }) => {
      const body = JSON.stringify({ metadata: { name: "a" }, data: { a: "x".repeat(3 * 1024 * 1024) } });
      const { code, json } = await tester.ask("POST", maps, { body, declaresLength });
      expect([code, json.reason, json.message]).toEqual([
        413,
        "RequestEntityTooLarge",
        "Request entity too large: limit is 3145728",
      ]);
      expect((await tester.ask("GET", "/healthz")).text).toBe("ok");
    },
  );

  it("watches and writes go on side by side", async () => {
    const { json } = await tester.ask("GET", `${maps}?limit=1`);
    const from = `resourceVersion=${json.metadata.resourceVersion}`;
    const watches = await Promise.all(
      Array.from({ length: 20 }, () => tester.watch(`${maps}?watch=true&${from}&labelSelector=by%3D${version.at(-1)}`)),
    );
    const names = Array.from({ length: 10 }, (_, index) => `w${index}`);
    for (const name of names) {
      const body = { metadata: { name, labels: { by: version.at(-1) } } };
      expect((await tester.ask("POST", maps, { body })).code).toBe(201);
    }
    for (const watch of watches) {
      const seen: string[] = [];
      while (seen.length < names.length) seen.push((await watch.next()).object.metadata.name);
      expect(seen).toEqual(names);
      watch.close();
    }
    for (const name of names) await tester.ask("DELETE", `${maps}/${name}`);
  });

  it("a watch ends when its time is over", async () => {
    const watch = await tester.watch(
      `${maps}?watch=true&timeoutSeconds=1&resourceVersion=1&fieldSelector=metadata.name%3Dnobody`,
    );
    expect([watch.code, await watch.next()]).toEqual([200, undefined]);
  });

  it("a watch is given up when its client goes away", async () => {
    const watch = await tester.watch(`${maps}?watch=true&fieldSelector=metadata.name%3Dlate`);
    watch.close();
    await reactions();
    const late = { metadata: { name: "late" } };
    expect((await tester.ask("POST", maps, { body: late })).code).toBe(201);
    await tester.ask("DELETE", `${maps}/late`);
  });

  it.each([
    { method: "HEAD", path: "/healthz", code: 200 },
    { method: "HEAD", path: maps, code: 405 },
    { method: "OPTIONS", path: maps, code: 405 },
    { method: "DELETE", path: "/version", code: 405 },
  ])("$method $path is answered $code", async ({ method, path, code }) => {
    expect((await tester.ask(method, path)).code).toBe(code);
  });

  it("every answer says that it is not to be kept, and by what name the log knows it", async () => {
    const { headers } = await tester.ask("GET", maps);
    expect([headers["cache-control"], headers["audit-id"]]).toEqual([
      "no-cache, private",
      expect.stringMatching(/^[0-9a-f-]{36}$/),
    ]);
  });
});

describe("what a client accepts", () => {
  let tester: HttpTester;
  beforeAll(() => {
    tester = testByHttp2(server);
  });
  afterAll(() => tester.close());

  const protobuf = "application/vnd.kubernetes.protobuf";
  it.each([
    { accept: "application/yaml", type: "application/yaml", begins: "apiVersion: v1" },
    { accept: `${protobuf},application/json`, type: "application/json", begins: '{"kind":' },
    { accept: "application/json;q=0.1,application/yaml;q=0.9", type: "application/yaml", begins: "apiVersion: v1" },
    { accept: "*/*", type: "application/json", begins: '{"kind":' },
    { accept: "application/json;pretty=1", type: "application/json", begins: '{\n  "kind":' },
  ])("decides what it gets: $accept", async ({ accept, type, begins }) => {
    const { headers, text } = await tester.ask("GET", "/api/v1/namespaces/default", { headers: { accept } });
    expect([headers["content-type"], text.slice(0, begins.length)]).toEqual([type, begins]);
  });

  it.each([
    { name: "object", path: "/api/v1/namespaces/default" },
    { name: "list", path: "/api/v1/namespaces" },
  ])("is indented for people: $name", async ({ path }) => {
    const plain = await tester.ask("GET", path);
    const pretty = await tester.ask("GET", `${path}?pretty=true`);
    expect(pretty.text).toBe(JSON.stringify(plain.json, undefined, 2));
    const byCurl = await tester.ask("GET", path, { headers: { "user-agent": "curl/8.0" } });
    expect(byCurl.text).toBe(pretty.text);
  });

  it("may be bare metadata", async () => {
    const accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
    const { json } = await tester.ask("GET", `${maps}?fieldSelector=metadata.name%3Dbig1`, { headers: { accept } });
    expect([json.kind, json.items.map((item: object) => Object.keys(item))]).toEqual([
      "PartialObjectMetadataList",
      [["kind", "apiVersion", "metadata"]],
    ]);
  });

  it("that is not spoken yet is refused in so many words", async () => {
    const { code, json } = await tester.ask("GET", maps, { headers: { accept: protobuf } });
    expect([code, json.message]).toEqual([
      406,
      "only the following media types are accepted: application/json, application/yaml",
    ]);
  });

  it.each([
    { type: protobuf, body: "k8s", accepted: "application/json, application/yaml" },
    { type: "text/plain", body: "{}", accepted: "application/json, application/yaml" },
  ])("a body of type $type is refused", async ({ type, body, accepted }) => {
    const { code, json } = await tester.ask("POST", maps, { type, body });
    expect([code, json.message]).toEqual([
      415,
      `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
    ]);
  });

  it("server-side apply is refused until it is there", async () => {
    const { code, json } = await tester.ask("PATCH", `${maps}/big1`, {
      type: "application/apply-patch+yaml",
      body: "{}",
    });
    expect([code, json.reason]).toEqual([415, "UnsupportedMediaType"]);
  });

  it("discovery is not sent to those who have it", async () => {
    const headers = { accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" };
    const first = await tester.ask("GET", "/apis", { headers });
    const again = await tester.ask("GET", "/apis", {
      headers: { ...headers, "if-none-match": String(first.headers.etag) },
    });
    expect([first.code, again.code, again.bytes.length]).toEqual([200, 304, 0]);
  });
});

describe("pages over HTTP", () => {
  it("tell how many objects are left, unless selectors make that unknown", async () => {
    const tester = testByHttp2(server);
    const all = await tester.ask("GET", `${maps}?limit=1`);
    const { json: rest } = await tester.ask("GET", `${maps}?continue=${all.json.metadata.continue}`);
    expect(all.json.metadata.remainingItemCount).toBe(rest.items.length);
    const some = await tester.ask("GET", `${maps}?limit=1&labelSelector=big`);
    expect([some.json.metadata.remainingItemCount, typeof some.json.metadata.continue]).toEqual([undefined, "string"]);
    tester.close();
  });
});

describe("a request that takes too long", () => {
  it("is cut off after a minute", async () => {
    const clock = createVirtualClock();
    const started = await startTestServer({
      clock,
      parts: () => ({ authenticator: { authenticate: async () => testAdmin } }),
    });
    const never = new Promise<string>(() => undefined);
    const exchange = createMemoryExchange("POST", maps, { authorization: "Bearer any" }, never);
    void started.server.handleHttp(exchange);
    await clock.advance(59_000);
    expect(exchange.answered.code).toBe(0);
    await clock.advance(1000);
    expect([exchange.answered.code, JSON.parse(exchange.answered.text).message]).toEqual([
      504,
      "Timeout: request did not complete within the allotted timeout",
    ]);
    await started.stop();
  });
});

describe("a connection", () => {
  it("that speaks no TLS, or no HTTP, harms nobody", async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\n\r\n"));
      socket
        .on("close", () => resolve())
        .on("error", () => undefined)
        .resume();
    });
    const { certificate } = server.keys.authority;
    const answer = await new Promise<string>((resolve) => {
      const socket = connectTls({ port: server.port, host: "127.0.0.1", ca: certificate }, () =>
        socket.write("hello\r\n\r\n"),
      );
      let text = "";
      socket.on("data", (part) => (text += String(part)));
      socket.on("close", () => resolve(text)).on("error", () => undefined);
    });
    expect(answer).toBe("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
    const tester = testByHttp1(server);
    expect((await tester.ask("GET", "/healthz")).code).toBe(200);
    tester.close();
  });

  it("made after a change of keys sees the new certificate", async () => {
    const own = await startHttpsServer();
    const folder = await mkdtemp(join(tmpdir(), "k8ts-keys-"));
    const hosts = { hosts: ["127.0.0.1", "localhost"], nodeName: "node", nodeHosts: ["localhost"] };
    const keys = await openClusterKeys(folder, { clock: createRealClock(), ...hosts });
    await rm(folder, { recursive: true });
    const { key, certificate } = keys.apiServer;
    own.listener.useKeys({ key, certificate, clientAuthorities: [keys.authority.certificate] });
    const tester = testByHttp1({ ...own, keys });
    expect((await tester.ask("GET", "/healthz")).code).toBe(200);
    tester.close();
    await own.stop();
  });
});

describe("a server that stops", () => {
  it("ends watches, finishes what it has begun, and takes nothing more", async () => {
    const own = await startHttpsServer();
    const testers = [testByHttp1(own), testByHttp2(own)];
    const watches = await Promise.all(
      testers.map((tester) => tester.watch(`${maps}?watch=true&resourceVersion=1&fieldSelector=metadata.name%3Dx`)),
    );
    const stopping = own.stop();
    for (const watch of watches) expect(await watch.next()).toBeUndefined();
    for (const tester of testers) tester.close();
    await stopping;
    await expect(testByHttp1(own).ask("GET", "/healthz")).rejects.toThrow("ECONNREFUSED");
  });
});

describe("an upgrade", () => {
  it("hands the connection to whoever serves the stream", async () => {
    const connector = {
      resource: pods,
      subresource: "exec",
      async connect({
        exchange,
        attributes,
      }: {
        exchange: { takeConnection?: () => object };
        attributes: { name: string };
      }) {
        const taken = exchange.takeConnection?.() as { connection: Duplex };
        taken.connection.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n");
        taken.connection.write(`hello from ${attributes.name}\n`);
        taken.connection.pipe(taken.connection);
        await new Promise((resolve) => taken.connection.once("close", resolve));
      },
    };
    const own = await startHttpsServer({ connectors: [connector as never] });
    await own.client.create(configMaps, { metadata: inDefault("a") });
    const text = await new Promise<string>((resolve, reject) => {
      const path = "/api/v1/namespaces/default/pods/a/exec?command=ls";
      const head = `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo\r\nauthorization: Bearer ${testTokens.admin}\r\n\r\n`;
      const ca = own.keys.authority.certificate;
      const socket = connectTls({ port: own.port, host: "127.0.0.1", ca, ALPNProtocols: ["http/1.1"] }, () =>
        socket.write(head),
      );
      let seen = "";
      socket.on("error", reject);
      socket.on("data", (part) => {
        seen += String(part);
        if (seen.endsWith("from a\n")) socket.write("again\n");
        if (!seen.endsWith("again\n")) return;
        socket.destroy();
        resolve(seen.slice(seen.indexOf("hello")));
      });
    });
    expect(text).toBe("hello from a\nagain\n");
    await own.stop();
  });
});

describe("a server on disk", () => {
  it("has everything again after it was started anew", async () => {
    const folder = await mkdtemp(join(tmpdir(), "k8ts-disk-"));
    const clock = createRealClock();
    const first = await startHttpsServer({ store: await openSqliteStore({ folder, clock }) });
    const created = await first.client.create(pods, podNamed("a"), { dryRun: true }).catch((error: unknown) => error);
    expect(String(created)).toContain('serviceaccount "default" not found');
    const tester = testByHttp2(first);
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        tester.ask("POST", maps, { body: { metadata: { name: `m${index}` }, data: { index: String(index) } } }),
      ),
    );
    const before = await tester.ask("GET", maps);
    expect(before.json.items).toHaveLength(50);
    tester.close();
    await first.stop();

    const second = await startHttpsServer({ store: await openSqliteStore({ folder, clock }), namespaces: [] });
    const again = testByHttp2(second);
    const after = await again.ask("GET", maps);
    expect(after.json.items).toEqual(before.json.items);
    again.close();
    await second.stop();
    await rm(folder, { recursive: true });
  });
});
