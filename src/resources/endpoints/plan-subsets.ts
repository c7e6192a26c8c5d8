import type { EndpointAddress, EndpointPort, EndpointSubset } from "../../api/types/core-v1.ts";

/**
 * Subsets in their one canonical form: addresses that serve the same ports stand together, each once, all in order. An
 * address that is both ready and not is not.
 */
export function packSubsets(subsets: readonly EndpointSubset[]): readonly EndpointSubset[] {
  const rows = new Map<string, PortRow>();
  const known = new Map<string, EndpointAddress>();
  for (const subset of subsets) {
    const ports = subset.ports ?? [];
    // Addresses without a port stand together too.
    for (const port of ports.length === 0 ? [undefined] : ports) {
      const key = JSON.stringify(port ?? null, portFields);
      const row = rows.get(key) ?? { port, ready: new Map() };
      rows.set(key, row);
      for (const address of subset.addresses ?? []) addAddress(row, address, true, known);
      for (const address of subset.notReadyAddresses ?? []) addAddress(row, address, false, known);
    }
  }
  const groups = Map.groupBy(rows.values(), signatureOf);
  return [...groups.values()].map((group) => toSubset(group, known)).sort(compareSubsets);
}

/** Whether two lists of packed subsets say the same; which version of a pod they were made from is no matter. */
export function sameSubsets(a: readonly EndpointSubset[], b: readonly EndpointSubset[]): boolean {
  return JSON.stringify(a.map(comparable)) === JSON.stringify(b.map(comparable));
}

/**
 * Subsets cut to a number of addresses, the same share of each one; addresses that are not ready go first. The same
 * list when it is short enough.
 */
export function truncateSubsets(subsets: readonly EndpointSubset[], capacity: number): readonly EndpointSubset[] {
  const ready = sum(subsets.map(({ addresses = [] }) => addresses.length));
  const notReady = sum(subsets.map(({ notReadyAddresses = [] }) => notReadyAddresses.length));
  if (ready + notReady <= capacity) return subsets;
  const cutsReady = ready > capacity;
  const room = cutsReady ? capacity : capacity - ready;
  const total = cutsReady ? ready : notReady;
  let left = room;
  return subsets.map((subset) => {
    const { addresses: readyOnes = [], notReadyAddresses: otherOnes = [], ports } = subset;
    const candidates = cutsReady ? readyOnes : otherOnes;
    const kept = candidates.slice(0, Math.min(left, Math.ceil((candidates.length / total) * room)));
    left -= kept.length;
    return renderSubset(cutsReady ? kept : readyOnes, cutsReady ? [] : kept, ports ?? []);
  });
}

/** Addresses of all subsets, ready or not. */
export function countAddresses(subsets: readonly EndpointSubset[]): number {
  return sum(subsets.map(({ addresses = [], notReadyAddresses = [] }) => addresses.length + notReadyAddresses.length));
}

/** A port, and by their keys the addresses that serve it and whether they are ready. */
interface PortRow {
  readonly port: EndpointPort | undefined;
  readonly ready: Map<string, boolean>;
}

const portFields = ["name", "port", "protocol", "appProtocol"];

function addAddress(row: PortRow, address: EndpointAddress, isReady: boolean, known: Map<string, EndpointAddress>) {
  const key = `${address.ip} ${address.targetRef?.uid ?? ""}`;
  if (!known.has(key)) known.set(key, address);
  row.ready.set(key, isReady && row.ready.get(key) !== false);
}

function signatureOf({ ready }: PortRow): string {
  return JSON.stringify([...ready].sort(([a], [b]) => compareText(a, b)));
}

function toSubset(group: readonly PortRow[], known: ReadonlyMap<string, EndpointAddress>): EndpointSubset {
  const [first] = group;
  const keys = [...(first?.ready.keys() ?? [])].sort(compareText);
  const where = (isReady: boolean): readonly EndpointAddress[] =>
    keys.filter((key) => first?.ready.get(key) === isReady).map((key) => known.get(key) as EndpointAddress);
  const ports = group.map(({ port }) => port).filter((port) => port !== undefined);
  return renderSubset(where(true), where(false), ports.sort(comparePorts));
}

function renderSubset(
  addresses: readonly EndpointAddress[],
  notReadyAddresses: readonly EndpointAddress[],
  ports: readonly EndpointPort[],
): EndpointSubset {
  return {
    ...(addresses.length === 0 ? {} : { addresses }),
    ...(notReadyAddresses.length === 0 ? {} : { notReadyAddresses }),
    ...(ports.length === 0 ? {} : { ports }),
  };
}

function comparable({ addresses = [], notReadyAddresses = [], ports = [] }: EndpointSubset): unknown {
  const plain = ({ ip, hostname, nodeName, targetRef: ref }: EndpointAddress): unknown => [
    ip,
    hostname,
    nodeName,
    ref === undefined ? undefined : [ref.kind, ref.namespace, ref.name, ref.uid, ref.apiVersion, ref.fieldPath],
  ];
  const portOf = ({ name, port, protocol, appProtocol }: EndpointPort): unknown => [name, port, protocol, appProtocol];
  return [addresses.map(plain), notReadyAddresses.map(plain), ports.map(portOf)];
}

function compareSubsets(a: EndpointSubset, b: EndpointSubset): number {
  const [portA, portB] = [a.ports?.[0], b.ports?.[0]];
  if (portA === undefined || portB === undefined) return Number(portA !== undefined) - Number(portB !== undefined);
  return comparePorts(portA, portB);
}

function comparePorts(a: EndpointPort, b: EndpointPort): number {
  return (
    compareText(a.name ?? "", b.name ?? "") ||
    a.port - b.port ||
    compareText(a.protocol ?? "", b.protocol ?? "") ||
    compareText(a.appProtocol ?? "", b.appProtocol ?? "")
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
