import { type ServedKind, servedKinds } from "../api/kinds.ts";
import type { Resource } from "../api/resource.ts";
import { ipAddresses, services } from "../api/resources.ts";
import { createSchemaRegistry, type SchemaRegistry } from "../api/schema.ts";
import type { UserInfo } from "../api/user.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Random } from "../base/random.ts";
import { createSerialByKey } from "../base/serial.ts";
import type { Client } from "../client/client.ts";
import { definitionOf as knownDefinition } from "../resources/catalog.ts";
import type { AnyResourceDefinition } from "../resources/definition.ts";
import type { Store } from "../storage/store.ts";
import type { AdmissionPlugin } from "./admission.ts";
import type { ResourceAttributes } from "./attributes.ts";
import type { Authenticator } from "./authentication.ts";
import type { Authorizer } from "./authorization.ts";
import { admissionRequest, createAdmissionStage } from "./chain/admit.ts";
import { createOperations, type Operations } from "./chain/operations.ts";
import { createComponentStatusResource } from "./component-statuses.ts";
import type { ConnectHandler } from "./connect-handler.ts";
import { createDiscoveryHandlers } from "./discovery.ts";
import { forbiddenRequest } from "./forbidden.ts";
import { createHealthHandlers, type HealthCheck, type HealthChecks, pingCheck } from "./health.ts";
import { createHttpHandler, type HttpHandler } from "./http/handler.ts";
import { createPathTable } from "./http/path-table.ts";
import { createInProcessClient } from "./in-process-client.ts";
import { createLiveObjects } from "./live-cache.ts";
import type { LiveObjects } from "./live-objects.ts";
import type { PathHandler } from "./path-handler.ts";
import { createObjectWriter } from "./registry/object-writer.ts";
import type { RegistryParts } from "./registry/registry-parts.ts";
import type { WriteRequest } from "./registry/write-request.ts";
import { createResourceTable, type ResourceTable } from "./resource-table.ts";
import { createVersionHandler, type ServerVersion } from "./server-version.ts";
import { createServiceAllocator, type ServiceRanges } from "./service-allocator.ts";
import type { SpecialResource } from "./special-resource.ts";
import { createBindingResources } from "./subresources/pod-binding.ts";
import { createEvictionResource } from "./subresources/pod-eviction.ts";
import { openWatchCache, type WatchCache } from "./watch-cache.ts";

/** What decides who may do what, and what else a server serves; made once its objects are in memory. */
export interface ServerParts {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly admission: readonly AdmissionPlugin[];
  readonly special: readonly SpecialResource[];
  readonly paths: readonly PathHandler[];
  /** Streaming sub-resources: exec, log, proxies. */
  readonly connectors?: readonly ConnectHandler[];
  /** Other parts of the control plane, as `componentstatuses` shows them. */
  readonly components?: readonly HealthCheck[];
}

/** What the parts are made from. */
export interface ServerContext {
  /** The server's objects, current to the last acknowledged write. */
  readonly objects: LiveObjects;
  readonly table: ResourceTable;
  readonly schemas: SchemaRegistry;
  readonly version: ServerVersion;
  /** A client that acts as that user; it works as soon as the server has started. */
  client(user: UserInfo): Client;
}

export interface ApiServerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Kinds that are served. Default: all that are served unless someone turns them off. */
  readonly kinds?: readonly ServedKind[];
  /** Default: the catalogue of built-in kinds. */
  readonly definitionOf?: (resource: Resource) => AnyResourceDefinition;
  readonly version: ServerVersion;
  /** Addresses and ports that services are given. */
  readonly serviceRanges: ServiceRanges;
  /** Host and port at which clients reach this server, for discovery. */
  readonly address: string;
  /** Authentication, authorisation, admission, and what is served beside stored objects. */
  readonly parts: (context: ServerContext) => ServerParts;
}

/** The API server, without a listener: what all ways in share. */
export interface ApiServer extends ServerContext {
  readonly operations: Operations;
  readonly parts: ServerParts;
  /** Serves requests that come over HTTP; see `listenHttps`. */
  readonly handleHttp: HttpHandler;
  /** Says at `/readyz` that the server is ready for everyone, which it is not before its defaults are there. */
  markReady(): void;
  /** Ends all watches. The store is left open. */
  close(): void;
}

