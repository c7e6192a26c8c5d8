import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deployments, namespaces, pods } from "../api/resources.ts";
import { createVirtualClock } from "../base/virtual-clock.ts";
import type { Client } from "./client.ts";
import { createHttpClient } from "./http-client.ts";
import { statusErrorOf } from "./http-status.ts";
import { ConnectionError, type HttpRequest, type HttpResponse, type HttpTransport } from "./http-transport.ts";
import { createLineSplitter } from "./line-splitter.ts";
import { resourcePath, withListOptions, withWatchOptions, withWriteOptions } from "./resource-path.ts";

type Headers = Readonly<Record<string, string>>;
type Reply = Error | { readonly status: number; readonly headers?: Headers; readonly body?: string };

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const respond = ({ status, headers = {}, body = "" }: Exclude<Reply, Error>): HttpResponse => ({
  status,
  header: (name) => headers[name],
  body: (async function* () {
    yield encode(body);
  })(),
});
const namespace = JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: "a" } });
const found = { status: 200, body: namespace };
const busy = (seconds: number): Reply => ({ status: 429, headers: { "retry-after": String(seconds) } });

/** A client whose server answers from a list, and when it was asked. */
const start = (replies: readonly Reply[], onWarning?: (message: string) => void) => {
  const clock = createVirtualClock();
  const left = [...replies];
  const requests: (HttpRequest & { readonly atMs: number })[] = [];
  const transport: HttpTransport = {
    async send(request) {
      requests.push({ ...request, atMs: clock.monotonicMs() });
      const reply = left.shift();
      if (reply === undefined || reply instanceof Error) throw reply ?? new Error("no reply is left");
      return respond(reply);
    },
    renew: () => undefined,
    close: () => undefined,
  };
  const warned = onWarning === undefined ? {} : { onWarning };
  const client = createHttpClient({ transport, clock, userAgent: "test/1.0", ...warned });
  const run = async (operation: (client: Client) => Promise<unknown>): Promise<unknown> => {
    const answer = operation(client).catch((error: unknown) => error);
    await clock.advance(3_600_000);
    return answer;
  };
  return { run, requests };
};
const get = (client: Client) => client.get(namespaces, { name: "a" });
const create = (client: Client) => client.create(namespaces, { metadata: { name: "a" } });
const lost = new ConnectionError("lost", { code: "ECONNRESET" });
const refused = new ConnectionError("refused", { code: "ECONNREFUSED" });
const untouched = new ConnectionError("gone", { isUntouched: true });

