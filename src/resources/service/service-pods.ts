import { selectLabels } from "../../api/label-selector.ts";
import { pods, services } from "../../api/resources.ts";
import type { Pod, Service } from "../../api/types/core-v1.ts";
import { type CacheChange, type Informers, keyOf } from "../../client/informer.ts";
import { deepEqual } from "../../controllerkit/deep-equal.ts";
import { isPodReady, isPodTerminal } from "../pod-status.ts";

const selectorIndex = "selector";

/** Prepares `servicesOfPod`: services are filed by one of the labels that they ask for. */
export function indexServicesBySelector(informers: Informers): void {
  informers.addIndex(services, selectorIndex, ({ metadata, spec }) => {
    const [first] = Object.entries(spec.selector ?? {});
    return first === undefined ? [] : [labelKey(metadata.namespace, first[0], first[1])];
  });
}

/** Pods that a service selects; none for a service without a selector. */
export function podsOfService(informers: Informers, { metadata, spec }: Service): readonly Pod[] {
  if (spec.selector === undefined) return [];
  const selector = selectLabels(spec.selector);
  return informers
    .of(pods)
    .cache.list(metadata.namespace)
    .filter((pod) => selector.matches(pod.metadata.labels));
}

/** Keys of the services whose endpoints a change of a pod may change. */
export function servicesOfPod(informers: Informers, { before, after }: CacheChange<Pod>): readonly string[] {
  if (before === undefined || after === undefined) return selecting(informers, (after ?? before) as Pod);
  const hasMoved =
    !deepEqual(before.metadata.labels, after.metadata.labels) ||
    before.spec.hostname !== after.spec.hostname ||
    before.spec.subdomain !== after.spec.subdomain;
  if (!hasMoved && !hasChanged(before, after)) return [];
  if (!hasMoved) return selecting(informers, after);
  return [...new Set([...selecting(informers, before), ...selecting(informers, after)])];
}

/** What of a pod an endpoint shows. */
function hasChanged(before: Pod, after: Pod): boolean {
  return (
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
    isPodReady(before) !== isPodReady(after) ||
    isPodTerminal(before) !== isPodTerminal(after) ||
    !deepEqual(before.status.podIPs, after.status.podIPs)
  );
}

function selecting(informers: Informers, { metadata }: Pod): readonly string[] {
  const { cache } = informers.of(services);
  const keys: string[] = [];
  for (const [label, value] of Object.entries(metadata.labels ?? {}))
    for (const service of cache.byIndex(selectorIndex, labelKey(metadata.namespace, label, value)))
      if (selectLabels(service.spec.selector ?? {}).matches(metadata.labels)) keys.push(keyOf(service));
  return keys;
}

function labelKey(namespace: string, label: string, value: string): string {
  return `${namespace}/${label}=${value}`;
}

/** A pod that may be an endpoint: it has an address and has not ended. */
export function mayBeEndpoint(pod: Pod, includesTerminating: boolean): boolean {
  if (isPodTerminal(pod) || (pod.status.podIP === undefined && (pod.status.podIPs ?? []).length === 0)) return false;
  return includesTerminating || pod.metadata.deletionTimestamp === undefined;
}

/** The name by which DNS knows a pod of a service; undefined when it has none of its own. */
export function endpointHostname(pod: Pod, service: Service): string | undefined {
  const isNamed = pod.spec.subdomain === service.metadata.name && pod.metadata.namespace === service.metadata.namespace;
  return isNamed ? pod.spec.hostname : undefined;
}

/** What an endpoint says of its pod. */
export function podReference({ metadata }: Pod) {
  const { namespace, name, uid } = metadata;
  return { kind: "Pod", namespace, name, uid };
}

/** Whether the service has an address of its own. */
export function hasServiceAddress({ spec }: Service): boolean {
  return spec.clusterIP !== undefined && spec.clusterIP !== "" && spec.clusterIP !== "None";
}

/** Marks endpoints of services that DNS answers with the endpoints' own addresses. */
export const headlessLabel = "service.kubernetes.io/headless";
