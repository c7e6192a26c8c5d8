import type { Draft } from "../../api/draft.ts";
import type { Container, LimitRange, Pod } from "../../api/types/core-v1.ts";
import type { FieldOrder } from "./field-order.ts";

const annotation = "kubernetes.io/limit-ranger";

type Amounts = Record<string, string>;

/** Fills in requests and limits that a limit range has a default for, and notes on the pod which. */
export function applyLimitDefaults(range: LimitRange, pod: Draft<Pod>, order: FieldOrder): void {
  const requests: Amounts = {};
  const limits: Amounts = {};
  for (const item of range.spec.limits ?? []) {
    if (item.type !== "Container") continue;
    Object.assign(requests, item.defaultRequest);
    Object.assign(limits, item.default);
  }
  const notes: string[] = [];
  const fill =
    (title: string) =>
    (container: Draft<Container>): Draft<Container> =>
      fillContainer(container, { requests, limits }, title, notes, order);
  const containers = pod.spec.containers.map(fill("container"));
  const initContainers = pod.spec.initContainers?.map(fill("init container"));
  if (notes.length === 0) return;
  const changes = { containers, ...(initContainers === undefined ? {} : { initContainers }) };
  pod.spec = order.withFields("core.v1.PodSpec", pod.spec, changes);
  const annotations: Amounts = Object.assign(Object.create(null), pod.metadata.annotations);
  annotations[annotation] = `LimitRanger plugin set: ${notes.join("; ")}`;
  pod.metadata = order.withFields("meta.v1.ObjectMeta", pod.metadata, { annotations });
}

function fillContainer(
  container: Draft<Container>,
  defaults: { readonly requests: Amounts; readonly limits: Amounts },
  title: string,
  notes: string[],
  order: FieldOrder,
): Draft<Container> {
  const { requests = {}, limits = {} } = container.resources;
  const missing = (wanted: Amounts, given: Amounts): string[] =>
    Object.keys(wanted)
      .filter((name) => !Object.hasOwn(given, name))
      .sort();
  const newRequests = missing(defaults.requests, requests);
  const newLimits = missing(defaults.limits, limits);
  if (newRequests.length > 0) notes.push(`${newRequests.join(", ")} request for ${title} ${container.name}`);
  if (newLimits.length > 0) notes.push(`${newLimits.join(", ")} limit for ${title} ${container.name}`);
  if (newRequests.length === 0 && newLimits.length === 0) return container;
  const resources = order.withFields("core.v1.ResourceRequirements", container.resources, {
    ...(newRequests.length === 0 ? {} : { requests: filled(requests, defaults.requests) }),
    ...(newLimits.length === 0 ? {} : { limits: filled(limits, defaults.limits) }),
  });
  return order.withFields("core.v1.Container", container, { resources });
}

/** Maps are written in order of their keys. */
function filled(given: Amounts, defaults: Amounts): Amounts {
  const amounts: Amounts = Object.create(null);
  const all: Amounts = { ...defaults, ...given };
  for (const name of Object.keys(all).sort()) amounts[name] = all[name] as string;
  return amounts;
}
