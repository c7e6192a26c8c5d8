import type { Draft } from "../api/draft.ts";
import { type FieldError, FieldPath, fieldError } from "../api/field-error.ts";
import type { Service, ServiceSpec } from "../api/types/core-v1.ts";
import { sameValue } from "./field-checks.ts";
import { parseIpAddress } from "./ip-address.ts";
import { checkAddresses } from "./service/address-validation.ts";
import { hasClusterIp, headless, isHeadless, takesHealthCheckPort, takesNodePorts } from "./service-addresses.ts";

export type IpFamily = "IPv4" | "IPv6";

type ServiceDraft = Draft<Service>;

/** Where services get what is unique in the cluster. What is taken is given back by whoever lent the book. */
export interface AllocationBook {
  /** Families of which the cluster has service addresses; the first is the default. */
  readonly families: readonly IpFamily[];
  /** Takes an address that the user wants. @returns why it cannot be had */
  takeAddress(address: string): string | undefined;
  /** Takes any address of a family. @returns undefined when all are taken */
  takeAnyAddress(family: IpFamily): string | undefined;
  /** Takes a port of all nodes that the user wants. @returns why it cannot be had */
  takePort(port: number): string | undefined;
  /** Takes any port of all nodes. @returns undefined when all are taken */
  takeAnyPort(): number | undefined;
}

/** Everything is taken: a fault of the cluster, not of the request. */
export class ExhaustedError extends Error {
  override readonly name = "ExhaustedError";
}

const specPath = FieldPath.of("spec");
const policyPath = specPath.child("ipFamilyPolicy");
const addressesPath = specPath.child("clusterIPs");

/**
 * Gives a service its addresses and node ports, and settles its families. Whatever an update keeps is not asked for
 * again.
 * @param old the service before the change; undefined for a new one
 * @returns what is wrong with what the user wants; the service is not complete then
 * @throws {ExhaustedError}
 * Source: Kubernetes documentation, "Service ClusterIP allocation" and "IPv4/IPv6 dual-stack"; kube-apiserver v1.36.
 */
export function allocateService(service: ServiceDraft, old: Service | undefined, book: AllocationBook): FieldError[] {
  const isKept = keepsPreferredStack(service, old);
  if (!isKept) {
    const errors = settleFamilies(service, old, book.families);
    if (errors.length > 0) return errors;
  }
  const errors = isKept ? [] : allocateAddresses(service, old, book);
  return errors.length > 0 ? errors : allocatePorts(service, old, book);
}

/** Decides families and policy. @returns what is wrong with those that the user gave */
function settleFamilies(service: ServiceDraft, old: Service | undefined, families: readonly IpFamily[]): FieldError[] {
  const { spec } = service;
  if (spec.type === "ExternalName") {
    delete spec.internalTrafficPolicy;
    return [];
  }
  const isOpen = spec.clusterIP === headless && Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ??= old?.spec.ipFamilyPolicy ?? (isOpen ? "RequireDualStack" : "SingleStack");
  const malformed: FieldError[] = [];
  checkAddresses(malformed, spec as ServiceSpec, old?.spec);
  if (malformed.length > 0) return malformed;

  const errors = old === undefined ? [] : shrinkToPolicy(spec, old.spec);
  errors.push(...checkPolicy(spec), ...inferFamilies(spec, families));
  if (errors.length > 0) return errors;
  if (isOpen) {
    // Nobody allocates anything for these, so any family will do.
    spec.ipFamilies = withSecond(spec.ipFamilies ?? [defaultFamily(families)], spec.ipFamilyPolicy !== "SingleStack");
    return [];
  }
  if (spec.ipFamilyPolicy === "RequireDualStack" && families.length < 2)
    errors.push(
      fieldError.invalid(policyPath, spec.ipFamilyPolicy, "this cluster is not configured for dual-stack services"),
    );
  for (const [index, family] of (spec.ipFamilies ?? []).entries())
    if (!families.includes(family as IpFamily))
      errors.push(
        fieldError.invalid(specPath.child("ipFamilies").index(index), family, "not configured on this cluster"),
      );
  if (errors.length > 0) return errors;
  const first = (spec.ipFamilies ?? []).length === 0 ? [defaultFamily(families)] : (spec.ipFamilies as IpFamily[]);
  spec.ipFamilies = withSecond(first, spec.ipFamilyPolicy !== "SingleStack" && families.length === 2);
  return [];
}

