import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { checkDnsLabel, checkDnsSubdomain, checkLabelKey, checkPortNumber } from "../../api/names.ts";
import type { Service, ServicePort, ServiceSpec } from "../../api/types/core-v1.ts";
import { checkEndpointIp } from "../endpoint-ip.ts";
import { addFaults, checkLabels, requireOneOf, requireOneOfGiven, sameValue } from "../field-checks.ts";
import { checkIpAddress, checkIpRange } from "../ip-address.ts";
import { checkPort } from "../pod/validation/handlers.ts";
import { isExternallyAccessible, isHeadless, takesHealthCheckPort } from "../service-addresses.ts";
import { checkAddressChange, checkAddresses } from "./address-validation.ts";
import { checkLoadBalancerStatus } from "./load-balancer-status.ts";

const specPath = FieldPath.of("spec");
const annotationsPath = FieldPath.of("metadata").child("annotations");
const types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const affinities = ["ClientIP", "None"];
const protocols = ["SCTP", "TCP", "UDP"];
const policies = ["Cluster", "Local"];
const distributions = ["PreferClose", "PreferSameZone", "PreferSameNode"];
const sourceRangesAnnotation = "service.beta.kubernetes.io/load-balancer-source-ranges";
const hintsAnnotation = "service.kubernetes.io/topology-aware-hints";
const modeAnnotation = "service.kubernetes.io/topology-mode";
const onlyForLoadBalancers = "may only be used when `type` is 'LoadBalancer'";
/** A day. */
const maxAffinitySeconds = 86_400;

/** What is wrong with a new service. */
export function validateService(service: Service): FieldError[] {
  const errors: FieldError[] = [];
  checkAddresses(errors, service.spec, undefined);
  if (errors.length === 0) checkService(errors, service, undefined);
  return errors;
}

/** What is wrong with a change of a service. */
export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  const errors: FieldError[] = [];
  // Addresses are looked at before anything else, because they are given out before the rest is checked.
  checkAddresses(errors, service.spec, old.spec);
  if (errors.length > 0) return errors;
  checkAddressChange(errors, service.spec, old.spec);
  checkLoadBalancerClass(errors, service.spec, old.spec);
  const keepsHealthCheck = takesHealthCheckPort(old.spec) && takesHealthCheckPort(service.spec);
  if (keepsHealthCheck && service.spec.healthCheckNodePort !== old.spec.healthCheckNodePort)
    errors.push(fieldError.forbidden(specPath.child("healthCheckNodePort"), "field is immutable"));
  checkService(errors, service, old);
  return errors;
}

/** What is wrong with a change of a service's status. */
export function validateServiceStatusUpdate(service: Service, old: Service): FieldError[] {
  const errors: FieldError[] = [];
  checkLoadBalancerStatus(
    errors,
    FieldPath.of("status").child("loadBalancer"),
    service.status.loadBalancer,
    old.status.loadBalancer,
    service.spec.type,
  );
  return errors;
}

function checkService(errors: FieldError[], service: Service, old: Service | undefined): void {
  const { spec } = service;
  const { annotations = {} } = service.metadata;
  const hints = annotations[hintsAnnotation];
  const mode = annotations[modeAnnotation];
  if (mode !== undefined && hints !== undefined && mode !== hints) {
    const detail = `must match annotations[${hintsAnnotation}] when both are specified`;
    errors.push(fieldError.invalid(annotationsPath.key(modeAnnotation), mode, detail));
  }
  checkByType(errors, spec);
  const ports = spec.ports ?? [];
  checkPorts(errors, ports);
  checkLabels(errors, specPath.child("selector"), spec.selector);
  checkAffinity(errors, spec);
  checkExternalIps(errors, spec, old?.spec);
  requireOneOfGiven(errors, specPath.child("type"), spec.type, types);
  checkPortUse(errors, spec, ports);
  checkSourceRanges(errors, service, old);
  const allocates = spec.allocateLoadBalancerNodePorts;
  if (allocates !== undefined && spec.type !== "LoadBalancer")
    errors.push(fieldError.forbidden(specPath.child("allocateLoadBalancerNodePorts"), onlyForLoadBalancers));
  if (allocates === undefined && spec.type === "LoadBalancer")
    errors.push(fieldError.required(FieldPath.of("allocateLoadBalancerNodePorts")));
  checkLoadBalancerClass(errors, spec, undefined);
  checkTraffic(errors, spec);
}

