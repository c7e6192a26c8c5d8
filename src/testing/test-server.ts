import { namespaces as namespaceResource } from "../api/resources.ts";
import type { UserInfo } from "../api/user.ts";
import { wellKnownGroups } from "../api/user.ts";
import { type ApiServer, createApiServer, type ServerParts } from "../apiserver/api-server.ts";
import { serverVersion } from "../apiserver/server-version.ts";
import { defaultNodePorts } from "../apiserver/service-allocator.ts";
import { mastersAuthorizer } from "../apiserver/union-authorizer.ts";
import type { Clock } from "../base/clock.ts";
import { type Logger, silentLogger } from "../base/log.ts";
import { createSeededRandom, type Random } from "../base/random.ts";
import { createVirtualClock } from "../base/virtual-clock.ts";
import type { Client } from "../client/client.ts";
import { createMemoryStore } from "../storage/memory-store.ts";
import type { Store } from "../storage/store.ts";

/** A user who may do everything. */
export const testAdmin: UserInfo = {
  username: "admin",
  groups: [wellKnownGroups.masters, wellKnownGroups.authenticated],
};

export interface TestServerOptions {
  /** Default: a virtual clock that stands at 2026-01-01T00:00:00Z. */
  readonly clock?: Clock;
  /** Default: the same sequence each time. */
  readonly random?: Random;
  /** Default: writes nothing. */
  readonly logger?: Logger;
  /** Default: a memory store of its own. */
  readonly store?: Store;
  /** Replaces some parts of the server. Default: no authentication, only masters may do anything, no admission. */
  readonly parts?: (context: Parameters<Parameters<typeof createApiServer>[0]["parts"]>[0]) => Partial<ServerParts>;
  /** Ranges of service addresses. Default: 10.96.0.0/16. */
  readonly serviceCidrs?: readonly string[];
  /** Namespaces to make. Default: `default`. */
  readonly namespaces?: readonly string[];
}

/** An API server inside a test. */
export interface TestServer {
  readonly server: ApiServer;
  /** A client that may do everything. */
  readonly client: Client;
  /** A client that acts as someone else. */
  as(user: UserInfo): Client;
  readonly clock: Clock;
  readonly store: Store;
  stop(): Promise<void>;
}

/** Starts an API server on the memory store: a few milliseconds, no sockets, virtual time. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const clock = options.clock ?? createVirtualClock();
  const store = options.store ?? createMemoryStore({ clock });
  const server = await createApiServer({
    store,
    clock,
    random: options.random ?? createSeededRandom(1),
    logger: options.logger ?? silentLogger,
    version: serverVersion("0.0.0", "linux/amd64"),
    serviceRanges: { cidrs: options.serviceCidrs ?? ["10.96.0.0/16"], nodePorts: defaultNodePorts },
    address: "127.0.0.1:6443",
    parts: (context) => ({
      authenticator: { authenticate: async () => undefined },
      authorizer: mastersAuthorizer,
      admission: [],
      special: [],
      paths: [],
      ...options.parts?.(context),
    }),
  });
  const client = server.client(testAdmin);
  for (const name of options.namespaces ?? ["default"]) await client.create(namespaceResource, { metadata: { name } });
  return {
    server,
    client,
    as: (user) => server.client(user),
    clock,
    store,
    async stop() {
      server.close();
      await store.close();
    },
  };
}
