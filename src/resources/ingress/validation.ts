import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import {
  checkDnsLabel,
  checkDnsSubdomain,
  checkPortName,
  checkPortNumber,
  checkWildcardDnsSubdomain,
  type Faults,
} from "../../api/names.ts";
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressRule,
  IngressServiceBackend,
  IngressSpec,
  IngressTLS,
} from "../../api/types/networking-v1.ts";
import { addFaults, requireName } from "../field-checks.ts";
import { checkIpAddress, parseIpAddress } from "../ip-address.ts";
import { checkObjectReference } from "../object-reference.ts";

/** The annotation that chose the class before the field did. */
export const ingressClassAnnotation = "kubernetes.io/ingress.class";

const specPath = FieldPath.of("spec");
const rulesPath = specPath.child("rules");
const pathTypes = ["Exact", "ImplementationSpecific", "Prefix"];
const badSequences = ["//", "/./", "/../", "%2f", "%2F"];
const badEndings = ["/..", "/."];

/** What is tolerated because the old object had it. */
interface Leniency {
  readonly allowInvalidSecret: boolean;
  readonly allowInvalidWildcardRule: boolean;
}

const strict: Leniency = { allowInvalidSecret: false, allowInvalidWildcardRule: false };

/** What is wrong with a new Ingress. */
export function validateIngress({ metadata, spec }: Ingress): FieldError[] {
  const errors = validateSpec(spec, strict);
  const annotation = metadata.annotations?.[ingressClassAnnotation];
  if (annotation !== undefined && spec.ingressClassName !== undefined && annotation !== spec.ingressClassName)
    errors.push(
      fieldError.invalid(
        FieldPath.of("annotations").child(ingressClassAnnotation),
        annotation,
        "must match `ingressClassName` when both are specified",
      ),
    );
  return errors;
}

/** What is wrong with a change of an Ingress. */
export function validateIngressUpdate({ spec }: Ingress, { spec: old }: Ingress): FieldError[] {
  return validateSpec(spec, {
    allowInvalidSecret: (old.tls ?? []).some((tls) => secretFaults(tls).length > 0),
    allowInvalidWildcardRule: (old.rules ?? []).some((rule) => {
      const faults: FieldError[] = [];
      if (rule.host?.includes("*") === true) checkPaths(faults, specPath, rule);
      return faults.length > 0;
    }),
  });
}

/** What is wrong with what is told of an Ingress. */
export function validateIngressStatusUpdate({ status }: Ingress, { status: old }: Ingress): FieldError[] {
  const errors: FieldError[] = [];
  const known = (old.loadBalancer.ingress ?? []).flatMap(({ ip = "" }) => (ip === "" ? [] : [ip]));
  for (const [index, { ip = "", hostname = "" }] of (status.loadBalancer.ingress ?? []).entries()) {
    const path = FieldPath.of("status").child("loadBalancer").child("ingress").index(index);
    if (ip !== "") checkIpAddress(errors, path.child("ip"), ip, known);
    if (hostname === "") continue;
    addFaults(errors, path.child("hostname"), hostname, checkDnsSubdomain(hostname));
    if (parseIpAddress(hostname) !== undefined)
      errors.push(fieldError.invalid(path.child("hostname"), hostname, "must be a DNS name, not an IP address"));
  }
  return errors;
}

function validateSpec(spec: IngressSpec, leniency: Leniency): FieldError[] {
  const errors: FieldError[] = [];
  const { rules = [], defaultBackend, tls = [], ingressClassName } = spec;
  if (rules.length === 0 && defaultBackend === undefined)
    errors.push(
      fieldError.invalid(specPath, spec.rules ?? null, "either `defaultBackend` or `rules` must be specified"),
    );
  if (defaultBackend !== undefined) checkBackend(errors, specPath.child("defaultBackend"), defaultBackend);
  for (const [index, rule] of rules.entries()) checkRule(errors, rulesPath.index(index), rule, leniency);
  for (const [index, entry] of tls.entries()) checkTls(errors, specPath.child("tls").index(index), entry, leniency);
  if (ingressClassName !== undefined)
    addFaults(errors, specPath.child("ingressClassName"), ingressClassName, checkDnsSubdomain(ingressClassName));
  return errors;
}

