import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { checkDnsLabel, checkDnsSubdomain, checkLabelKey, checkPortNumber } from "../../api/names.ts";
import type { EndpointAddress, EndpointPort, EndpointSubset, Endpoints } from "../../api/types/core-v1.ts";
import { checkEndpointIp } from "../endpoint-ip.ts";
import { addFaults, requireOneOfGiven, sameValue } from "../field-checks.ts";
import { checkIpAddress } from "../ip-address.ts";

const subsetsPath = FieldPath.of("subsets");
const protocols = ["SCTP", "TCP", "UDP"];

/** What is wrong with new endpoints. */
export function validateEndpoints(endpoints: Endpoints): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, subset] of (endpoints.subsets ?? []).entries())
    checkSubset(errors, subsetsPath.index(index), subset);
  return errors;
}

/** What is wrong with a change of endpoints: what is left as it was may be wrong, as it was. */
export function validateEndpointsUpdate(endpoints: Endpoints, old: Endpoints): FieldError[] {
  const errors = validateEndpoints(endpoints);
  return errors.length > 0 && sameValue(endpoints.subsets, old.subsets) ? [] : errors;
}

function checkSubset(errors: FieldError[], path: FieldPath, subset: EndpointSubset): void {
  const { addresses = [], notReadyAddresses = [], ports = [] } = subset;
  if (addresses.length === 0 && notReadyAddresses.length === 0)
    errors.push(fieldError.required(path, "must specify `addresses` or `notReadyAddresses`"));
  for (const [index, address] of addresses.entries())
    checkAddress(errors, path.child("addresses").index(index), address);
  for (const [index, address] of notReadyAddresses.entries())
    checkAddress(errors, path.child("notReadyAddresses").index(index), address);
  for (const [index, port] of ports.entries())
    checkEndpointPort(errors, path.child("ports").index(index), port, ports.length > 1);
}

function checkAddress(errors: FieldError[], path: FieldPath, address: EndpointAddress): void {
  const { ip, hostname = "", nodeName } = address;
  checkIpAddress(errors, path.child("ip"), ip);
  if (hostname !== "") addFaults(errors, path.child("hostname"), hostname, checkDnsLabel(hostname));
  if (nodeName !== undefined) addFaults(errors, path.child("nodeName"), nodeName, checkDnsSubdomain(nodeName));
  checkEndpointIp(errors, path.child("ip"), ip);
}

function checkEndpointPort(errors: FieldError[], path: FieldPath, port: EndpointPort, isNamed: boolean): void {
  const { name = "", appProtocol } = port;
  if (name !== "") addFaults(errors, path.child("name"), name, checkDnsLabel(name));
  else if (isNamed) errors.push(fieldError.required(path.child("name")));
  addFaults(errors, path.child("port"), port.port, checkPortNumber(port.port));
  requireOneOfGiven(errors, path.child("protocol"), port.protocol, protocols);
  if (appProtocol !== undefined) addFaults(errors, path.child("appProtocol"), appProtocol, checkLabelKey(appProtocol));
}
