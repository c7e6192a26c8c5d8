import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  configMaps,
  deployments,
  namespaces,
  nodes,
  pods,
  selfSubjectReviews,
  serviceAccounts,
  services,
} from "../../src/api/resources.ts";
import { StatusError } from "../../src/api/status-error.ts";
import type { ConfigMap } from "../../src/api/types/core-v1.ts";
import { silentLogger } from "../../src/base/log.ts";
import { createRealClock } from "../../src/base/real-clock.ts";
import { createRealRandom } from "../../src/base/real-random.ts";
import { createVirtualClock } from "../../src/base/virtual-clock.ts";
import type { Client, WatchEvent } from "../../src/client/client.ts";
import { createHttpClient } from "../../src/client/http-client.ts";
import { ConnectionError, type HttpTransport } from "../../src/client/http-transport.ts";
import { createHttpsTransport, type HttpsTransportOptions } from "../../src/client/https-transport.node.ts";
import { createInformer } from "../../src/client/shared-informers.ts";
import { createMemoryStore } from "../../src/storage/memory-store.ts";
import { type HttpsTestServer, startHttpsServer, testTokens } from "../../src/testing/https-server.ts";

const clock = createRealClock();
let server: HttpsTestServer;
let over: Client;
let within: Client;
const opened: HttpTransport[] = [];

const connect = (options: Partial<HttpsTransportOptions> = {}): Client => {
  const transport = createHttpsTransport({
    server: server.url,
    clock,
    tls: () => ({ authorities: server.keys.authority.certificate }),
    token: () => testTokens.admin,
    ...options,
  });
  opened.push(transport);
  return createHttpClient({ transport, clock, userAgent: "test/1.0" });
};

beforeAll(async () => {
  server = await startHttpsServer();
  within = server.client;
  over = connect();
  await within.create(serviceAccounts, { metadata: account });
});
afterAll(async () => {
  for (const transport of opened) transport.close();
  await server.stop();
});

const account = { namespace: "default", name: "default" };
let count = 0;
/** A key that no other test has used. */
const fresh = () => {
  count += 1;
  return { namespace: "default", name: `object-${count}` };
};
const template = {
  metadata: { labels: { app: "web" } },
  spec: { containers: [{ name: "web", image: "web" }] },
};
/** What an operation answers with, or is refused with. */
const outcome = async (operation: Promise<unknown>): Promise<unknown> => {
  try {
    return await operation;
  } catch (error) {
    return error instanceof StatusError ? error.status : error;
  }
};

