import { type FieldError, type FieldPath, fieldError } from "../../../api/field-error.ts";
import { checkDnsLabel, checkLabelKey, checkLabelValue } from "../../../api/names.ts";
import type { Affinity, PodAffinityTerm, PodSchedulingGate, Toleration } from "../../../api/types/core-v1.ts";
import type { LabelSelector } from "../../../api/types/meta-v1.ts";
import { addFaults, checkLabelSelector, requireOneOf } from "../../field-checks.ts";
import { checkNodeAffinity, checkWeight } from "./node-affinity.ts";
import type { PodRules } from "./rules.ts";

const taintEffects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/** Checks what a pod wants of nodes and of its neighbours. */
export function checkAffinity(errors: FieldError[], path: FieldPath, affinity: Affinity, rules: PodRules): void {
  if (affinity.nodeAffinity !== undefined)
    checkNodeAffinity(errors, path.child("nodeAffinity"), affinity.nodeAffinity, rules.allowInvalidNodeAffinityValues);
  for (const kind of ["podAffinity", "podAntiAffinity"] as const) {
    const terms = affinity[kind];
    if (terms === undefined) continue;
    const required = path.child(kind).child("requiredDuringSchedulingIgnoredDuringExecution");
    for (const [index, term] of (terms.requiredDuringSchedulingIgnoredDuringExecution ?? []).entries())
      checkPodAffinityTerm(errors, required.index(index), term, rules);
    const preferred = path.child(kind).child("preferredDuringSchedulingIgnoredDuringExecution");
    for (const [index, term] of (terms.preferredDuringSchedulingIgnoredDuringExecution ?? []).entries()) {
      checkWeight(errors, preferred.index(index).child("weight"), term.weight);
      checkPodAffinityTerm(errors, preferred.index(index).child("podAffinityTerm"), term.podAffinityTerm, rules);
    }
  }
}

function checkPodAffinityTerm(errors: FieldError[], path: FieldPath, term: PodAffinityTerm, rules: PodRules): void {
  const selectorRules = { allowInvalidValues: rules.allowInvalidSelectorValues };
  checkLabelSelector(errors, path.child("labelSelector"), term.labelSelector, selectorRules);
  checkLabelSelector(errors, path.child("namespaceSelector"), term.namespaceSelector, selectorRules);
  for (const name of term.namespaces ?? []) addFaults(errors, path.child("namespace"), name, checkDnsLabel(name));
  checkLabelKeys(errors, path, term.matchLabelKeys ?? [], term.mismatchLabelKeys ?? [], term.labelSelector);
  const { topologyKey } = term;
  if (topologyKey === "") errors.push(fieldError.required(path.child("topologyKey"), "can not be empty"));
  addFaults(errors, path.child("topologyKey"), topologyKey, checkLabelKey(topologyKey));
}

/** Checks keys whose values come from the pod itself; when this is run they are part of the selector already. */
export function checkLabelKeys(
  errors: FieldError[],
  path: FieldPath,
  matchLabelKeys: readonly string[],
  mismatchLabelKeys: readonly string[],
  selector: LabelSelector | undefined,
): void {
  if (matchLabelKeys.length === 0 && mismatchLabelKeys.length === 0) return;
  for (const [name, keys] of [
    ["matchLabelKeys", matchLabelKeys],
    ["mismatchLabelKeys", mismatchLabelKeys],
  ] as const) {
    const keysPath = path.child(name);
    if (keys.length > 0 && selector === undefined)
      errors.push(fieldError.forbidden(keysPath, "must not be specified when labelSelector is not set"));
    else for (const [index, key] of keys.entries()) addFaults(errors, keysPath.index(index), key, checkLabelKey(key));
  }
  const selected = new Set(Object.keys(selector?.matchLabels ?? {}));
  for (const { key } of selector?.matchExpressions ?? []) {
    const index = matchLabelKeys.lastIndexOf(key);
    if (index >= 0 && selected.has(key))
      errors.push(fieldError.invalid(path.index(index), key, "exists in both matchLabelKeys and labelSelector"));
    selected.add(key);
  }
  for (const [index, key] of matchLabelKeys.entries())
    if (mismatchLabelKeys.includes(key))
      errors.push(
        fieldError.invalid(
          path.child("matchLabelKeys").index(index),
          key,
          "exists in both matchLabelKeys and mismatchLabelKeys",
        ),
      );
}

/** Checks which taints a pod tolerates. */
export function checkTolerations(
  errors: FieldError[],
  path: FieldPath,
  tolerations: readonly Toleration[],
  rules: Pick<PodRules, "allowComparingTolerations">,
): void {
  for (const [index, toleration] of tolerations.entries()) {
    const entry = path.index(index);
    const { key = "", operator, effect } = toleration;
    if (key !== "") addFaults(errors, entry.child("key"), key, checkLabelKey(key));
    if (key === "" && operator !== "Exists")
      errors.push(
        fieldError.invalid(
          entry.child("operator"),
          operator ?? "",
          'operator must be Exists when `key` is empty, which means "match all values and all keys"',
        ),
      );
    if (toleration.tolerationSeconds !== undefined && effect !== "NoExecute")
      errors.push(
        fieldError.invalid(
          entry.child("effect"),
          effect ?? "",
          "effect must be 'NoExecute' when `tolerationSeconds` is set",
        ),
      );
    checkTolerationValue(errors, entry, toleration, rules);
    if (effect !== undefined) requireOneOf(errors, entry.child("effect"), effect, taintEffects);
  }
}

function checkTolerationValue(
  errors: FieldError[],
  path: FieldPath,
  toleration: Toleration,
  rules: Pick<PodRules, "allowComparingTolerations">,
): void {
  const { operator = "Equal", value = "" } = toleration;
  const place = path.child("operator");
  switch (operator) {
    case "Equal": {
      const faults = checkLabelValue(value);
      if (faults.length > 0) errors.push(fieldError.invalid(place, value, faults.join(";")));
      break;
    }
    case "Exists":
      if (value !== "")
        errors.push(fieldError.invalid(place, value, "value must be empty when `operator` is 'Exists'"));
      break;
    case "Lt":
    case "Gt":
      if (!rules.allowComparingTolerations)
        errors.push(fieldError.notSupported(place, operator, ["Equal", "Exists", "Lt", "Gt"]));
      break;
    default:
      errors.push(fieldError.notSupported(place, operator, ["Equal", "Exists"]));
  }
}

/** Checks what must be lifted before a pod is scheduled. */
export function checkSchedulingGates(errors: FieldError[], path: FieldPath, gates: readonly PodSchedulingGate[]): void {
  const seen = new Set<string>();
  for (const [index, { name }] of gates.entries()) {
    addFaults(errors, path.index(index), name, checkLabelKey(name));
    if (seen.has(name)) errors.push(fieldError.duplicate(path.index(index), name));
    seen.add(name);
  }
}
