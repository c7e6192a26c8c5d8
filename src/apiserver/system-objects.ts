import type { Input } from "../api/draft.ts";
import { equalJson, type JsonValue } from "../api/json-value.ts";
import type { ApiObject } from "../api/metadata.ts";
import type { Resource } from "../api/resource.ts";
import { endpointSlices, endpoints, namespaces, serviceCIDRs, services } from "../api/resources.ts";
import { hasReason } from "../api/status-error.ts";
import { type Clock, formatTime, sleep } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { Client, ObjectKey } from "../client/client.ts";
import { formatIpAddress, parseIpAddress, parseIpRange } from "../resources/ip-address.ts";

/** Where the API server is, for those who look for it inside the cluster. */
export interface SystemObjectsOptions {
  /** Acts as the server itself. */
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ranges of service addresses; the `kubernetes` service has the first address of the first. */
  readonly serviceCidrs: readonly string[];
  /** An address at which every pod reaches this server. */
  readonly advertiseAddress: string;
  readonly port: number;
}

/** Namespaces that every cluster has. */
const systemNamespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];
const serviceName = "kubernetes";
/** Port of the `kubernetes` service. */
const servicePort = 443;
/** How often it is looked whether someone has removed or changed them. */
const checkIntervalMs = 10_000;

/**
 * Makes what every cluster has besides roles: its namespaces, the range of service addresses, and the `kubernetes`
 * service with its endpoint. Does nothing to what is as it should be. Runs at every start.
 * @throws {StatusError} when something cannot be written
 */
export async function ensureSystemObjects(options: SystemObjectsOptions, signal: AbortSignal): Promise<void> {
  const { client } = options;
  await Promise.all(
    systemNamespaces.map((name) => createIfMissing(client, namespaces, { name }, { metadata: { name } }, signal)),
  );
  await ensureServiceRange(options, signal);
  await ensureKubernetesService(options, signal);
}

/** Makes them again whenever they are found missing or changed, until the signal is aborted. */
export async function keepSystemObjects(options: SystemObjectsOptions, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await sleep(options.clock, checkIntervalMs, signal);
      await ensureSystemObjects(options, signal);
    } catch (error) {
      if (signal.aborted) return;
      options.logger.warn("system objects not restored", { error });
    }
  }
}

async function ensureServiceRange(
  { client, clock, serviceCidrs }: SystemObjectsOptions,
  signal: AbortSignal,
): Promise<void> {
  const key = { name: serviceName };
  const made = await createIfMissing(
    client,
    serviceCIDRs,
    key,
    { metadata: key, spec: { cidrs: serviceCidrs } },
    signal,
  );
  if (made.status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true) return;
  const ready = {
    type: "Ready",
    status: "True",
    lastTransitionTime: formatTime(clock.nowMs()),
    reason: "",
    message: "Kubernetes Service CIDR is ready",
  };
  await client.patch(
    serviceCIDRs,
    key,
    "merge",
    { status: { conditions: [ready] } },
    { subresource: "status" },
    signal,
  );
}

async function ensureKubernetesService(options: SystemObjectsOptions, signal: AbortSignal): Promise<void> {
  const { client, advertiseAddress, port, serviceCidrs } = options;
  const key = { namespace: "default", name: serviceName };
  const address = firstAddress(serviceCidrs[0] ?? "");
  await createIfMissing(
    client,
    services,
    key,
    {
      metadata: { ...key, labels: { component: "apiserver", provider: "kubernetes" } },
      spec: {
        type: "ClusterIP",
        clusterIP: address,
        clusterIPs: [address],
        ipFamilyPolicy: "SingleStack",
        sessionAffinity: "None",
        ports: [{ name: "https", protocol: "TCP", port: servicePort, targetPort: port }],
      },
    },
    signal,
  );
  await ensure(
    client,
    endpoints,
    {
      metadata: { ...key, labels: { "endpointslice.kubernetes.io/skip-mirror": "true" } },
      subsets: [{ addresses: [{ ip: advertiseAddress }], ports: [{ name: "https", port, protocol: "TCP" }] }],
    },
    ["subsets"],
    signal,
  );
  await ensure(
    client,
    endpointSlices,
    {
      metadata: { ...key, labels: { "kubernetes.io/service-name": serviceName } },
      addressType: parseIpAddress(advertiseAddress)?.family ?? "IPv4",
      endpoints: [{ addresses: [advertiseAddress], conditions: { ready: true } }],
      ports: [{ name: "https", port, protocol: "TCP" }],
    },
    ["endpoints", "ports"],
    signal,
  );
}

/** The first address of a range that is not the network's own. */
function firstAddress(cidr: string): string {
  const range = parseIpRange(cidr);
  if (range === undefined) throw new Error(`service range ${cidr} is no range of addresses`);
  return formatIpAddress({ family: range.family, value: range.base + 1n });
}

async function createIfMissing<T extends ApiObject>(
  client: Client,
  resource: Resource<T>,
  key: ObjectKey,
  wanted: Input<T>,
  signal: AbortSignal,
): Promise<T> {
  try {
    return await client.get(resource, key, signal);
  } catch (error) {
    if (!hasReason(error, "NotFound")) throw error;
  }
  try {
    return await client.create(resource, wanted, {}, signal);
  } catch (error) {
    if (hasReason(error, "AlreadyExists")) return client.get(resource, key, signal);
    throw error;
  }
}

/** Makes an object, or gives it back the fields that are not what they should be. */
async function ensure<T extends ApiObject>(
  client: Client,
  resource: Resource<T>,
  wanted: Input<T> & { readonly metadata: ObjectKey },
  fields: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const present = await createIfMissing(client, resource, wanted.metadata, wanted, signal);
  const of = (object: unknown, field: string): JsonValue => (object as Record<string, JsonValue>)[field] ?? null;
  const changed = fields.filter((field) => !equalJson(of(present, field), of(wanted, field)));
  if (changed.length === 0) return;
  const patch = Object.fromEntries(changed.map((field) => [field, of(wanted, field)]));
  await client.patch(resource, wanted.metadata, "merge", patch, {}, signal);
}
