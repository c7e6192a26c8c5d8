import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wellKnownGroups } from "../api/user.ts";
import type { VerifiedToken } from "../apiserver/authenticator.ts";
import type { ConnectHandler } from "../apiserver/connect-handler.ts";
import { type HttpsListener, listenHttps } from "../apiserver/https-listener.node.ts";
import { createDocumentTools } from "../apiserver/openapi-tools.node.ts";
import { createStandardParts, reconcileDefaults } from "../apiserver/standard-parts.ts";
import { ensureSystemObjects } from "../apiserver/system-objects.ts";
import { createTokenKeys } from "../apiserver/token-keys.node.ts";
import { silentLogger } from "../base/log.ts";
import { createRealClock } from "../base/real-clock.ts";
import { createRealRandom } from "../base/real-random.ts";
import { type ClusterKeys, openClusterKeys } from "../cluster/pki.ts";
import type { Store } from "../storage/store.ts";
import { startTestServer, type TestServer, type TestServerOptions, testAdmin } from "./test-server.ts";

/** A bearer token for everything, and one for nothing. */
export const testTokens = { admin: "admin-token", nobody: "nobody-token" } as const;

/** A whole API server on loopback: real TLS, real decisions, real time. */
export interface HttpsTestServer extends TestServer {
  readonly port: number;
  /** For example `https://127.0.0.1:40123`. */
  readonly url: string;
  readonly keys: ClusterKeys;
  readonly listener: HttpsListener;
}

const users: Readonly<Record<string, VerifiedToken>> = {
  [testTokens.admin]: { user: testAdmin, audiences: undefined },
  [testTokens.nobody]: { user: { username: "jane", groups: [wellKnownGroups.authenticated] }, audiences: undefined },
};

/** Starts a server that listens on a free port. Its certificates are made for it and thrown away with it. */
export async function startHttpsServer(
  options: {
    readonly store?: Store;
    readonly port?: number;
    /** Serve streaming sub-resources. Default: none. */
    readonly connectors?: readonly ConnectHandler[];
  } & Pick<TestServerOptions, "namespaces" | "logger"> = {},
): Promise<HttpsTestServer> {
  const clock = createRealClock();
  const random = createRealRandom();
  const logger = options.logger ?? silentLogger;
  const folder = await mkdtemp(join(tmpdir(), "k8ts-https-"));
  const keys = await openClusterKeys(folder, {
    clock,
    hosts: ["localhost", "127.0.0.1"],
    nodeName: "node",
    nodeHosts: ["localhost"],
  });
  await rm(folder, { recursive: true });
  const started = await startTestServer({
    ...options,
    clock,
    random,
    logger,
    parts: (context) => ({
      ...createStandardParts(context, {
        clock,
        random,
        logger,
        keys: createTokenKeys({ signing: keys.serviceAccountKey }),
        externalUrl: "https://localhost",
        documents: createDocumentTools(),
        tokens: [{ authenticate: async (token) => users[token] }],
      }),
      connectors: options.connectors ?? [],
    }),
  });
  const { signal } = new AbortController();
  await ensureSystemObjects(
    {
      client: started.client,
      clock,
      logger,
      serviceCidrs: ["10.96.0.0/16"],
      advertiseAddress: "192.0.2.2",
      port: 6443,
    },
    signal,
  );
  await reconcileDefaults(started.client, logger, signal);
  started.server.markReady();
  const listener = await listenHttps(started.server.handleHttp, {
    host: "127.0.0.1",
    port: options.port ?? 0,
    keys: {
      key: keys.apiServer.key,
      certificate: keys.apiServer.certificate,
      clientAuthorities: [keys.authority.certificate],
    },
    clock,
    logger,
  });
  return {
    ...started,
    port: listener.port,
    url: `https://127.0.0.1:${listener.port}`,
    keys,
    listener,
    async stop() {
      started.server.close();
      await listener.close(1000);
      await started.stop();
    },
  };
}