/** A single stack keeps the first of what it had; anything else may only shrink when the policy says so. */
function shrinkToPolicy(spec: ServiceDraft["spec"], old: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const fields = [
    ["clusterIPs", "must be 'SingleStack' to release the secondary cluster IP"],
    ["ipFamilies", "must be 'SingleStack' to release the secondary IP family"],
  ] as const;
  for (const [field, fault] of fields) {
    const values = spec[field] ?? [];
    const before = old[field] ?? [];
    if (spec.ipFamilyPolicy === "SingleStack") {
      if (values.length > 1 && sameValue(values, before)) spec[field] = values.slice(0, 1) as never;
    } else if (values.length > 0 && values.length < before.length)
      errors.push(fieldError.invalid(policyPath, spec.ipFamilyPolicy, fault));
  }
  return errors;
}

function checkPolicy(spec: ServiceDraft["spec"]): FieldError[] {
  if (spec.ipFamilyPolicy !== "SingleStack") return [];
  const rule = "must be 'RequireDualStack' or 'PreferDualStack' when multiple";
  const errors: FieldError[] = [];
  if (spec.clusterIPs?.length === 2)
    errors.push(fieldError.invalid(policyPath, spec.ipFamilyPolicy, `${rule} cluster IPs are specified`));
  if (spec.ipFamilies?.length === 2)
    errors.push(fieldError.invalid(policyPath, spec.ipFamilyPolicy, `${rule} IP families are specified`));
  return errors;
}

/** Addresses without a family bring their own. */
function inferFamilies(spec: ServiceDraft["spec"], families: readonly IpFamily[]): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, address] of (spec.clusterIPs ?? []).entries()) {
    if (address === headless) break;
    if (index < (spec.ipFamilies ?? []).length) continue;
    const family = parseIpAddress(address)?.family as IpFamily;
    if (families.includes(family)) spec.ipFamilies = [...(spec.ipFamilies ?? []), family];
    else
      errors.push(
        fieldError.invalid(addressesPath.index(index), spec.clusterIPs, `${family} is not configured on this cluster`),
      );
  }
  return errors;
}

function withSecond(families: readonly string[], isWanted: boolean): IpFamily[] {
  const [first = "IPv4"] = families as IpFamily[];
  if (!isWanted || families.length > 1) return [...families] as IpFamily[];
  return [first, first === "IPv4" ? "IPv6" : "IPv4"];
}

function defaultFamily(families: readonly IpFamily[]): IpFamily {
  return families[0] ?? "IPv4";
}

/** A service that prefers two stacks is not given or denied a second one because the cluster has changed. */
function keepsPreferredStack({ spec }: ServiceDraft, old: Service | undefined): boolean {
  if (old === undefined || spec.ipFamilyPolicy !== "PreferDualStack" || spec.type !== old.spec.type) return false;
  return (
    hasClusterIp(spec) &&
    old.spec.ipFamilyPolicy === "PreferDualStack" &&
    sameValue(spec.clusterIPs, old.spec.clusterIPs) &&
    sameValue(spec.ipFamilies, old.spec.ipFamilies)
  );
}

function allocateAddresses(service: ServiceDraft, old: Service | undefined, book: AllocationBook): FieldError[] {
  const { spec } = service;
  if (!hasClusterIp(spec) || isHeadless(spec as ServiceSpec)) return [];
  const isNew = old === undefined || !hasClusterIp(old.spec);
  if (!isNew && isHeadless(old.spec)) return [];
  // A service that has an address keeps it; only a second one may still be missing.
  const firstMissing = isNew ? 0 : (old.spec.ipFamilies ?? []).length;
  const addresses = [...(spec.clusterIPs ?? [])];
  const given = spec.clusterIPs ?? null;
  for (const [index, family] of (spec.ipFamilies ?? []).entries()) {
    if (index < firstMissing) continue;
    const wanted = addresses[index] ?? "";
    if (wanted === "") {
      const taken = book.takeAnyAddress(family as IpFamily);
      if (taken === undefined)
        throw new ExhaustedError(
          `failed to allocate a serviceIP for Service "${service.metadata.name}": range is full`,
        );
      addresses[index] = taken;
      continue;
    }
    const fault = book.takeAddress(wanted);
    if (fault !== undefined)
      return [fieldError.invalid(addressesPath, given, `failed to allocate IP ${wanted}: ${fault}`)];
  }
  spec.clusterIPs = addresses;
  const [first] = addresses;
  if (isNew && first !== undefined) spec.clusterIP = first;
  return [];
}

