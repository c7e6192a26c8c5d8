import { compareQuantities, parseQuantity } from "../../api/quantity.ts";
import type { LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod } from "../../api/types/core-v1.ts";
import { podLimits, podRequests } from "../../resources/pod-resources.ts";

type Amounts = Readonly<Record<string, string>>;

/** What is asked of one container, pod or claim. */
interface Asked {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

/** How a pod breaks a limit range. */
export function podLimitFaults(range: LimitRange, pod: Pod): string[] {
  return (range.spec.limits ?? []).flatMap((item) => {
    if (item.type === "Container")
      return [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap(({ resources }) =>
        itemFaults(item, { requests: resources.requests ?? {}, limits: resources.limits ?? {} }),
      );
    if (item.type !== "Pod") return [];
    const options = { excludeOverhead: true };
    return itemFaults(item, { requests: podRequests(pod, options), limits: podLimits(pod, options) });
  });
}

/** How a claim breaks a limit range: only what it requests counts. */
export function claimLimitFaults(range: LimitRange, claim: PersistentVolumeClaim): string[] {
  const asked: Asked = { requests: claim.spec.resources.requests ?? {}, limits: {} };
  return (range.spec.limits ?? []).flatMap((item) => {
    if (item.type !== "PersistentVolumeClaim") return [];
    return [
      ...eachOf(item.min, (name, bound) => minimumFault(item.type, name, bound, asked)),
      ...eachOf(item.max, (name, bound) => maximumRequestFault(item.type, name, bound, asked)),
    ];
  });
}

function itemFaults(item: LimitRangeItem, asked: Asked): string[] {
  const { type, min, max, maxLimitRequestRatio } = item;
  return [
    ...eachOf(min, (name, bound) => minimumFault(type, name, bound, asked)),
    ...eachOf(max, (name, bound) => maximumFault(type, name, bound, asked)),
    ...eachOf(maxLimitRequestRatio, (name, bound) => ratioFault(type, name, bound, asked)),
  ];
}

function eachOf(bounds: Amounts | undefined, faultOf: (name: string, bound: string) => string | undefined): string[] {
  return Object.keys(bounds ?? {}).flatMap((name) => faultOf(name, (bounds as Amounts)[name] as string) ?? []);
}

function minimumFault(type: string, name: string, bound: string, asked: Asked): string | undefined {
  const [request, limit] = [amountOf(asked.requests, name), amountOf(asked.limits, name)];
  const rule = `minimum ${name} usage per ${type} is ${bound}`;
  if (request === undefined) return `${rule}.  No request is specified`;
  if (compareQuantities(request, bound) < 0) return `${rule}, but request is ${request}`;
  if (limit !== undefined && compareQuantities(limit, bound) < 0) return `${rule}, but limit is ${limit}`;
  return undefined;
}

function maximumFault(type: string, name: string, bound: string, asked: Asked): string | undefined {
  const [request, limit] = [amountOf(asked.requests, name), amountOf(asked.limits, name)];
  const rule = `maximum ${name} usage per ${type} is ${bound}`;
  if (limit === undefined) return `${rule}.  No limit is specified`;
  if (compareQuantities(limit, bound) > 0) return `${rule}, but limit is ${limit}`;
  if (request !== undefined && compareQuantities(request, bound) > 0) return `${rule}, but request is ${request}`;
  return undefined;
}

function maximumRequestFault(type: string, name: string, bound: string, asked: Asked): string | undefined {
  const request = amountOf(asked.requests, name);
  const rule = `maximum ${name} usage per ${type} is ${bound}`;
  if (request === undefined) return `${rule}.  No request is specified`;
  return compareQuantities(request, bound) > 0 ? `${rule}, but request is ${request}` : undefined;
}

function ratioFault(type: string, name: string, bound: string, asked: Asked): string | undefined {
  const request = parseQuantity(amountOf(asked.requests, name) ?? "0").nanos;
  const limit = parseQuantity(amountOf(asked.limits, name) ?? "0").nanos;
  const rule = `${name} max limit to request ratio per ${type} is ${bound}`;
  if (request === 0n) return `${rule}, but no request is specified or request is 0`;
  if (limit === 0n) return `${rule}, but no limit is specified or limit is 0`;
  const ratio = Number(limit) / Number(request);
  const most = Number(parseQuantity(bound).nanos) / 1e9;
  return ratio > most ? `${rule}, but provided ratio is ${ratio.toFixed(6)}` : undefined;
}

function amountOf(amounts: Amounts, name: string): string | undefined {
  return Object.hasOwn(amounts, name) ? amounts[name] : undefined;
}
