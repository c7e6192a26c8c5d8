import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { checkPortName, checkPortNumber } from "../../api/names.ts";
import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from "../../api/types/networking-v1.ts";
import { addFaults, checkLabelSelector, requireOneOf } from "../field-checks.ts";
import { checkIpRange, type IpRange, parseIpRange, rangeContains } from "../ip-address.ts";

const specPath = FieldPath.of("spec");
const protocols = ["TCP", "UDP", "SCTP"];
const policyTypes = ["Ingress", "Egress"];

/** What is tolerated because the old policy had it. */
interface Leniency {
  readonly allowInvalidValues: boolean;
  readonly knownRanges: readonly string[];
}

/** What is wrong with a new policy. */
export function validateNetworkPolicy({ spec }: NetworkPolicy): FieldError[] {
  return validateSpec(spec, { allowInvalidValues: false, knownRanges: [] });
}

/** What is wrong with a change of a policy. */
export function validateNetworkPolicyUpdate({ spec }: NetworkPolicy, { spec: old }: NetworkPolicy): FieldError[] {
  const faults: FieldError[] = [];
  checkLabelSelector(faults, specPath, old.podSelector);
  const peers = [
    ...(old.ingress ?? []).flatMap(({ from = [] }) => from),
    ...(old.egress ?? []).flatMap(({ to = [] }) => to),
  ];
  return validateSpec(spec, {
    allowInvalidValues: faults.length > 0,
    knownRanges: peers.flatMap(({ ipBlock }) =>
      ipBlock === undefined ? [] : [ipBlock.cidr, ...(ipBlock.except ?? [])],
    ),
  });
}

function validateSpec(spec: NetworkPolicySpec, leniency: Leniency): FieldError[] {
  const errors: FieldError[] = [];
  checkLabelSelector(errors, specPath.child("podSelector"), spec.podSelector, leniency);
  for (const [index, { ports, from }] of (spec.ingress ?? []).entries())
    checkRule(errors, specPath.child("ingress").index(index), ports, { field: "from", peers: from }, leniency);
  for (const [index, { ports, to }] of (spec.egress ?? []).entries())
    checkRule(errors, specPath.child("egress").index(index), ports, { field: "to", peers: to }, leniency);
  const types = spec.policyTypes ?? [];
  const typesPath = specPath.child("policyTypes");
  if (types.length > policyTypes.length)
    errors.push(fieldError.invalid(typesPath, types, "may not specify more than two policyTypes"));
  else for (const [index, type] of types.entries()) requireOneOf(errors, typesPath.index(index), type, policyTypes);
  return errors;
}

function checkRule(
  errors: FieldError[],
  path: FieldPath,
  ports: readonly NetworkPolicyPort[] | undefined,
  { field, peers }: { readonly field: string; readonly peers: readonly NetworkPolicyPeer[] | undefined },
  leniency: Leniency,
): void {
  for (const [index, port] of (ports ?? []).entries()) checkPort(errors, path.child("ports").index(index), port);
  for (const [index, peer] of (peers ?? []).entries())
    checkPeer(errors, path.child(field).index(index), peer, leniency);
}

function checkPort(errors: FieldError[], path: FieldPath, { protocol, port, endPort }: NetworkPolicyPort): void {
  const endPath = path.child("endPort");
  if (protocol !== undefined) requireOneOf(errors, path.child("protocol"), protocol, protocols);
  if (typeof port === "number") {
    addFaults(errors, path.child("port"), port, checkPortNumber(port));
    if (endPort === undefined) return;
    if (endPort < port) errors.push(fieldError.invalid(endPath, port, "must be greater than or equal to `port`"));
    addFaults(errors, endPath, endPort, checkPortNumber(endPort));
    return;
  }
  if (endPort !== undefined)
    errors.push(
      fieldError.invalid(
        endPath,
        endPort,
        `may not be specified when \`port\` is ${port === undefined ? "not specified" : "non-numeric"}`,
      ),
    );
  if (port !== undefined) addFaults(errors, path.child("port"), port, checkPortName(port));
}

function checkPeer(errors: FieldError[], path: FieldPath, peer: NetworkPolicyPeer, leniency: Leniency): void {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  checkLabelSelector(errors, path.child("podSelector"), podSelector, leniency);
  checkLabelSelector(errors, path.child("namespaceSelector"), namespaceSelector, leniency);
  if (ipBlock !== undefined) checkBlock(errors, path.child("ipBlock"), ipBlock, leniency);
  const count = [podSelector, namespaceSelector, ipBlock].filter((part) => part !== undefined).length;
  if (count === 0) errors.push(fieldError.required(path, "must specify a peer"));
  else if (count > 1 && ipBlock !== undefined)
    errors.push(fieldError.forbidden(path, "may not specify both ipBlock and another peer"));
}

function checkBlock(errors: FieldError[], path: FieldPath, { cidr, except = [] }: IPBlock, leniency: Leniency): void {
  if (cidr === "") {
    errors.push(fieldError.required(path.child("cidr")));
    return;
  }
  checkIpRange(errors, path.child("cidr"), cidr, leniency.knownRanges);
  const range = parseIpRange(cidr);
  if (range === undefined) return;
  for (const [index, text] of except.entries()) {
    const place = path.child("except").index(index);
    checkIpRange(errors, place, text, leniency.knownRanges);
    const inner = parseIpRange(text);
    if (inner !== undefined && !isInside(inner, range))
      errors.push(fieldError.invalid(place, text, "must be a strict subset of `cidr`"));
  }
}

function isInside(inner: IpRange, outer: IpRange): boolean {
  const first = { family: inner.family, value: inner.base };
  return rangeContains(outer, first) && inner.prefixLength > outer.prefixLength;
}