describe("a client over HTTPS answers like one in process to", () => {
  it("reads of one and of several objects", async () => {
    for (const app of ["a", "b", "c"])
      await within.create(configMaps, { metadata: { ...fresh(), labels: { app } }, data: { app } });
    const key = { namespace: "default", name: "object-1" };
    expect(await over.get(configMaps, key)).toEqual(await within.get(configMaps, key));
    for (const options of [
      {},
      { namespace: "default" },
      { labelSelector: "app in (a,b)" },
      { fieldSelector: "metadata.name=object-2" },
    ])
      expect(await over.list(configMaps, options)).toEqual(await within.list(configMaps, options));
    const first = await over.list(configMaps, { namespace: "default", limit: 2 });
    expect([first.items.length, typeof first.continue]).toEqual([2, "string"]);
    const rest = await over.list(configMaps, { namespace: "default", continue: first.continue ?? "" });
    const all = (await within.list(configMaps, { namespace: "default" })).items;
    expect([...first.items, ...rest.items].map(({ metadata }) => metadata.name)).toEqual(
      all.map(({ metadata }) => metadata.name),
    );
  });

  it("writes", async () => {
    const key = fresh();
    const created = await over.create(deployments, {
      metadata: key,
      spec: { selector: { matchLabels: { app: "web" } }, template },
    });
    expect(created).toEqual(await within.get(deployments, key));
    const updated = await over.update(deployments, { ...created, spec: { ...created.spec, replicas: 3 } });
    expect([updated.spec.replicas, updated.metadata.generation]).toEqual([3, 2]);
    const merged = await over.patch(deployments, key, "merge", { metadata: { labels: { a: "b" } } });
    expect(merged.metadata.labels).toEqual({ a: "b" });
    const image = { spec: { template: { spec: { containers: [{ name: "web", image: "web:2" }] } } } };
    const patched = await over.patch(deployments, key, "strategic", image);
    expect(patched.spec.template.spec.containers?.map((container) => container.image)).toEqual(["web:2"]);
    const changed = await over.patch(deployments, key, "json", [{ op: "replace", path: "/spec/paused", value: true }]);
    expect(changed).toEqual(await within.get(deployments, key));
    const status = { ...changed, status: { ...changed.status, replicas: 7 } };
    await over.update(deployments, status, { subresource: "status" });
    expect((await within.get(deployments, key)).status.replicas).toBe(7);
    await over.patch(deployments, key, "merge", { spec: { replicas: 9 } }, { dryRun: true });
    expect((await within.get(deployments, key)).spec.replicas).toBe(3);
  });

  it("deletions, with the object only while something keeps it", async () => {
    const [plain, held, pod, service] = [fresh(), fresh(), fresh(), fresh()];
    const finalizers = ["example.com/hold"];
    await within.create(configMaps, { metadata: plain });
    await within.create(configMaps, { metadata: { ...held, finalizers } });
    await within.create(pods, { metadata: pod, spec: template.spec });
    await within.create(services, { metadata: service, spec: { ports: [{ port: 80 }] } });
    expect(await over.delete(configMaps, plain)).toBeUndefined();
    expect((await over.delete(configMaps, held))?.metadata.finalizers).toEqual(finalizers);
    expect(await over.delete(pods, pod, { gracePeriodSeconds: 0 })).toBeUndefined();
    expect(await over.delete(services, service, { propagationPolicy: "Background" })).toBeUndefined();
    const running = fresh();
    await within.create(nodes, { metadata: { name: "node" } });
    await within.create(pods, { metadata: running, spec: { ...template.spec, nodeName: "node" } });
    expect((await over.delete(pods, running))?.metadata.deletionGracePeriodSeconds).toBe(30);
    await within.create(namespaces, { metadata: { name: "many" } });
    for (const label of ["a", "b"])
      await within.create(configMaps, { metadata: { namespace: "many", name: label, labels: { label } } });
    await over.deleteCollection(configMaps, { namespace: "many", labelSelector: "label=a" });
    expect((await within.list(configMaps, { namespace: "many" })).items.map(({ metadata }) => metadata.name)).toEqual([
      "b",
    ]);
  });

  it("subresources", async () => {
    const key = fresh();
    await within.create(deployments, { metadata: key, spec: { selector: { matchLabels: { app: "web" } }, template } });
    const scale = await over.getSubresource<{ kind: string; spec: { replicas: number } }>(deployments, key, "scale");
    expect(scale).toEqual(await within.getSubresource(deployments, key, "scale"));
    const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { audiences: [] } };
    const token = await over.createSubresource<{ status: { token: string } }>(
      serviceAccounts,
      account,
      "token",
      request as never,
    );
    expect(token.status.token.split(".").length).toBe(3);
    const pod = fresh();
    await within.create(pods, { metadata: pod, spec: template.spec });
    await over.createSubresource(pods, pod, "binding", {
      metadata: pod,
      target: { kind: "Node", name: "far" },
    } as never);
    expect((await within.get(pods, pod)).spec.nodeName).toBe("far");
  });

  it.each<[string, (client: Client) => Promise<unknown>]>([
    ["a missing object", (client) => client.get(configMaps, { namespace: "default", name: "none" })],
    ["a second object of a name", (client) => client.create(namespaces, { metadata: { name: "default" } })],
    ["an invalid object", (client) => client.create(configMaps, { metadata: { namespace: "default", name: "A/b" } })],
    [
      "a version that is not the newest",
      (client) => client.update(serviceAccounts, { metadata: { ...account, resourceVersion: "1" } }),
    ],
    ["a page that nobody began", (client) => client.list(namespaces, { continue: "nonsense" })],
    ["a selector that cannot be read", (client) => client.list(namespaces, { labelSelector: "a in" })],
  ])("%s", async (_name, operation) => {
    const [over_, within_] = [await outcome(operation(over)), await outcome(operation(within))];
    expect(over_).toMatchObject({ kind: "Status", status: "Failure" });
    expect(over_).toEqual(within_);
  });
});