describe("createHttpClient", () => {
  it.each<[string, (client: Client) => Promise<unknown>, readonly Reply[], readonly number[]]>([
    ["an answer", get, [found], [0]],
    ["a busy server", create, [busy(2), busy(0), found], [0, 2_000, 2_000]],
    ["a server that has to start first", get, [{ status: 503, headers: { "retry-after": "1" } }, found], [0, 1_000]],
    ["a read that was broken off", get, [lost, lost, found], [0, 1_000, 2_000]],
    ["a write that did not arrive", create, [untouched, found], [0, 1_000]],
  ])("asks until there is an answer: %s", async (_name, operation, replies, times) => {
    const { run, requests } = start(replies);
    expect(await run(operation)).toMatchObject({ metadata: { name: "a" } });
    const startMs = requests[0]?.atMs ?? 0;
    expect(requests.map(({ atMs }) => atMs - startMs)).toEqual(times);
  });

  it.each<[string, (client: Client) => Promise<unknown>, Reply, number]>([
    ["an error that passes by itself, but nobody says when", get, { status: 503 }, 1],
    ["a refusal", get, { status: 404, headers: { "retry-after": "1" } }, 1],
    ["a write that was broken off", create, lost, 1],
    ["a server that nobody listens at", get, refused, 1],
    ["a server that is busy all the time", get, busy(1), 11],
    ["a read that is broken off all the time", get, lost, 11],
  ])("gives up on %s", async (_name, operation, reply, attempts) => {
    const { run, requests } = start(Array.from({ length: 20 }, () => reply));
    expect(await run(operation)).toBeInstanceOf(Error);
    expect(requests.length).toBe(attempts);
  });

  it("says who asks, and for what", async () => {
    const { run, requests } = start([found]);
    await run((client) => client.create(namespaces, { metadata: { name: "a" } }));
    const { method, path, headers, body } = requests[0] as HttpRequest;
    expect([method, path, headers, new TextDecoder().decode(body)]).toEqual([
      "POST",
      "/api/v1/namespaces?fieldValidation=Ignore",
      { accept: "application/json", "user-agent": "test/1.0", "content-type": "application/json" },
      '{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a"}}',
    ]);
  });

  it("passes warnings on", async () => {
    const heard: string[] = [];
    const warning = '299 - "old \\"thing\\"", 299 kube "other"';
    const { run } = start([{ ...found, headers: { warning } }], (text) => heard.push(text));
    await run(get);
    expect(heard).toEqual(['old "thing"', "other"]);
  });

  it("freezes what it hands out, and completes items of lists", async () => {
    const body = JSON.stringify({
      kind: "NamespaceList",
      metadata: { resourceVersion: "7" },
      items: [{ metadata: { name: "a" } }],
    });
    const { run } = start([{ status: 200, body }]);
    const list = (await run((client) => client.list(namespaces))) as { items: readonly object[] };
    expect(list).toEqual({
      resourceVersion: "7",
      items: [{ apiVersion: "v1", kind: "Namespace", metadata: { name: "a" }, spec: {}, status: {} }],
    });
    expect(Object.isFrozen(list.items[0])).toBe(true);
  });

  it("hands out the events before a failure, and then the failure", async () => {
    const event = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`;
    const failure = { kind: "Status", status: "Failure", reason: "Expired", code: 410, message: "too old" };
    const body = event("ADDED", JSON.parse(namespace)) + event("ERROR", failure);
    const seen: unknown[] = [];
    const { run } = start([{ status: 200, body }]);
    const error = await run(async (client) => {
      for await (const batch of client.watch(namespaces, {}, new AbortController().signal))
        seen.push(...batch.map(({ type }) => type));
    });
    expect([seen, error]).toEqual([["ADDED"], expect.objectContaining({ message: "too old" })]);
  });
});

describe("statusErrorOf", () => {
  const asked = { method: "GET", resource: deployments, name: "web" };
  const of = (status: number, body: string, type = "text/plain; charset=utf-8", headers: Headers = {}) => {
    const all: Headers = { "content-type": type, ...headers };
    return statusErrorOf({ status, header: (name) => all[name] }, encode(body), asked).status;
  };

  it("takes the server's own words", () => {
    const status = {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: "no",
      reason: "Gone",
      code: 410,
    };
    expect(of(410, JSON.stringify(status), "application/json")).toEqual(status);
  });

  it.each([
    [
      404,
      "404 page not found",
      "NotFound",
      "the server could not find the requested resource (get deployments.apps web)",
    ],
    [403, "go away", "Forbidden", "go away (get deployments.apps web)"],
    [
      502,
      "bad\n",
      "InternalError",
      'an error on the server ("bad") has prevented the request from succeeding (get deployments.apps web)',
    ],
    [
      418,
      "",
      "Unknown",
      "the server responded with the status code 418 but did not return more information (get deployments.apps web)",
    ],
  ])("makes sense of an answer %i in another language", (code, body, reason, message) => {
    expect(of(code, body)).toMatchObject({ kind: "Status", status: "Failure", code, reason, message });
  });

  it("keeps when to ask again, and says nothing of bodies that are no text", () => {
    const status = of(500, "<html>", "application/octet-stream", { "retry-after": "5" });
    expect(status.details?.retryAfterSeconds).toBe(5);
    expect(status.message).toContain('("unknown")');
  });
});

describe("resourcePath", () => {
  it.each([
    ["a cluster's objects", resourcePath(namespaces), "/api/v1/namespaces"],
    ["objects of all namespaces", resourcePath(pods), "/api/v1/pods"],
    ["objects of one", resourcePath(deployments, { namespace: "a" }), "/apis/apps/v1/namespaces/a/deployments"],
    ["one object", resourcePath(pods, { namespace: "a", name: "b" }), "/api/v1/namespaces/a/pods/b"],
    ["an object of no namespace", resourcePath(namespaces, { namespace: "x", name: "b" }), "/api/v1/namespaces/b"],
    [
      "a subresource",
      resourcePath(pods, { namespace: "a", name: "b", subresource: "log" }),
      "/api/v1/namespaces/a/pods/b/log",
    ],
    ["odd names", resourcePath(namespaces, { name: "a/b?c" }), "/api/v1/namespaces/a%2Fb%3Fc"],
    ["a list", withListOptions("/p", { labelSelector: "a=b,c", limit: 5 }), "/p?labelSelector=a%3Db%2Cc&limit=5"],
    [
      "a watch with what is there",
      withWatchOptions("/p", { sendInitialEvents: true, allowBookmarks: true }),
      "/p?watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
    ],
    ["a watch", withWatchOptions("/p", { resourceVersion: "7" }), "/p?watch=true&resourceVersion=7"],
    [
      "a write",
      withWriteOptions("/p", { dryRun: true, fieldManager: "me" }),
      "/p?dryRun=All&fieldManager=me&fieldValidation=Ignore",
    ],
  ])("leads to %s", (_name, path, expected) => {
    expect(path).toBe(expected);
  });
});

describe("createLineSplitter", () => {
  it("finds the same lines however the bytes are cut", () => {
    const lines = fc.array(fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", " ")));
    fc.assert(
      fc.property(lines, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (texts, sizes) => {
        const bytes = encode(texts.map((text) => `${text}\n`).join(""));
        const splitter = createLineSplitter(1_000);
        const found: string[] = [];
        for (let start = 0, turn = 0; start < bytes.length; turn += 1) {
          const end = start + (sizes[turn % sizes.length] as number);
          found.push(...splitter.push(bytes.subarray(start, end)).map((line) => new TextDecoder().decode(line)));
          start = end;
        }
        expect(found).toEqual(texts.filter((text) => text !== ""));
      }),
    );
  });

  it("refuses lines that are too long", () => {
    const splitter = createLineSplitter(5);
    splitter.push(encode("abc"));
    expect(() => splitter.push(encode("def"))).toThrow("longer than 5 bytes");
  });
});