function checkByType(errors: FieldError[], spec: ServiceSpec): void {
  if ((spec.ports?.length ?? 0) === 0 && !isHeadless(spec) && spec.type !== "ExternalName")
    errors.push(fieldError.required(specPath.child("ports")));
  if ((spec.type === "LoadBalancer" || spec.type === "NodePort") && isHeadless(spec))
    errors.push(
      fieldError.invalid(
        specPath.child("clusterIPs").index(0),
        spec.clusterIPs?.[0],
        `may not be set to 'None' for ${spec.type} services`,
      ),
    );
  if (spec.type !== "ExternalName") return;
  for (const field of ["clusterIPs", "ipFamilies", "ipFamilyPolicy"] as const)
    if ((spec[field]?.length ?? 0) > 0)
      errors.push(fieldError.forbidden(specPath.child(field), "may not be set for ExternalName services"));
  const name = (spec.externalName ?? "").replace(/\.$/, "");
  const path = specPath.child("externalName");
  if (name === "") errors.push(fieldError.required(path));
  else addFaults(errors, path, name, checkDnsSubdomain(name));
}

function checkPorts(errors: FieldError[], ports: readonly ServicePort[]): void {
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const entry = specPath.child("ports").index(index);
    const { name = "" } = port;
    if (name !== "") {
      addFaults(errors, entry.child("name"), name, checkDnsLabel(name));
      if (names.has(name)) errors.push(fieldError.duplicate(entry.child("name"), name));
      names.add(name);
    } else if (ports.length > 1) {
      errors.push(fieldError.required(entry.child("name")));
    }
    addFaults(errors, entry.child("port"), port.port, checkPortNumber(port.port));
    requireOneOfGiven(errors, entry.child("protocol"), port.protocol, protocols);
    checkPort(errors, entry.child("targetPort"), port.targetPort);
    if (port.appProtocol !== undefined)
      addFaults(errors, entry.child("appProtocol"), port.appProtocol, checkLabelKey(port.appProtocol));
  }
}

function checkAffinity(errors: FieldError[], spec: ServiceSpec): void {
  const { sessionAffinity, sessionAffinityConfig: config } = spec;
  requireOneOfGiven(errors, specPath.child("sessionAffinity"), sessionAffinity, affinities);
  const path = specPath.child("sessionAffinityConfig");
  if (sessionAffinity === "None" && config !== undefined)
    errors.push(fieldError.forbidden(path, "must not be set when session affinity is None"));
  if (sessionAffinity !== "ClientIP") return;
  const detail = "when session affinity type is ClientIP";
  const seconds = config?.clientIP?.timeoutSeconds;
  const secondsPath = path.child("clientIP").child("timeoutSeconds");
  if (config === undefined) errors.push(fieldError.required(path, detail));
  else if (config.clientIP === undefined) errors.push(fieldError.required(path.child("clientIP"), detail));
  else if (seconds === undefined) errors.push(fieldError.required(secondsPath, detail));
  else if (seconds <= 0 || seconds > maxAffinitySeconds)
    errors.push(fieldError.invalid(secondsPath, seconds, `must be greater than 0 and less than ${maxAffinitySeconds}`));
}

function checkExternalIps(errors: FieldError[], spec: ServiceSpec, old: ServiceSpec | undefined): void {
  for (const [index, address] of (spec.externalIPs ?? []).entries()) {
    const path = specPath.child("externalIPs").index(index);
    const before = errors.length;
    checkIpAddress(errors, path, address, old?.externalIPs);
    if (errors.length === before) checkEndpointIp(errors, path, address);
  }
}

