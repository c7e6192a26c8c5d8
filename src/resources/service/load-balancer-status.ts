import { type FieldError, type FieldPath, fieldError } from "../../api/field-error.ts";
import { checkDnsSubdomain } from "../../api/names.ts";
import type { LoadBalancerStatus } from "../../api/types/core-v1.ts";
import { addFaults } from "../field-checks.ts";
import { checkIpAddress, parseIpAddress } from "../ip-address.ts";

const ipModes = ["Proxy", "VIP"];

/** Checks where a load balancer is reached. @param type of the service */
export function checkLoadBalancerStatus(
  errors: FieldError[],
  path: FieldPath,
  status: LoadBalancerStatus,
  old: LoadBalancerStatus | undefined,
  type: string | undefined,
): void {
  const ingresses = status.ingress ?? [];
  const list = path.child("ingress");
  if (type !== "LoadBalancer" && ingresses.length > 0) {
    errors.push(fieldError.forbidden(list, "may only be used when `spec.type` is 'LoadBalancer'"));
    return;
  }
  const tolerated = (old?.ingress ?? []).map((ingress) => ingress.ip ?? "");
  for (const [index, { ip = "", hostname = "", ipMode }] of ingresses.entries()) {
    const entry = list.index(index);
    if (ip !== "") checkIpAddress(errors, entry.child("ip"), ip, tolerated);
    if (ipMode === undefined) {
      if (ip !== "") errors.push(fieldError.required(entry.child("ipMode"), "must be specified when `ip` is set"));
    } else if (ip === "") {
      errors.push(fieldError.forbidden(entry.child("ipMode"), "may not be specified when `ip` is not set"));
    } else if (!ipModes.includes(ipMode)) {
      errors.push(fieldError.notSupported(entry.child("ipMode"), ipMode, ipModes));
    }
    if (hostname === "") continue;
    addFaults(errors, entry.child("hostname"), hostname, checkDnsSubdomain(hostname));
    if (parseIpAddress(hostname) !== undefined)
      errors.push(fieldError.invalid(entry.child("hostname"), hostname, "must be a DNS name, not an IP address"));
  }
}