function checkTls(errors: FieldError[], path: FieldPath, tls: IngressTLS, leniency: Leniency): void {
  for (const [index, host] of (tls.hosts ?? []).entries())
    addFaults(errors, path.child("hosts").index(index), host, hostFaults(host));
  if (!leniency.allowInvalidSecret) addFaults(errors, path.child("secretName"), tls.secretName, secretFaults(tls));
}

function hostFaults(host: string): Faults {
  return host.includes("*") ? checkWildcardDnsSubdomain(host) : checkDnsSubdomain(host);
}

function secretFaults({ secretName = "" }: IngressTLS): Faults {
  return secretName === "" ? [] : checkDnsSubdomain(secretName);
}

function checkRule(errors: FieldError[], path: FieldPath, rule: IngressRule, leniency: Leniency): void {
  const { host = "" } = rule;
  if (host !== "") {
    if (parseIpAddress(host) !== undefined)
      errors.push(fieldError.invalid(path.child("host"), host, "must be a DNS name, not an IP address"));
    addFaults(errors, path.child("host"), host, hostFaults(host));
  }
  if (!host.includes("*") || !leniency.allowInvalidWildcardRule) checkPaths(errors, path, rule);
}

function checkPaths(errors: FieldError[], path: FieldPath, { http }: IngressRule): void {
  if (http === undefined) return;
  const pathsPath = path.child("http").child("paths");
  const paths = http.paths ?? [];
  if (paths.length === 0) errors.push(fieldError.required(pathsPath));
  for (const [index, entry] of paths.entries()) checkPath(errors, pathsPath.index(index), entry);
}

function checkPath(
  errors: FieldError[],
  path: FieldPath,
  { path: text = "", pathType, backend }: HTTPIngressPath,
): void {
  if (pathType === undefined || pathType === null) {
    errors.push(fieldError.required(path.child("pathType"), "pathType must be specified"));
    return;
  }
  const refuse = (detail: string): void => void errors.push(fieldError.invalid(path.child("path"), text, detail));
  if (!pathTypes.includes(pathType)) errors.push(fieldError.notSupported(path.child("pathType"), pathType, pathTypes));
  else if (pathType === "ImplementationSpecific") {
    if (text !== "" && !text.startsWith("/")) refuse("must be an absolute path");
  } else {
    if (!text.startsWith("/")) refuse("must be an absolute path");
    for (const sequence of badSequences) if (text.includes(sequence)) refuse(`must not contain '${sequence}'`);
    for (const ending of badEndings) if (text.endsWith(ending)) refuse(`cannot end with '${ending}'`);
  }
  checkBackend(errors, path.child("backend"), backend);
}

function checkBackend(errors: FieldError[], path: FieldPath, { resource, service }: IngressBackend): void {
  if (resource !== undefined && service !== undefined)
    errors.push(fieldError.invalid(path, "", "cannot set both resource and service backends"));
  else if (resource !== undefined) checkObjectReference(errors, path.child("resource"), resource);
  else if (service !== undefined) checkService(errors, path, service);
  else errors.push(fieldError.invalid(path, "", "resource or service backend is required"));
}

function checkService(errors: FieldError[], path: FieldPath, { name, port }: IngressServiceBackend): void {
  const servicePath = path.child("service");
  const portPath = servicePath.child("port");
  requireName(errors, servicePath.child("name"), name, checkDnsLabel);
  const { name: portName = "", number = 0 } = port;
  if (portName !== "" && number !== 0)
    errors.push(fieldError.invalid(path, "", "cannot set both port name & port number"));
  else if (portName !== "") addFaults(errors, portPath.child("name"), portName, checkPortName(portName));
  else if (number !== 0) addFaults(errors, portPath.child("number"), number, checkPortNumber(number));
  else errors.push(fieldError.required(path, "port name or number is required"));
}
