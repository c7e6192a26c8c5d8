import type { Draft, Input } from "../../api/draft.ts";
import type { EndpointAddress, EndpointSubset, Endpoints, Pod, Service } from "../../api/types/core-v1.ts";
import { type AddressType, addressTypesOf } from "../endpoint-slice/plan-endpoints.ts";
import { formatIpAddress, parseIpAddress } from "../ip-address.ts";
import { isPodReady, resolvePodPort } from "../pod-status.ts";
import {
  endpointHostname,
  hasServiceAddress,
  headlessLabel,
  mayBeEndpoint,
  podReference,
} from "../service/service-pods.ts";
import { triggerTimeAnnotation } from "../service/trigger-times.ts";
import { countAddresses, packSubsets, sameSubsets, truncateSubsets } from "./plan-subsets.ts";

/** Most addresses of one object; clients with more pods read slices. Source: upstream. */
export const maxAddresses = 1000;

/** Says that an object does not show all addresses. Source: Kubernetes documentation, "Well-Known Labels". */
const overCapacityAnnotation = "endpoints.kubernetes.io/over-capacity";
const managedByLabel = "endpoints.kubernetes.io/managed-by";
const manager = "endpoint-controller";

/** The addresses of a service in the older form, of its first family only. */
export function planSubsets(service: Service, pods: readonly Pod[]): readonly EndpointSubset[] {
  const publishesAll = service.spec.publishNotReadyAddresses === true;
  const subsets: EndpointSubset[] = [];
  for (const pod of pods) {
    const address = mayBeEndpoint(pod, publishesAll) ? renderAddress(service, pod) : undefined;
    if (address === undefined) continue;
    const list = publishesAll || isPodReady(pod) ? "addresses" : "notReadyAddresses";
    const servicePorts = service.spec.ports ?? [];
    if (servicePorts.length === 0 && service.spec.clusterIP === "None") subsets.push({ [list]: [address] });
    for (const { name = "", protocol = "TCP", targetPort, port: servicePort, appProtocol } of servicePorts) {
      const port = resolvePodPort(pod.spec, targetPort ?? servicePort, protocol);
      if (port === undefined) continue;
      const named = name === "" ? {} : { name };
      const spoken = appProtocol === undefined ? {} : { appProtocol };
      subsets.push({ [list]: [address], ports: [{ ...named, port, protocol, ...spoken }] });
    }
  }
  return packSubsets(subsets);
}

/**
 * What a service's Endpoints should become; undefined when they are right.
 * @param triggerTime when the change happened that led to this, in API time
 */
export function planEndpointsObject(
  service: Service,
  pods: readonly Pod[],
  current: Endpoints | undefined,
  triggerTime: string | undefined,
): Input<Endpoints> | undefined {
  const subsets = planSubsets(service, pods);
  if (current !== undefined && isRight(current, subsets, service)) return undefined;
  const shown = truncateSubsets(subsets, maxAddresses);
  const annotations: Draft<Record<string, string>> = { ...current?.metadata.annotations };
  delete annotations[triggerTimeAnnotation];
  delete annotations[overCapacityAnnotation];
  if (triggerTime !== undefined) annotations[triggerTimeAnnotation] = triggerTime;
  if (shown !== subsets) annotations[overCapacityAnnotation] = "truncated";
  const { name, namespace } = service.metadata;
  const metadata = { ...(current?.metadata ?? { name, namespace }), labels: labelsOf(service), annotations };
  return { ...current, metadata, subsets: shown };
}

function isRight(current: Endpoints, subsets: readonly EndpointSubset[], { metadata }: Service): boolean {
  const present = current.subsets ?? [];
  return (
    countAddresses(present) <= maxAddresses &&
    current.metadata.annotations?.[overCapacityAnnotation] === undefined &&
    areLabelsRight(current.metadata.labels ?? {}, metadata.labels ?? {}) &&
    (sameSubsets(present, subsets) || sameSubsets(packSubsets(present), subsets))
  );
}

/** Whether the service is headless is only looked at when something else changes. */
function areLabelsRight(present: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  const own = Object.keys(present).filter((label) => label !== headlessLabel && label !== managedByLabel);
  return (
    present[managedByLabel] === manager &&
    own.length === Object.keys(wanted).length &&
    own.every((label) => Object.hasOwn(wanted, label) && present[label] === wanted[label])
  );
}

function labelsOf(service: Service): Readonly<Record<string, string>> {
  const labels: Record<string, string> = Object.assign(Object.create(null), service.metadata.labels);
  delete labels[headlessLabel];
  if (!hasServiceAddress(service)) labels[headlessLabel] = "";
  labels[managedByLabel] = manager;
  return labels;
}

function renderAddress(service: Service, pod: Pod): EndpointAddress | undefined {
  const family = firstFamily(service, pod);
  const ip = (pod.status.podIPs ?? [])
    .map((address) => parseIpAddress(address.ip))
    .find((address) => address?.family === family);
  if (ip === undefined) return undefined;
  const hostname = endpointHostname(pod, service);
  return {
    ip: formatIpAddress(ip),
    ...(hostname === undefined ? {} : { hostname }),
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    targetRef: podReference(pod),
  };
}

/** Old headless services have no family of their own: they take the pod's. */
function firstFamily(service: Service, pod: Pod): AddressType {
  const [first, ...others] = addressTypesOf(service);
  const isOpen = (service.spec.ipFamilies ?? []).length === 0 && others.length > 0;
  return (isOpen ? parseIpAddress(pod.status.podIP ?? "")?.family : first) ?? "IPv4";
}