const toText = (event: WatchEvent<ConfigMap>): string =>
  event.type === "BOOKMARK" ? `end ${event.initialEventsEnd}` : `${event.type} ${event.object.metadata.name}`;

describe("a watch over HTTPS", () => {
  it("tells what is there, that this was all, and what changes", async () => {
    await within.create(namespaces, { metadata: { name: "watched" } });
    const key = { namespace: "watched", name: "a" };
    await within.create(configMaps, { metadata: key });
    const stop = new AbortController();
    const seen: string[] = [];
    const options = { namespace: "watched", sendInitialEvents: true, allowBookmarks: true };
    for await (const batch of over.watch(configMaps, options, stop.signal)) {
      seen.push(...batch.map(toText));
      if (seen.at(-1) === "end true") await within.patch(configMaps, key, "merge", { data: { a: "b" } });
      if (seen.at(-1) === "MODIFIED a") await within.delete(configMaps, key);
      if (seen.at(-1) === "DELETED a") stop.abort();
    }
    expect(seen).toEqual(["ADDED a", "end true", "MODIFIED a", "DELETED a"]);
  });

  it("goes on from a version, and says when that is too old or a selector is wrong", async () => {
    const { resourceVersion } = await over.list(configMaps);
    const key = fresh();
    await within.create(configMaps, { metadata: key });
    for await (const batch of over.watch(configMaps, { resourceVersion }, new AbortController().signal)) {
      expect(batch.map(toText)).toEqual([`ADDED ${key.name}`]);
      break;
    }
    const first = async (options: object) => {
      for await (const _batch of over.watch(configMaps, options, new AbortController().signal)) return "batch";
      return "end";
    };
    await expect(first({ labelSelector: "a in" })).rejects.toMatchObject({ reason: "BadRequest" });
  });

  it("ends silently when nobody wants it any more", async () => {
    const stop = new AbortController();
    const watching = over.watch(configMaps, { resourceVersion: "" }, stop.signal)[Symbol.asyncIterator]();
    await watching.next();
    const next = watching.next();
    stop.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it("carries large events and many of them", async () => {
    await within.create(namespaces, { metadata: { name: "large" } });
    const text = "ü".repeat(300_000);
    for (let index = 0; index < 8; index += 1)
      await within.create(configMaps, { metadata: { namespace: "large", name: `c-${index}` }, data: { text } });
    const sizes: number[] = [];
    for await (const batch of over.watch(configMaps, { namespace: "large" }, new AbortController().signal)) {
      for (const event of batch) if (event.type === "ADDED") sizes.push(event.object.data?.["text"]?.length ?? 0);
      if (sizes.length === 8) break;
    }
    expect(sizes).toEqual(Array.from({ length: 8 }, () => text.length));
  });
});

describe("a client over HTTPS", () => {
  const who = async (client: Client): Promise<unknown> => {
    const review = await client.create<{ readonly status: { readonly userInfo: { readonly username: string } } }>(
      selfSubjectReviews as never,
      {},
    );
    return review.status.userInfo.username;
  };

  it.each<[string, () => Partial<HttpsTransportOptions>, unknown]>([
    ["a token", () => ({ token: () => testTokens.nobody }), "jane"],
    ["a token that takes a while", () => ({ token: async () => testTokens.admin }), "admin"],
    [
      "a certificate",
      () => ({
        token: () => undefined,
        tls: () => ({ authorities: server.keys.authority.certificate, ...server.keys.admin }),
      }),
      "kubernetes-admin",
    ],
  ])("is known by %s", async (_name, options, expected) => {
    expect(await who(connect(options()))).toBe(expected);
  });

  it("is refused when nobody knows it", async () => {
    await expect(who(connect({ token: () => "wrong" }))).rejects.toMatchObject({ reason: "Unauthorized" });
    await expect(connect({ token: () => testTokens.nobody }).list(nodes)).rejects.toMatchObject({
      reason: "Forbidden",
      message: 'nodes is forbidden: User "jane" cannot list resource "nodes" in API group "" at the cluster scope',
    });
  });

  it("trusts only servers that it should", async () => {
    await expect(connect({ tls: () => ({}) }).list(nodes)).rejects.toBeInstanceOf(ConnectionError);
    const wrongName = { authorities: server.keys.authority.certificate, serverName: "other.example.com" };
    await expect(connect({ tls: () => wrongName }).list(nodes)).rejects.toMatchObject({
      code: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
    expect((await connect({ tls: () => ({ skipsVerification: true }) }).list(namespaces)).items.length).toBeGreaterThan(
      0,
    );
  });

  it("says that nobody listens", async () => {
    const free = createServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    const client = connect({ server: `https://127.0.0.1:${port}` });
    await expect(client.list(nodes)).rejects.toMatchObject({ name: "ConnectionError", code: "ECONNREFUSED" });
    expect(() => connect({ server: "http://127.0.0.1:80" })).toThrow("only https servers are supported");
  });

  it("gives up when it is told to", async () => {
    const stop = new AbortController();
    stop.abort(new Error("enough"));
    await expect(over.list(nodes, {}, stop.signal)).rejects.toThrow("enough");
    const later = new AbortController();
    const asked = over.list(nodes, {}, later.signal);
    later.abort(new Error("enough now"));
    await expect(asked).rejects.toThrow("enough now");
  });

  it("carries many requests at once", async () => {
    const answers = await Promise.all(Array.from({ length: 300 }, () => over.get(namespaces, { name: "default" })));
    expect(new Set(answers.map(({ metadata }) => metadata.uid)).size).toBe(1);
  });
});

describe("a client whose server goes away", () => {
  let second: HttpsTestServer | undefined;
  afterEach(() => second?.stop());

  it("connects again, and its informers go on", async () => {
    const store = createMemoryStore({ clock });
    const lasting = { ...store, close: async () => undefined };
    const before = await startHttpsServer({ store: lasting });
    let authorities = before.keys.authority.certificate;
    const client = connect({ server: before.url, tls: () => ({ authorities }) });
    const stop = new AbortController();
    const context = { client, clock, random: createRealRandom(), logger: silentLogger };
    const informer = createInformer(context, configMaps, { namespace: "default" }, stop.signal);
    await informer.synced(stop.signal);
    await before.stop();
    await expect(client.create(configMaps, { metadata: fresh() })).rejects.toBeInstanceOf(ConnectionError);
    second = await startHttpsServer({ store: lasting, port: before.port, namespaces: [] });
    authorities = second.keys.authority.certificate;
    const key = fresh();
    const isThere = new Promise<void>((resolve) => {
      informer.onChange(({ after }) => {
        if (after?.metadata.name === key.name) resolve();
      });
    });
    await second.client.create(configMaps, { metadata: key });
    await isThere;
    expect((await client.get(configMaps, key)).metadata.name).toBe(key.name);
    stop.abort();
  });

  it("notices that it is gone though nobody says so", async () => {
    const sockets: Socket[] = [];
    const wire = createServer((near) => {
      const far = createConnection(server.port, "127.0.0.1");
      sockets.push(near, far);
      near.pipe(far).pipe(near);
      for (const socket of [near, far]) socket.on("error", () => undefined);
    }).listen(0, "127.0.0.1");
    await once(wire, "listening");
    const hurried = createVirtualClock();
    const { port } = wire.address() as AddressInfo;
    const client = connect({ server: `https://127.0.0.1:${port}`, clock: hurried });
    const watching = client.watch(namespaces, {}, new AbortController().signal)[Symbol.asyncIterator]();
    await watching.next();
    const next = watching.next().catch((error: unknown) => error);
    await hurried.advance(30_000);
    await client.get(namespaces, { name: "default" });
    for (const socket of sockets) socket.unpipe().pause();
    await hurried.advance(60_000);
    expect(await next).toMatchObject({ name: "ConnectionError", message: "the server stopped answering" });
    for (const socket of sockets) socket.destroy();
    wire.close();
  });
});
