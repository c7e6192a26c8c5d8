import { type FieldError, type FieldPath, fieldError } from "../../../api/field-error.ts";
import { checkLabelKey } from "../../../api/names.ts";
import type { TopologySpreadConstraint } from "../../../api/types/core-v1.ts";
import { addFaults, checkLabelSelector, requireOneOf, requirePositive } from "../../field-checks.ts";
import type { PodRules } from "./rules.ts";
import { checkLabelKeys } from "./scheduling.ts";

const actions = ["DoNotSchedule", "ScheduleAnyway"];
const inclusionPolicies = ["Honor", "Ignore"];

/** Checks how pods are spread over parts of the cluster. */
export function checkTopologySpread(
  errors: FieldError[],
  path: FieldPath,
  constraints: readonly TopologySpreadConstraint[],
  rules: PodRules,
): void {
  for (const [index, constraint] of constraints.entries()) {
    const entry = path.index(index);
    const { topologyKey, whenUnsatisfiable, minDomains, labelSelector } = constraint;
    requirePositive(errors, entry.child("maxSkew"), constraint.maxSkew);
    if (topologyKey === "") errors.push(fieldError.required(entry.child("topologyKey"), "can not be empty"));
    requireOneOf(errors, entry.child("whenUnsatisfiable"), whenUnsatisfiable, actions);
    const isRepeated = constraints
      .slice(index + 1)
      .some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable);
    if (isRepeated)
      errors.push(
        fieldError.duplicate(entry.child("{topologyKey, whenUnsatisfiable}"), `{${topologyKey}, ${whenUnsatisfiable}}`),
      );
    if (minDomains !== undefined) checkMinDomains(errors, entry.child("minDomains"), minDomains, whenUnsatisfiable);
    for (const name of ["nodeAffinityPolicy", "nodeTaintsPolicy"] as const)
      if (constraint[name] !== undefined) requireOneOf(errors, entry.child(name), constraint[name], inclusionPolicies);
    if (rules.useFormerSpreadKeysRule) checkFormerLabelKeys(errors, entry.child("matchLabelKeys"), constraint);
    else checkLabelKeys(errors, entry, constraint.matchLabelKeys ?? [], [], labelSelector);
    if (!rules.allowInvalidSpreadSelector) checkLabelSelector(errors, entry.child("labelSelector"), labelSelector);
  }
}

function checkMinDomains(errors: FieldError[], path: FieldPath, minDomains: number, action: string): void {
  requirePositive(errors, path, minDomains);
  if (action !== "DoNotSchedule")
    errors.push(
      fieldError.invalid(path, minDomains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`),
    );
}

/** The rule before the keys became part of the selector: a key may not be in the selector as well. */
function checkFormerLabelKeys(errors: FieldError[], path: FieldPath, constraint: TopologySpreadConstraint): void {
  const { matchLabelKeys = [], labelSelector } = constraint;
  if (matchLabelKeys.length === 0) return;
  const selected = new Set(Object.keys(labelSelector?.matchLabels ?? {}));
  for (const { key } of labelSelector?.matchExpressions ?? []) selected.add(key);
  if (labelSelector === undefined)
    errors.push(fieldError.forbidden(path, "must not be specified when labelSelector is not set"));
  for (const [index, key] of matchLabelKeys.entries()) {
    addFaults(errors, path.index(index), key, checkLabelKey(key));
    if (selected.has(key))
      errors.push(fieldError.invalid(path.index(index), key, "exists in both matchLabelKeys and labelSelector"));
  }
}
