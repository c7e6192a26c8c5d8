import { hostname } from "node:os";
import { type UserInfo, wellKnownGroups } from "../api/user.ts";
import { type ApiServer, createApiServer } from "../apiserver/api-server.ts";
import { type HttpsListener, listenHttps } from "../apiserver/https-listener.node.ts";
import { createDocumentTools } from "../apiserver/openapi-tools.node.ts";
import { type ServerVersion, serverVersion } from "../apiserver/server-version.ts";
import { defaultNodePorts } from "../apiserver/service-allocator.ts";
import { createStandardParts, reconcileDefaults, serverUser } from "../apiserver/standard-parts.ts";
import { ensureSystemObjects, keepSystemObjects } from "../apiserver/system-objects.ts";
import { createTokenKeys } from "../apiserver/token-keys.node.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import type { Client } from "../client/client.ts";
import { createSeriesEventRecorder } from "../client/series-event-recorder.ts";
import { createInformers } from "../client/shared-informers.ts";
import { runControllers } from "../controllerkit/manager.ts";
import { clusterControllers } from "../controllers/controllers.ts";
import { goArchitecture } from "../machine/machine-facts.ts";
import { resourceControllers } from "../resources/controllers.ts";
import { createScheduler, schedulerUser } from "../scheduler/scheduler.ts";
import type { Store } from "../storage/store.ts";
import type { ClusterOptions } from "./options.ts";
import type { ClusterKeys } from "./pki.ts";

/** API server, controllers and scheduler in this process. */
export interface ControlPlane {
  readonly server: ApiServer;
  readonly version: ServerVersion;
  readonly listener: HttpsListener;
  /** A client that acts as someone. */
  client(user: UserInfo): Client;
  /** Ends everything in order; the store is left open. */
  stop(): Promise<void>;
}

export interface ControlPlaneParts {
  readonly options: ClusterOptions;
  readonly keys: ClusterKeys;
  readonly store: Store;
  /** An address of this machine at which pods reach the API server. */
  readonly advertiseAddress: string;
  readonly packageVersion: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** As whom the caches of the controllers speak. Source: upstream's default roles. */
const controllerManagerUser: UserInfo = {
  username: "system:kube-controller-manager",
  groups: [wellKnownGroups.authenticated],
};

/** Requests under way may take this long to finish when the server stops. */
const drainMs = 5_000;

/** Starts the control plane. It serves when this resolves; controllers and scheduler work from then on. */
export async function startControlPlane(parts: ControlPlaneParts): Promise<ControlPlane> {
  const { options, keys, store, clock, random, logger } = parts;
  const version = serverVersion(parts.packageVersion, `${process.platform}/${goArchitecture(process.arch)}`);
  const advertised = `${parts.advertiseAddress}:${options.port}`;
  const server = await createApiServer({
    store,
    clock,
    random,
    logger: logger.with({ component: "apiserver" }),
    version,
    serviceRanges: { cidrs: [options.serviceCidr], nodePorts: defaultNodePorts },
    address: advertised,
    parts: (context) => ({
      ...createStandardParts(context, {
        clock,
        random,
        logger,
        keys: createTokenKeys({ signing: keys.serviceAccountKey }),
        documents: createDocumentTools(),
        externalUrl: `https://${advertised}`,
      }),
    }),
  });
  const stopping = new AbortController();
  const listener = await listenHttps(server.handleHttp, {
    host: "0.0.0.0",
    port: options.port,
    keys: {
      key: keys.apiServer.key,
      certificate: keys.apiServer.certificate,
      clientAuthorities: [keys.authority.certificate],
    },
    clock,
    logger,
  });
  const systemObjects = {
    client: server.client(serverUser),
    clock,
    logger,
    serviceCidrs: [options.serviceCidr],
    advertiseAddress: parts.advertiseAddress,
    port: options.port,
  };
  await ensureSystemObjects(systemObjects, stopping.signal);
  await reconcileDefaults(systemObjects.client, logger, stopping.signal);
  server.markReady();
  const work = [
    keepSystemObjects(systemObjects, stopping.signal),
    runControllers(
      {
        definitions: [
          ...resourceControllers,
          ...clusterControllers({
            rootCa: keys.authority.certificate,
            podAddresses: { ranges: [options.clusterCidr], serviceRanges: [options.serviceCidr] },
          }),
        ],
        client: server.client(controllerManagerUser),
        clientFor: (user) => server.client(user),
        clock,
        random,
        logger,
      },
      stopping.signal,
    ),
    runScheduler({ ...parts, client: server.client(schedulerUser) }, stopping.signal),
  ];
  return {
    server,
    version,
    listener,
    client: (user) => server.client(user),
    async stop() {
      stopping.abort(new Error("the control plane stops"));
      await Promise.allSettled(work);
      server.close();
      await listener.close(drainMs);
    },
  };
}

function runScheduler(
  parts: Pick<ControlPlaneParts, "clock" | "random" | "logger"> & { readonly client: Client },
  signal: AbortSignal,
): Promise<void> {
  const context = { ...parts, logger: parts.logger.with({ component: "scheduler" }) };
  const reportingController = "default-scheduler";
  const reportingInstance = `${reportingController}-${hostname()}`;
  const events = createSeriesEventRecorder({ ...context, reportingController, reportingInstance }, signal);
  return createScheduler({ ...context, informers: createInformers(context, signal), events }).run(signal);
}
