import type { Draft } from "../api/draft.ts";
import type { ApiObject } from "../api/metadata.ts";
import { ipAddresses, services } from "../api/resources.ts";
import { internalError, invalid } from "../api/status-error.ts";
import type { Service } from "../api/types/core-v1.ts";
import type { Random } from "../base/random.ts";
import { formatIpAddress, parseIpAddress, parseIpRange } from "../resources/ip-address.ts";
import { keepAllocatedValues, syncClusterIps } from "../resources/service-addresses.ts";
import {
  type AllocationBook,
  addressesOf,
  allocateService,
  ExhaustedError,
  nodePortsOf,
} from "../resources/service-allocation.ts";
import { type AddressPool, createAddressPool } from "./allocators/address-pool.ts";
import { createPortPool, type PortPool, type PortRange } from "./allocators/port-pool.ts";
import type { LiveObjects } from "./live-objects.ts";
import type { Reservation, SideWrite, WriteHook } from "./registry/write-hook.ts";
import type { ObjectDraft } from "./registry/write-request.ts";
import type { ServedResource } from "./resource-table.ts";

/** What services are given. */
export interface ServiceRanges {
  /** Ranges of service addresses, at most one for each family; the first family is the default. */
  readonly cidrs: readonly string[];
  readonly nodePorts: PortRange;
}

/**
 * Gives services their addresses and node ports, and keeps an IPAddress object for each address. What is taken is known
 * from the services there are, and from the requests that are under way.
 * @throws {Error} when a range is malformed
 */
export function createServiceAllocator(
  objects: LiveObjects,
  addressKind: ServedResource,
  ranges: ServiceRanges,
  random: Random,
): WriteHook {
  const pools = ranges.cidrs.map((cidr) => {
    const range = parseIpRange(cidr);
    if (range === undefined) throw new Error(`service range ${cidr} is no range of addresses`);
    return createAddressPool(range, random);
  });
  const ports = createPortPool(ranges.nodePorts, random);
  const poolOf = (address: string): AddressPool | undefined => {
    const family = parseIpAddress(address)?.family;
    return pools.find((pool) => pool.family === family);
  };
  const count = (service: Service, action: "hold" | "release"): void => {
    for (const address of addressesOf(service)) poolOf(address)?.[action](canonical(address));
    for (const port of nodePortsOf(service)) ports[action](port);
  };
  objects.of(services).onChange(({ before, after }) => {
    if (before !== undefined) count(before, "release");
    if (after !== undefined) count(after, "hold");
  });
  objects.of(ipAddresses).onChange(({ before, after }) => {
    if (before !== undefined) poolOf(before.metadata.name)?.release(before.metadata.name);
    if (after !== undefined) poolOf(after.metadata.name)?.hold(after.metadata.name);
  });

  const begin = (draft: ObjectDraft, old: ApiObject | undefined): Reservation => {
    const service = draft as Draft<ApiObject> as Draft<Service>;
    const before = old as Service | undefined;
    if (before !== undefined) keepAllocatedValues(service, before);
    syncClusterIps(service, before);
    const held = openReservation(pools, poolOf, ports);
    try {
      const errors = allocateService(service, before, held.book);
      if (errors.length > 0) throw invalid(services, service.metadata.name ?? "", errors);
    } catch (error) {
      held.giveBack();
      throw error instanceof ExhaustedError ? internalError(error.message, error) : error;
    }
    // Once the service is stored it holds everything itself.
    return { keep: held.giveBack, giveBack: held.giveBack };
  };
  return {
    beginCreate: (draft) => begin(draft, undefined),
    beginUpdate: begin,
    sideWrites(before, after) {
      const old = before === undefined ? [] : addressesOf(before as Service);
      const now = after === undefined ? [] : addressesOf(after as ApiObject as Service);
      return [
        ...now
          .filter((address) => !old.includes(address))
          .map((address) => addressWrite(addressKind, address, after as ApiObject as Service)),
        ...old
          .filter((address) => !now.includes(address))
          .map((address): SideWrite => ({ served: addressKind, key: canonical(address), draft: undefined })),
      ];
    },
  };
}

/** Takes things for one request, and remembers what. */
function openReservation(
  pools: readonly AddressPool[],
  poolOf: (address: string) => AddressPool | undefined,
  ports: PortPool,
): { readonly book: AllocationBook; giveBack(): void } {
  const releases: (() => void)[] = [];
  const holdAddress = (pool: AddressPool, address: string): void => {
    pool.hold(address);
    releases.push(() => pool.release(address));
  };
  const holdPort = (port: number): void => {
    ports.hold(port);
    releases.push(() => ports.release(port));
  };
  return {
    book: {
      families: pools.map((pool) => pool.family),
      takeAddress(address) {
        const pool = poolOf(address);
        const fault = pool === undefined ? "not configured on this cluster" : pool.fault(address);
        if (pool !== undefined && fault === undefined) holdAddress(pool, canonical(address));
        return fault;
      },
      takeAnyAddress(family) {
        const pool = pools.find((candidate) => candidate.family === family);
        const address = pool?.findFree();
        if (pool !== undefined && address !== undefined) holdAddress(pool, address);
        return address;
      },
      takePort(port) {
        const fault = ports.fault(port);
        if (fault === undefined) holdPort(port);
        return fault;
      },
      takeAnyPort() {
        const port = ports.findFree();
        if (port !== undefined) holdPort(port);
        return port;
      },
    },
    giveBack() {
      for (const release of releases.splice(0)) release();
    },
  };
}

/** The object that stands for an address in use. Source: KEP-1880. */
function addressWrite(served: ServedResource, address: string, { metadata }: Service): SideWrite {
  const { namespace, name } = metadata;
  const draft = {
    metadata: {
      name: canonical(address),
      labels: {
        "ipaddress.kubernetes.io/ip-family": parseIpAddress(address)?.family ?? "",
        "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
      },
    },
    spec: { parentRef: { resource: "services", namespace, name } },
  };
  return { served, key: canonical(address), draft: draft as unknown as ObjectDraft };
}

function canonical(address: string): string {
  const parsed = parseIpAddress(address);
  return parsed === undefined ? address : formatIpAddress(parsed);
}

/** The ports of all nodes that services may have, unless a cluster says otherwise. */
export const defaultNodePorts: PortRange = { first: 30_000, last: 32_767 };
