import { afterAll, beforeAll, expect, it } from "vitest";
import { deployments, pods, replicaSets, serviceAccounts } from "../../src/api/resources.ts";
import { silentLogger } from "../../src/base/log.ts";
import { createRealClock } from "../../src/base/real-clock.ts";
import { createRealRandom } from "../../src/base/real-random.ts";
import type { Client } from "../../src/client/client.ts";
import { createHttpClient } from "../../src/client/http-client.ts";
import type { HttpTransport } from "../../src/client/http-transport.ts";
import { createHttpsTransport } from "../../src/client/https-transport.node.ts";
import type { Informers } from "../../src/client/informer.ts";
import { createInformers } from "../../src/client/shared-informers.ts";
import { runControllers } from "../../src/controllerkit/manager.ts";
import { clusterControllers } from "../../src/controllers/controllers.ts";
import { resourceControllers } from "../../src/resources/controllers.ts";
import { type HttpsTestServer, startHttpsServer, testTokens } from "../../src/testing/https-server.ts";

const clock = createRealClock();
const random = createRealRandom();
const stop = new AbortController();
let server: HttpsTestServer;
let transport: HttpTransport;
let client: Client;
let informers: Informers;
let running: Promise<void>;

beforeAll(async () => {
  server = await startHttpsServer();
  transport = createHttpsTransport({
    server: server.url,
    clock,
    tls: () => ({ authorities: server.keys.authority.certificate }),
    token: () => testTokens.admin,
  });
  client = createHttpClient({ transport, clock, userAgent: "controllers" });
  await client.create(serviceAccounts, { metadata: { namespace: "default", name: "default" } });
  const definitions = [...resourceControllers, ...clusterControllers({ rootCa: "pem" })];
  const context = { client, clock, random, logger: silentLogger };
  running = runControllers({ ...context, definitions, clientFor: () => client }, stop.signal);
  informers = createInformers(context, stop.signal);
});
afterAll(async () => {
  stop.abort();
  await running;
  transport.close();
  await server.stop();
});

/** Waits until pods are as they should be, however often they change. */
const podsBecome = (isRight: (names: readonly string[]) => boolean): Promise<void> =>
  new Promise((resolve) => {
    const informer = informers.of(pods);
    const detach = informer.onChange(() =>
      queueMicrotask(() => {
        if (isRight(informer.cache.list("default").map(({ metadata }) => metadata.name))) resolve();
      }),
    );
    stop.signal.addEventListener("abort", detach, { once: true });
  });

it("controllers over HTTPS make exactly what they should, and take it away again", async () => {
  const key = { namespace: "default", name: "web" };
  const template = {
    metadata: { labels: { app: "web" } },
    spec: { containers: [{ name: "web", image: "web:1" }] },
  };
  await client.create(deployments, {
    metadata: key,
    spec: { replicas: 25, selector: { matchLabels: { app: "web" } }, template },
  });
  await podsBecome((names) => names.length >= 25);
  await client.patch(deployments, key, "merge", { spec: { replicas: 5 } });
  await podsBecome((names) => names.length === 5);
  const { items } = await client.list(replicaSets, { namespace: "default" });
  expect(items.map(({ spec }) => spec.replicas)).toEqual([5]);
  await client.delete(deployments, key, { propagationPolicy: "Foreground" });
  await podsBecome((names) => names.length === 0);
  const left = await server.client.list(pods, { namespace: "default" });
  expect(left.items).toEqual([]);
});
