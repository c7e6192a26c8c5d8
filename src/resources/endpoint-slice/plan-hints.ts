import type { Service } from "../../api/types/core-v1.ts";
import type { Endpoint, EndpointHints, EndpointSlice } from "../../api/types/discovery-v1.ts";
import { deepEqual } from "../../controllerkit/deep-equal.ts";
import type { SlicesPlan } from "./plan-slices.ts";

type Changes = Omit<SlicesPlan, "faults">;

/** How a service asks for near endpoints. Source: Kubernetes documentation, "Service", traffic distribution. */
const nearest = new Set(["PreferClose", "PreferSameZone", "PreferSameNode"]);

/**
 * A plan with hints on ready endpoints, so that clients are served in their own zone or node; without any for services
 * that do not ask for it.
 */
export function withHints(service: Service, slices: readonly EndpointSlice[], plan: Changes): Changes {
  const { trafficDistribution = "" } = service.spec;
  const hint = (endpoint: Endpoint): Endpoint => {
    if (!nearest.has(trafficDistribution)) return endpoint.hints === undefined ? endpoint : withoutHints(endpoint);
    if (endpoint.conditions.ready !== true) return endpoint;
    const hints = hintsFor(endpoint, trafficDistribution === "PreferSameNode");
    if (deepEqual(hints, endpoint.hints)) return endpoint;
    return hints === undefined ? withoutHints(endpoint) : { ...endpoint, hints };
  };
  const all = <S extends { readonly endpoints?: readonly Endpoint[] | null }>(slice: S): S => {
    const endpoints = (slice.endpoints ?? []).map(hint);
    const isSame = endpoints.every((endpoint, index) => endpoint === slice.endpoints?.[index]);
    return isSame ? slice : { ...slice, endpoints };
  };
  const changed = new Set([...plan.update, ...plan.remove].map(({ metadata }) => metadata.name));
  const unchanged = slices.filter(({ metadata }) => !changed.has(metadata.name));
  return {
    create: plan.create.map(all),
    update: [...plan.update.map(all), ...unchanged.filter((slice) => all(slice) !== slice).map(all)],
    remove: plan.remove,
  };
}

function hintsFor({ zone, nodeName }: Endpoint, byNode: boolean): EndpointHints | undefined {
  const forZones = zone === undefined ? {} : { forZones: [{ name: zone }] };
  const forNodes = nodeName === undefined || !byNode ? {} : { forNodes: [{ name: nodeName }] };
  const hints = { ...forZones, ...forNodes };
  return Object.keys(hints).length === 0 ? undefined : hints;
}

function withoutHints(endpoint: Endpoint): Endpoint {
  const { hints: _hints, ...rest } = endpoint;
  return rest;
}
