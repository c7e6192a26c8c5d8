import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { goQuote } from "../../api/go-quote.ts";
import { checkLabelKey, checkLabelValue } from "../../api/names.ts";
import type { Node, NodeStatus, Taint } from "../../api/types/core-v1.ts";
import { compareUtf8, utf8Length } from "../../api/utf8.ts";
import { addFaults, checkAmount, requireOneOfGiven, requirePositive, sameValue } from "../field-checks.ts";
import { checkIpRange, parseIpRange } from "../ip-address.ts";

const metadataPath = FieldPath.of("metadata");
const specPath = FieldPath.of("spec");
const statusPath = FieldPath.of("status");
const podCidrsPath = specPath.child("podCIDRs");
const taintEffects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
const maxFeatureBytes = 253;
const featurePattern = /^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z][a-zA-Z0-9]*)*$/;
const cidrFrozen = 'node updates may not change podCIDR except from "" to valid';
const providerFrozen = 'node updates may not change providerID except from "" to valid';

/** What is wrong with a new node. */
export function validateNode(node: Node): FieldError[] {
  const errors: FieldError[] = [];
  // Upstream tells taints as a part of metadata.
  checkTaints(errors, metadataPath.child("taints"), node.spec.taints ?? []);
  checkStatusAmounts(errors, node.status);
  const { swap } = node.status.nodeInfo;
  if (swap?.capacity !== undefined)
    requirePositive(errors, metadataPath.child("nodeSwapStatus").child("capacity"), swap.capacity);
  checkFeatures(errors, statusPath.child("declaredFeatures"), node.status.declaredFeatures ?? []);
  checkPodRanges(errors, node.spec.podCIDRs ?? []);
  return errors;
}

/** What is wrong with a change of a node. */
export function validateNodeUpdate(node: Node, old: Node): FieldError[] {
  return [...validateNode(node), ...validateNodeStatusUpdate(node, old)];
}

/** What is wrong with a change of a node, also when only its agent tells how it is. */
export function validateNodeStatusUpdate({ spec, status }: Node, { spec: oldSpec }: Node): FieldError[] {
  const errors: FieldError[] = [];
  checkStatusAmounts(errors, status);
  checkFeatures(errors, statusPath.child("declaredFeatures"), status.declaredFeatures ?? []);
  checkAddresses(errors, status);
  checkFrozenFields(errors, spec, oldSpec);
  checkTaints(errors, metadataPath.child("taints"), spec.taints ?? []);
  if ((spec.externalID ?? "") !== (oldSpec.externalID ?? ""))
    errors.push(fieldError.forbidden(specPath.child("externalID"), "may not be updated"));
  return errors;
}

function checkFrozenFields(errors: FieldError[], spec: Node["spec"], old: Node["spec"]): void {
  const { podCIDRs: ranges = [], providerID = "" } = spec;
  const { podCIDRs: oldRanges = [], providerID: oldProvider = "" } = old;
  if (oldRanges.length > 0 && !sameValue(ranges, oldRanges))
    errors.push(fieldError.forbidden(podCidrsPath, cidrFrozen));
  if (oldProvider !== "" && providerID !== oldProvider)
    errors.push(fieldError.forbidden(specPath.child("providerID"), providerFrozen));
}

function checkAddresses(errors: FieldError[], { addresses = [] }: NodeStatus): void {
  const known = new Set<string>();
  for (const [index, { type, address }] of addresses.entries()) {
    const key = `${type}\n${address}`;
    if (known.has(key))
      errors.push(fieldError.duplicate(statusPath.child("addresses").index(index), { Type: type, Address: address }));
    known.add(key);
  }
}

function checkStatusAmounts(errors: FieldError[], status: NodeStatus): void {
  for (const list of ["capacity", "allocatable"] as const) {
    const amounts = status[list] ?? {};
    for (const name of Object.keys(amounts))
      checkAmount(errors, statusPath.child(list).child(name), name, amounts[name] as string);
  }
}

/** Checks that taints are well-formed, and that no two have the same key and effect. */
export function checkTaints(errors: FieldError[], path: FieldPath, taints: readonly Taint[]): void {
  const known = new Set<string>();
  for (const [index, { key, value = "", effect, timeAdded = null }] of taints.entries()) {
    const place = path.index(index);
    addFaults(errors, place.child("key"), key, checkLabelKey(key));
    const faults = checkLabelValue(value);
    if (faults.length > 0) errors.push(fieldError.invalid(place.child("value"), value, faults.join(";")));
    requireOneOfGiven(errors, place.child("effect"), effect, taintEffects);
    const pair = `${effect} ${key}`;
    if (known.has(pair)) {
      const form = { Key: key, Value: value, Effect: effect, TimeAdded: timeAdded };
      const duplicate = fieldError.duplicate(place, form);
      errors.push({ ...duplicate, body: `${duplicate.body}: taints must be unique by key and effect pair` });
    }
    known.add(pair);
  }
}

function checkFeatures(errors: FieldError[], path: FieldPath, features: readonly string[]): void {
  for (const [index, feature] of features.entries()) {
    const fault = featureFault(feature);
    if (fault !== undefined)
      errors.push(fieldError.invalid(path.index(index), feature, `invalid feature name ${goQuote(feature)}: ${fault}`));
    const next = features[index + 1];
    if (next === undefined) continue;
    const place = path.index(index + 1);
    if (next === feature) errors.push(fieldError.duplicate(place, next));
    else if (compareUtf8(feature, next) > 0)
      errors.push(fieldError.invalid(place, next, "list must be sorted alphabetically"));
  }
}

function featureFault(feature: string): string | undefined {
  if (utf8Length(feature) > maxFeatureBytes) return `must be no more than ${maxFeatureBytes} characters`;
  if (featurePattern.test(feature)) return undefined;
  return "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes";
}

function checkPodRanges(errors: FieldError[], ranges: readonly string[]): void {
  for (const [index, range] of ranges.entries()) checkIpRange(errors, podCidrsPath.index(index), range);
  if (ranges.length < 2) return;
  const malformed = ranges.findIndex((range) => parseIpRange(range) === undefined);
  if (malformed >= 0)
    errors.push(
      fieldError.internal(
        podCidrsPath,
        `invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[${malformed}]: <nil> (invalid CIDR address: ${ranges[malformed]})`,
      ),
    );
  if (malformed >= 0 || ranges.length > 2 || new Set(ranges.map((range) => parseIpRange(range)?.family)).size < 2)
    errors.push(fieldError.invalid(podCidrsPath, ranges, "may specify no more than one CIDR for each IP family"));
}