/** Loads everything from the store and starts serving it to in-process clients. */
export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { store, clock, logger } = options;
  const schemas = createSchemaRegistry();
  const table = createResourceTable(options.kinds ?? servedKinds, options.definitionOf ?? knownDefinition, schemas);
  const cache = await openWatchCache({ store, table, clock, logger });
  const context: ServerContext = {
    objects: createLiveObjects(cache, table),
    table,
    schemas,
    version: options.version,
    client: (user) => createInProcessClient({ table, operations, authorize }, user),
  };
  const parts = options.parts(context);
  const authorize = (attributes: ResourceAttributes): void => {
    const decision = parts.authorizer.authorize(attributes);
    if (decision.outcome !== "allow") throw forbiddenRequest(attributes, decision.reason);
  };
  const state: ServerState = { isReady: false, isClosing: false };
  const storeCheck: HealthCheck = {
    name: "store",
    fault: () => (cache.isStale && !state.isClosing ? "the store has failed" : undefined),
  };
  const registry = createRegistry(options, context, cache, parts.admission);
  const special = indexByPlace([
    ...createBindingResources(registry, table),
    createEvictionResource(registry, table),
    createComponentStatusResource([...(parts.components ?? []), { ...storeCheck, name: "etcd-0" }]),
    ...parts.special,
  ]);
  const operations = createOperations({
    registry,
    store,
    authorizer: parts.authorizer,
    specialOf: (served, subresource) => special.get(placeOf(served.resource, subresource)),
  });
  const checks = healthChecks(storeCheck, state);
  return {
    ...context,
    operations,
    parts,
    handleHttp: createHttp({ options, context, parts, registry, operations, checks }),
    markReady() {
      state.isReady = true;
    },
    close() {
      state.isClosing = true;
      cache.close();
    },
  };
}

interface ServerState {
  isReady: boolean;
  isClosing: boolean;
}

function createRegistry(
  { store, clock, random, serviceRanges }: ApiServerOptions,
  { objects, table }: ServerContext,
  cache: WatchCache,
  admission: readonly AdmissionPlugin[],
): RegistryParts {
  const serviceKind = table.of(services);
  const serviceAllocator = createServiceAllocator(objects, table.of(ipAddresses), serviceRanges, random);
  return {
    cache,
    writer: createObjectWriter(store, cache, clock, random),
    admission: createAdmissionStage(admission),
    serial: createSerialByKey(),
    clock,
    random,
    hookOf: (served) => (served.storedAs === serviceKind ? serviceAllocator : undefined),
  };
}

function createHttp({
  options,
  context,
  parts,
  registry,
  operations,
  checks,
}: {
  readonly options: ApiServerOptions;
  readonly context: ServerContext;
  readonly parts: ServerParts;
  readonly registry: RegistryParts;
  readonly operations: Operations;
  readonly checks: HealthChecks;
}): HttpHandler {
  const { clock, random, logger } = options;
  const { table, schemas } = context;
  const connectors = indexByPlace(parts.connectors ?? []);
  const handlers = [
    ...createDiscoveryHandlers(table, options.address),
    createVersionHandler(options.version),
    ...createHealthHandlers(checks),
    ...parts.paths,
  ];
  return createHttpHandler({
    authenticator: parts.authenticator,
    authorizer: parts.authorizer,
    resources: {
      table,
      schemas,
      operations,
      clock,
      random,
      connectorOf: (served, subresource) => connectors.get(placeOf(served.resource, subresource)),
      admitConnect: (request) => admitConnect(registry, request),
      currentRevision: () => registry.cache.revision,
    },
    paths: createPathTable(handlers, new Set(table.all.map((served) => served.resource.group))),
    clock,
    random,
    logger,
  });
}

function healthChecks(store: HealthCheck, state: ServerState): HealthChecks {
  const defaults: HealthCheck = {
    name: "poststarthook/system-objects",
    fault: () => (state.isReady ? undefined : "not finished"),
  };
  const shutdown: HealthCheck = {
    name: "shutdown",
    fault: () => (state.isClosing ? "process is shutting down" : undefined),
  };
  return {
    livez: [pingCheck, store],
    readyz: [pingCheck, store, defaults, shutdown],
    healthz: [pingCheck, store, defaults],
  };
}

/** Lets admission see a request for a stream. */
async function admitConnect({ admission }: RegistryParts, request: WriteRequest): Promise<void> {
  const seen = admissionRequest(request, "connect", undefined, undefined);
  await admission.admit(seen, request.signal);
  await admission.validate(seen, request.signal);
}

type Place = Pick<Resource<unknown>, "group" | "version" | "plural">;

function indexByPlace<T extends { readonly resource: Place; readonly subresource?: string }>(
  list: readonly T[],
): ReadonlyMap<string, T> {
  return new Map(list.map((entry) => [placeOf(entry.resource, entry.subresource ?? ""), entry]));
}

function placeOf(resource: Place, subresource: string): string {
  return `${resource.group}/${resource.version}/${resource.plural}/${subresource}`;
}
