import type { Node, Pod, Service } from "../../api/types/core-v1.ts";
import type { Endpoint, EndpointPort, EndpointSlice } from "../../api/types/discovery-v1.ts";
import { formatIpAddress, parseIpAddress } from "../ip-address.ts";
import { isPodReady, resolvePodPort } from "../pod-status.ts";
import { endpointHostname, mayBeEndpoint, podReference } from "../service/service-pods.ts";

/** The sort of addresses in a slice. */
export type AddressType = EndpointSlice["addressType"];

/** Endpoints with one set of ports: they share slices. */
export interface EndpointGroup {
  readonly ports: readonly EndpointPort[];
  /** By identity, so that a changed endpoint finds its former self. */
  readonly endpoints: Map<string, Endpoint>;
}

/** What is known of a service when its endpoints are worked out. */
export interface EndpointState {
  readonly service: Service;
  /** Those that it selects. */
  readonly pods: readonly Pod[];
  readonly nodeOf: (name: string) => Node | undefined;
}

/** The endpoints that a service should have, grouped by their ports, and why some pods are not among them. */
export function planEndpoints(
  { service, pods, nodeOf }: EndpointState,
  addressType: AddressType,
): { readonly groups: ReadonlyMap<string, EndpointGroup>; readonly faults: readonly string[] } {
  const groups = new Map<string, EndpointGroup>();
  const faults: string[] = [];
  const { namespace, name } = service.metadata;
  for (const pod of pods) {
    if (!mayBeEndpoint(pod, true)) continue;
    const ports = endpointPorts(service, pod);
    const key = portsKey(ports);
    const group = groups.get(key) ?? { ports, endpoints: new Map() };
    groups.set(key, group);
    const nodeName = pod.spec.nodeName ?? "";
    const node = nodeOf(nodeName);
    if (node === undefined && service.spec.publishNotReadyAddresses !== true) {
      faults.push(`skipping Pod ${pod.metadata.name} for Service ${namespace}/${name}: Node ${nodeName} Not Found`);
      continue;
    }
    const endpoint = renderEndpoint(pod, node, service, addressType);
    if (endpoint !== undefined) group.endpoints.set(endpointIdentity(endpoint), endpoint);
  }
  return { groups, faults };
}

/** Sorts of addresses that a service's endpoints have. */
export function addressTypesOf({ spec }: Service): readonly AddressType[] {
  if (spec.ipFamilies !== undefined && spec.ipFamilies.length > 0) return spec.ipFamilies as readonly AddressType[];
  const address = spec.clusterIP === undefined ? undefined : parseIpAddress(spec.clusterIP);
  return address === undefined ? ["IPv4", "IPv6"] : [address.family];
}

/** Tells sets of ports apart, in whatever order they are. */
export function portsKey(ports: readonly EndpointPort[]): string {
  return ports
    .map(({ name, port, protocol, appProtocol }) => JSON.stringify([name, port, protocol, appProtocol]))
    .sort()
    .join();
}

/** Tells endpoints apart; what else changes of them is changed in place. */
export function endpointIdentity({ addresses, hostname, targetRef }: Endpoint): string {
  return JSON.stringify([(addresses ?? []).toSorted(), hostname, targetRef?.namespace, targetRef?.name]);
}

/** Whether two endpoints of one identity say the same. */
export function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return (
    a.nodeName === b.nodeName &&
    a.zone === b.zone &&
    a.conditions.ready === b.conditions.ready &&
    a.conditions.serving === b.conditions.serving &&
    a.conditions.terminating === b.conditions.terminating &&
    a.targetRef?.kind === b.targetRef?.kind &&
    a.targetRef?.uid === b.targetRef?.uid
  );
}

const zoneLabel = "topology.kubernetes.io/zone";

function renderEndpoint(
  pod: Pod,
  node: Node | undefined,
  service: Service,
  addressType: AddressType,
): Endpoint | undefined {
  const addresses = (pod.status.podIPs ?? [])
    .map(({ ip }) => parseIpAddress(ip))
    .filter((address) => address !== undefined)
    .filter(({ family }) => family === addressType)
    .map(formatIpAddress);
  if (addresses.length === 0) return undefined;
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const zone = node?.metadata.labels?.[zoneLabel];
  const hostname = endpointHostname(pod, service);
  return {
    addresses,
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    targetRef: podReference(pod),
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    ...(zone === undefined || zone === "" ? {} : { zone }),
  };
}

/** The service's ports as they are on this pod; a named port that the pod lacks is left out. */
function endpointPorts({ spec }: Service, pod: Pod): readonly EndpointPort[] {
  const ports: EndpointPort[] = [];
  for (const { name = "", protocol = "TCP", targetPort, port: servicePort, appProtocol } of spec.ports ?? []) {
    const port = resolvePodPort(pod.spec, targetPort ?? servicePort, protocol);
    if (port !== undefined) ports.push({ name, protocol, port, ...(appProtocol === undefined ? {} : { appProtocol }) });
  }
  return ports;
}
