import { type FieldError, type FieldPath, fieldError } from "../../../api/field-error.ts";
import { checkDnsSubdomain, checkDnsSubdomainWithUnderscore } from "../../../api/names.ts";
import type { HostAlias, PodDNSConfig, PodSpec } from "../../../api/types/core-v1.ts";
import { utf8Length } from "../../../api/utf8.ts";
import { addFaults } from "../../field-checks.ts";
import { checkIpAddress } from "../../ip-address.ts";
import type { PodRules } from "./rules.ts";

const dnsPolicies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
/** What the C library's resolver reads, and a bit more for the search list. */
const maxNameservers = 3;
const maxSearches = 32;
const maxSearchCharacters = 2048;
const maxHostnameBytes = 64;

/** Checks who answers a pod's name lookups. */
export function checkDnsPolicy(errors: FieldError[], path: FieldPath, policy: string | undefined): void {
  if (policy === undefined || policy === "") errors.push(fieldError.required(path));
  else if (!dnsPolicies.includes(policy)) errors.push(fieldError.notSupported(path, policy, dnsPolicies));
}

/** Checks what a pod sets of its resolver by itself. */
export function checkDnsConfig(errors: FieldError[], path: FieldPath, spec: PodSpec): void {
  const { dnsPolicy, dnsConfig } = spec;
  if (dnsPolicy === "None" && dnsConfig === undefined) {
    errors.push(fieldError.required(path, "must provide `dnsConfig` when `dnsPolicy` is None"));
    return;
  }
  if (dnsConfig === undefined) return;
  const { nameservers = [], searches = [] } = dnsConfig;
  if (dnsPolicy === "None" && nameservers.length === 0) {
    const detail = "must provide at least one DNS nameserver when `dnsPolicy` is None";
    errors.push(fieldError.required(path.child("nameservers"), detail));
    return;
  }
  if (nameservers.length > maxNameservers)
    errors.push(
      fieldError.invalid(
        path.child("nameservers"),
        nameservers,
        `must not have more than ${maxNameservers} nameservers`,
      ),
    );
  for (const [index, address] of nameservers.entries())
    checkIpAddress(errors, path.child("nameservers").index(index), address);
  checkSearches(errors, path.child("searches"), searches);
  checkDnsOptions(errors, path.child("options"), dnsConfig);
}

function checkSearches(errors: FieldError[], path: FieldPath, searches: readonly string[]): void {
  if (searches.length > maxSearches)
    errors.push(fieldError.invalid(path, searches, `must not have more than ${maxSearches} search paths`));
  if (utf8Length(searches.join(" ")) > maxSearchCharacters)
    errors.push(
      fieldError.invalid(
        path,
        searches,
        `must not have more than ${maxSearchCharacters} characters (including spaces) in the search list`,
      ),
    );
  for (const [index, search] of searches.entries()) {
    if (search === ".") continue;
    const name = search.endsWith(".") ? search.slice(0, -1) : search;
    addFaults(errors, path.index(index), name, checkDnsSubdomainWithUnderscore(name));
  }
}

function checkDnsOptions(errors: FieldError[], path: FieldPath, config: PodDNSConfig): void {
  for (const [index, option] of (config.options ?? []).entries())
    if ((option.name ?? "") === "") errors.push(fieldError.required(path.index(index), "must not be empty"));
}

/** Checks additional lines of a pod's hosts file. */
export function checkHostAliases(errors: FieldError[], path: FieldPath, aliases: readonly HostAlias[]): void {
  for (const [index, alias] of aliases.entries()) {
    checkIpAddress(errors, path.index(index).child("ip"), alias.ip);
    for (const [nameIndex, name] of (alias.hostnames ?? []).entries())
      addFaults(errors, path.index(index).child("hostnames").index(nameIndex), name, checkDnsSubdomain(name));
  }
}

/** On the host's network a port is what it is on the host. In templates it may be left to be filled in. */
export function checkHostNetworkPorts(errors: FieldError[], specPath: FieldPath, spec: PodSpec, rules: PodRules): void {
  if (spec.hostNetwork !== true) return;
  for (const [index, container] of (spec.containers ?? []).entries())
    for (const [portIndex, port] of (container.ports ?? []).entries()) {
      const hostPort = port.hostPort ?? 0;
      if (hostPort === port.containerPort || (hostPort === 0 && !rules.isPod)) continue;
      errors.push(
        fieldError.invalid(
          specPath.child("containers").index(index).child("ports").index(portIndex).child("hostPort"),
          hostPort,
          "must match `containerPort` when `hostNetwork` is true",
        ),
      );
    }
}

/** Checks a host name that replaces the one made from the pod's name. */
export function checkHostnameOverride(errors: FieldError[], specPath: FieldPath, spec: PodSpec): void {
  const name = spec.hostnameOverride;
  if (name === undefined) return;
  const path = specPath.child("hostnameOverride");
  if (spec.setHostnameAsFQDN === true)
    errors.push(fieldError.forbidden(path, "may not be specified when setHostnameAsFQDN is true"));
  if (spec.hostNetwork === true)
    errors.push(fieldError.forbidden(path, "may not be specified when hostNetwork is true"));
  if (utf8Length(name) > maxHostnameBytes) errors.push(fieldError.tooLong(path, maxHostnameBytes));
  addFaults(errors, path, name, checkDnsSubdomain(name));
}
