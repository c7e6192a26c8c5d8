import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import type { ServiceSpec } from "../../api/types/core-v1.ts";
import { requireOneOf } from "../field-checks.ts";
import { checkIpAddress, isDualStack, parseIpAddress } from "../ip-address.ts";
import { headless, isHeadless } from "../service-addresses.ts";

const specPath = FieldPath.of("spec");
const listPath = specPath.child("clusterIPs");
const families = ["IPv4", "IPv6"];
const familyPolicies = ["PreferDualStack", "RequireDualStack", "SingleStack"];
const oncePerService = "may not change once set";

/** Checks a service's addresses inside the cluster, and their families. */
export function checkAddresses(errors: FieldError[], spec: ServiceSpec, old: ServiceSpec | undefined): void {
  if (spec.type === "ExternalName") return;
  const { clusterIP = "", clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec;
  if (clusterIP === "") {
    if (clusterIPs.length > 0)
      errors.push(fieldError.invalid(listPath, clusterIPs, "must be empty when `clusterIP` is not specified"));
  } else if (clusterIPs.length === 0) {
    errors.push(fieldError.required(listPath));
  } else if (clusterIPs[0] !== clusterIP) {
    errors.push(fieldError.invalid(listPath, clusterIPs, "first value must match `clusterIP`"));
  }
  const seen = new Set<string>();
  for (const [index, family] of ipFamilies.entries()) {
    const path = specPath.child("ipFamilies").index(index);
    requireOneOf(errors, path, family, families);
    if (seen.has(family)) errors.push(fieldError.duplicate(path, family));
    seen.add(family);
  }
  if (ipFamilyPolicy !== undefined)
    requireOneOf(errors, specPath.child("ipFamilyPolicy"), ipFamilyPolicy, familyPolicies);
  if (checkClusterIps(errors, clusterIPs, old?.clusterIPs)) checkFamilies(errors, spec);
}

/** @returns false when some address is none, and what follows would only confuse */
function checkClusterIps(
  errors: FieldError[],
  addresses: readonly string[],
  tolerated: readonly string[] | undefined,
): boolean {
  let isSound = true;
  for (const [index, address] of addresses.entries()) {
    if (index === 0 && address === headless) {
      if (addresses.length === 1) continue;
      isSound = false;
      errors.push(fieldError.invalid(listPath, addresses, "'None' must be the first and only value"));
      continue;
    }
    const before = errors.length;
    checkIpAddress(errors, listPath.index(index), address, tolerated);
    if (errors.length > before) isSound = false;
  }
  if (addresses.length > 2) errors.push(fieldError.invalid(listPath, addresses, "may only hold up to 2 values"));
  return isSound;
}

function checkFamilies(errors: FieldError[], spec: ServiceSpec): void {
  const { clusterIPs = [], ipFamilies = [] } = spec;
  if (clusterIPs.length > 1 && !isDualStack(clusterIPs))
    errors.push(fieldError.invalid(listPath, clusterIPs, "may specify no more than one IP for each IP family"));
  if (isHeadless(spec)) return;
  for (const [index, address] of clusterIPs.entries()) {
    const expected = ipFamilies[index];
    if (expected === undefined || parseIpAddress(address)?.family === expected) continue;
    const detail = `expected an ${expected} value as indicated by \`ipFamilies[${index}]\``;
    if (families.includes(expected)) errors.push(fieldError.invalid(listPath.index(index), address, detail));
  }
}

/** A second address or family may come and go; the first stays. Services outside the cluster have neither. */
export function checkAddressChange(errors: FieldError[], spec: ServiceSpec, old: ServiceSpec): void {
  if (spec.type === "ExternalName" || old.type === "ExternalName") return;
  const wasHeadless = isHeadless(old);
  const becomesHeadless = isHeadless(spec);
  if (!wasHeadless || !becomesHeadless) checkClusterIpChange(errors, spec, old);
  if (!wasHeadless && !becomesHeadless) checkFamilyChange(errors, spec, old);
}

function checkClusterIpChange(errors: FieldError[], spec: ServiceSpec, old: ServiceSpec): void {
  const { clusterIPs = [] } = spec;
  const { clusterIPs: oldIps = [] } = old;
  const refuse = (index: number, detail: string): void => {
    const value = spec.clusterIPs === undefined ? null : clusterIPs;
    errors.push(fieldError.invalid(listPath.index(index), value, detail));
  };
  if (oldIps.length === clusterIPs.length) {
    for (const [index, address] of oldIps.entries()) if (address !== clusterIPs[index]) refuse(index, oncePerService);
    return;
  }
  if (clusterIPs.length === 0) refuse(0, "primary clusterIP can not be unset");
  else if (oldIps.length > 0 && clusterIPs[0] !== oldIps[0]) refuse(0, oncePerService);
  if (oldIps.length > clusterIPs.length && clusterIPs.length === 1)
    requireSingleStack(errors, spec, "must be set to 'SingleStack' when releasing the secondary clusterIP");
}

function checkFamilyChange(errors: FieldError[], spec: ServiceSpec, old: ServiceSpec): void {
  const { ipFamilies = [], clusterIPs = [] } = spec;
  const { ipFamilies: oldFamilies = [] } = old;
  const refuse = (value: readonly string[], detail: string): void => {
    errors.push(fieldError.invalid(specPath.child("ipFamilies").index(0), value.length === 0 ? null : value, detail));
  };
  if (oldFamilies.length === ipFamilies.length) {
    for (const [index, family] of oldFamilies.entries())
      if (family !== ipFamilies[index]) refuse(ipFamilies, oncePerService);
    return;
  }
  if (oldFamilies.length > ipFamilies.length && clusterIPs.length === 0)
    refuse(ipFamilies, "primary ipFamily can not be unset");
  const first = ipFamilies[0];
  if (first !== undefined && oldFamilies.length > 0 && first !== oldFamilies[0]) refuse(clusterIPs, oncePerService);
  if (oldFamilies.length > ipFamilies.length && ipFamilies.length === 1)
    requireSingleStack(errors, spec, "must be set to 'SingleStack' when releasing the secondary ipFamily");
}

function requireSingleStack(errors: FieldError[], spec: ServiceSpec, detail: string): void {
  if (spec.ipFamilyPolicy !== "SingleStack")
    errors.push(fieldError.invalid(specPath.child("ipFamilyPolicy"), spec.ipFamilyPolicy, detail));
}