function checkPortUse(errors: FieldError[], spec: ServiceSpec, ports: readonly ServicePort[]): void {
  const path = specPath.child("ports");
  const nodePorts = new Set<string>();
  const numbers = new Set<string>();
  if (spec.type === "ClusterIP")
    for (const [index, port] of ports.entries())
      if ((port.nodePort ?? 0) !== 0)
        errors.push(
          fieldError.forbidden(path.index(index).child("nodePort"), "may not be used when `type` is 'ClusterIP'"),
        );
  for (const [index, { protocol = "", nodePort = 0 }] of ports.entries()) {
    if (nodePort === 0) continue;
    const key = `${protocol}/${nodePort}`;
    if (nodePorts.has(key)) errors.push(fieldError.duplicate(path.index(index).child("nodePort"), nodePort));
    nodePorts.add(key);
  }
  for (const [index, { protocol = "", port }] of ports.entries()) {
    const key = `${protocol}/${port}`;
    // The key as the server writes it: a port with nothing but these two set.
    const form = { Name: "", Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 };
    if (numbers.has(key)) errors.push(fieldError.duplicate(path.index(index), form));
    numbers.add(key);
  }
}

function checkSourceRanges(errors: FieldError[], service: Service, old: Service | undefined): void {
  const ranges = service.spec.loadBalancerSourceRanges ?? [];
  const isLoadBalancer = service.spec.type === "LoadBalancer";
  if (ranges.length > 0) {
    const path = specPath.child("LoadBalancerSourceRanges");
    if (!isLoadBalancer) errors.push(fieldError.forbidden(path, onlyForLoadBalancers));
    const tolerated = (old?.spec.loadBalancerSourceRanges ?? []).map((range) => range.trim());
    for (const [index, range] of ranges.entries()) checkIpRange(errors, path.index(index), range.trim(), tolerated);
    return;
  }
  const annotation = service.metadata.annotations?.[sourceRangesAnnotation];
  if (annotation === undefined) return;
  const path = annotationsPath.key(sourceRangesAnnotation);
  if (!isLoadBalancer) errors.push(fieldError.forbidden(path, onlyForLoadBalancers));
  const isKept = old?.metadata.annotations?.[sourceRangesAnnotation] === annotation;
  if (isKept || annotation.trim() === "") return;
  for (const range of annotation.split(",")) checkIpRange(errors, path, range.trim());
}

function checkLoadBalancerClass(errors: FieldError[], spec: ServiceSpec, old: ServiceSpec | undefined): void {
  const path = specPath.child("loadBalancerClass");
  const { loadBalancerClass } = spec;
  const wasAndIs = old?.type === "LoadBalancer" && spec.type === "LoadBalancer";
  if (wasAndIs && !sameValue(loadBalancerClass, old.loadBalancerClass))
    errors.push(fieldError.invalid(path, loadBalancerClass, "may not change once set"));
  if (loadBalancerClass === undefined) return;
  if (spec.type === "LoadBalancer") addFaults(errors, path, loadBalancerClass, checkLabelKey(loadBalancerClass));
  else errors.push(fieldError.forbidden(path, onlyForLoadBalancers));
}

function checkTraffic(errors: FieldError[], spec: ServiceSpec): void {
  const { externalTrafficPolicy, internalTrafficPolicy, trafficDistribution, healthCheckNodePort = 0 } = spec;
  const path = specPath.child("externalTrafficPolicy");
  if (isExternallyAccessible(spec)) requireOneOfGiven(errors, path, externalTrafficPolicy, policies);
  else if (externalTrafficPolicy !== undefined)
    errors.push(fieldError.invalid(path, externalTrafficPolicy, "may only be set for externally-accessible services"));
  const healthPath = specPath.child("healthCheckNodePort");
  if (!takesHealthCheckPort(spec)) {
    if (healthCheckNodePort !== 0)
      errors.push(
        fieldError.invalid(
          healthPath,
          healthCheckNodePort,
          "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
        ),
      );
  } else if (healthCheckNodePort === 0) errors.push(fieldError.required(healthPath));
  else addFaults(errors, healthPath, healthCheckNodePort, checkPortNumber(healthCheckNodePort));
  const internalPath = specPath.child("internalTrafficPolicy");
  if (internalTrafficPolicy !== undefined) requireOneOf(errors, internalPath, internalTrafficPolicy, policies);
  else if (spec.type === "NodePort" || spec.type === "LoadBalancer" || spec.type === "ClusterIP")
    errors.push(fieldError.required(internalPath));
  if (trafficDistribution !== undefined)
    requireOneOf(errors, specPath.child("trafficDistribution"), trafficDistribution, distributions);
}