function allocatePorts(service: ServiceDraft, old: Service | undefined, book: AllocationBook): FieldError[] {
  const { spec } = service;
  if (spec.type === "NodePort" || spec.type === "LoadBalancer") {
    const errors = old === undefined ? allocateNewPorts(spec, book) : allocateChangedPorts(spec, old.spec, book);
    if (errors.length > 0) return errors;
  }
  const needed = old !== undefined && takesHealthCheckPort(old.spec);
  if (takesHealthCheckPort(spec) && !needed) allocateHealthCheckPort(spec, book);
  return [];
}

/** Ports of one number, told apart by their protocol, share one node port. */
function allocateNewPorts(spec: ServiceDraft["spec"], book: AllocationBook): FieldError[] {
  const ports = spec.ports ?? [];
  const allocated = new Map<number, number>();
  for (const [index, port] of ports.entries()) {
    const wanted = port.nodePort ?? 0;
    if (wanted === 0 && !takesNodePorts(spec)) continue;
    const shared = allocated.get(port.port);
    if (shared !== undefined && (wanted === 0 || wanted === shared)) {
      port.nodePort = shared;
      continue;
    }
    const nodePort =
      shared === undefined
        ? (ports.find((other) => other.port === port.port && (other.nodePort ?? 0) !== 0)?.nodePort ?? 0)
        : wanted;
    const fault = nodePort === 0 ? undefined : book.takePort(nodePort);
    if (fault !== undefined) return [fieldError.invalid(nodePortPath(index), nodePort, fault)];
    port.nodePort = nodePort === 0 ? takeAnyPort(book) : nodePort;
    if (shared === undefined) allocated.set(port.port, port.nodePort);
  }
  return [];
}

function allocateChangedPorts(spec: ServiceDraft["spec"], old: ServiceSpec, book: AllocationBook): FieldError[] {
  const kept = new Set((old.ports ?? []).map((port) => port.nodePort ?? 0));
  const taken = new Set<number>();
  for (const [index, port] of (spec.ports ?? []).entries()) {
    const wanted = port.nodePort ?? 0;
    if (wanted === 0) {
      if (takesNodePorts(spec)) port.nodePort = takeAnyPort(book);
      continue;
    }
    if (kept.has(wanted) || taken.has(wanted)) continue;
    const fault = book.takePort(wanted);
    if (fault !== undefined) return [fieldError.invalid(nodePortPath(index), wanted, fault)];
    taken.add(wanted);
  }
  return [];
}

function allocateHealthCheckPort(spec: ServiceDraft["spec"], book: AllocationBook): void {
  const wanted = spec.healthCheckNodePort ?? 0;
  if (wanted === 0) {
    spec.healthCheckNodePort = takeAnyPort(book);
    return;
  }
  const fault = book.takePort(wanted);
  if (fault !== undefined)
    throw new ExhaustedError(`failed to allocate requested HealthCheck NodePort ${wanted}: ${fault}`);
}

function takeAnyPort(book: AllocationBook): number {
  const port = book.takeAnyPort();
  if (port === undefined) throw new ExhaustedError("failed to allocate a nodePort: range is full");
  return port;
}

function nodePortPath(index: number): FieldPath {
  return specPath.child("ports").index(index).child("nodePort");
}

/** Addresses that a service holds. */
export function addressesOf({ spec }: { readonly spec: Pick<ServiceSpec, "type" | "clusterIPs"> }): readonly string[] {
  if (!hasClusterIp(spec)) return [];
  return (spec.clusterIPs ?? []).filter((address) => address !== headless);
}

/** Ports of all nodes that a service holds. */
export function nodePortsOf({ spec }: { readonly spec: ServiceSpec }): readonly number[] {
  const ports = (spec.ports ?? []).map((port) => port.nodePort ?? 0);
  return [...new Set([...ports, spec.healthCheckNodePort ?? 0])].filter((port) => port !== 0);
}
