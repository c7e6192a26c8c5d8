import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { checkDnsLabel, checkDnsSubdomain, checkLabelKey, checkLabelValue } from "../../api/names.ts";
import type { Endpoint, EndpointHints, EndpointPort, EndpointSlice } from "../../api/types/discovery-v1.ts";
import { checkEndpointIp } from "../endpoint-ip.ts";
import { addFaults, requireOneOf, requireOneOfGiven, requireSame, sameValue } from "../field-checks.ts";
import { checkCanonicalIpAddress, checkIpAddress, parseIpAddress } from "../ip-address.ts";

const endpointsPath = FieldPath.of("endpoints");
const portsPath = FieldPath.of("ports");
const addressTypePath = FieldPath.of("addressType");
const addressTypes = ["FQDN", "IPv4", "IPv6"];
const protocols = ["SCTP", "TCP", "UDP"];
const maxAddresses = 100;
const maxPorts = 20_000;
const maxEndpoints = 1000;
const maxHints = 8;

/** What is wrong with a new slice. */
export function validateEndpointSlice(slice: EndpointSlice): FieldError[] {
  const errors = validateFrame(slice);
  checkEndpoints(errors, slice);
  return errors;
}

/** What is wrong with a change of a slice: endpoints left as they were may be wrong, as they were. */
export function validateEndpointSliceUpdate(slice: EndpointSlice, old: EndpointSlice): FieldError[] {
  const errors = validateFrame(slice);
  if (!sameValue(slice.endpoints, old.endpoints)) checkEndpoints(errors, slice);
  requireSame(errors, addressTypePath, slice.addressType, old.addressType);
  return errors;
}

function validateFrame(slice: EndpointSlice): FieldError[] {
  const errors: FieldError[] = [];
  requireOneOfGiven(errors, addressTypePath, slice.addressType, addressTypes);
  const ports = slice.ports ?? [];
  if (ports.length > maxPorts) errors.push(fieldError.tooMany(portsPath, ports.length, maxPorts));
  else checkPorts(errors, ports);
  return errors;
}

function checkPorts(errors: FieldError[], ports: readonly EndpointPort[]): void {
  const names = new Set<string>();
  for (const [index, { name = "", protocol, appProtocol }] of ports.entries()) {
    const path = portsPath.index(index);
    if (name !== "") addFaults(errors, path.child("name"), name, checkDnsLabel(name));
    if (names.has(name)) errors.push(fieldError.duplicate(path.child("name"), name));
    names.add(name);
    if (protocol === undefined) errors.push(fieldError.required(path.child("protocol")));
    else requireOneOf(errors, path.child("protocol"), protocol, protocols);
    if (appProtocol !== undefined)
      addFaults(errors, path.child("appProtocol"), appProtocol, checkLabelKey(appProtocol));
  }
}

function checkEndpoints(errors: FieldError[], slice: EndpointSlice): void {
  const endpoints = slice.endpoints ?? [];
  if (endpoints.length > maxEndpoints) {
    errors.push(fieldError.tooMany(endpointsPath, endpoints.length, maxEndpoints));
    return;
  }
  for (const [index, endpoint] of endpoints.entries())
    checkEndpoint(errors, endpointsPath.index(index), endpoint, slice.addressType);
}

function checkEndpoint(errors: FieldError[], path: FieldPath, endpoint: Endpoint, addressType: string): void {
  const addresses = endpoint.addresses ?? [];
  const addressesPath = path.child("addresses");
  if (addresses.length === 0) errors.push(fieldError.required(addressesPath, "must contain at least 1 address"));
  else if (addresses.length > maxAddresses)
    errors.push(fieldError.tooMany(addressesPath, addresses.length, maxAddresses));
  for (const [index, address] of addresses.entries())
    checkAddress(errors, addressesPath, addressesPath.index(index), address, addressType);
  const { nodeName, hostname, hints } = endpoint;
  if (nodeName !== undefined) addFaults(errors, path.child("nodeName"), nodeName, checkDnsSubdomain(nodeName));
  if (hostname !== undefined) addFaults(errors, path.child("hostname"), hostname, checkDnsLabel(hostname));
  if (hints !== undefined) checkHints(errors, path.child("hints"), hints);
}

function checkAddress(
  errors: FieldError[],
  listPath: FieldPath,
  path: FieldPath,
  address: string,
  addressType: string,
): void {
  if (addressType === "FQDN") checkDomainName(errors, path, address);
  if (addressType !== "IPv4" && addressType !== "IPv6") return;
  const before = errors.length;
  if (addressType === "IPv4") checkIpAddress(errors, path, address);
  else checkCanonicalIpAddress(errors, path, address);
  if (errors.length > before) return;
  if (parseIpAddress(address)?.family !== addressType)
    errors.push(fieldError.invalid(listPath, address, `must be an ${addressType} address`));
  checkEndpointIp(errors, path, address);
}

/** A full domain name: at least two parts, each a label. */
function checkDomainName(errors: FieldError[], path: FieldPath, address: string): void {
  if (address === "") {
    errors.push(fieldError.required(path));
    return;
  }
  const name = address.replace(/\.$/, "");
  const faults = checkDnsSubdomain(name);
  const labels = name.split(".");
  const bad = labels.find((label) => checkDnsLabel(label).length > 0);
  if (faults.length > 0) errors.push(fieldError.invalid(path, name, faults.join(",")));
  else if (labels.length < 2)
    errors.push(fieldError.invalid(path, name, "should be a domain with at least two segments separated by dots"));
  else if (bad !== undefined) errors.push(fieldError.invalid(path, bad, checkDnsLabel(bad).join(",")));
}

function checkHints(errors: FieldError[], path: FieldPath, hints: EndpointHints): void {
  const check = (field: "forZones" | "forNodes", faultsOf: (name: string) => readonly string[]): boolean => {
    const list = hints[field] ?? [];
    const listPath = path.child(field);
    if (list.length > maxHints) {
      errors.push(fieldError.tooMany(listPath, list.length, maxHints));
      return false;
    }
    const names = new Set<string>();
    for (const [index, { name }] of list.entries()) {
      const place = listPath.index(index).child("name");
      if (names.has(name)) errors.push(fieldError.duplicate(place, name));
      names.add(name);
      addFaults(errors, place, name, faultsOf(name));
    }
    return true;
  };
  if (check("forZones", checkLabelValue)) check("forNodes", checkDnsSubdomain);
}
