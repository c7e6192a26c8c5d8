import { type FieldError, type FieldPath, fieldError } from "../api/field-error.ts";
import { checkConditionReason, checkLabelKey } from "../api/names.ts";
import type { Condition } from "../api/types/meta-v1.ts";
import { utf8Length } from "../api/utf8.ts";
import { addFaults, requireName, requireOneOf } from "./field-checks.ts";

const statuses = ["False", "True", "Unknown"];
const maxReasonBytes = 1024;
const maxMessageBytes = 32 * 1024;

/** Checks conditions of the common form. */
export function checkConditions(
  errors: FieldError[],
  path: FieldPath,
  conditions: readonly Condition[] | undefined,
): void {
  const types = new Set<string>();
  for (const [index, condition] of (conditions ?? []).entries()) {
    const place = path.index(index);
    if (types.has(condition.type)) errors.push(fieldError.duplicate(place.child("type"), condition.type));
    types.add(condition.type);
    checkCondition(errors, place, condition);
  }
}

function checkCondition(errors: FieldError[], path: FieldPath, condition: Condition): void {
  const { type, status, observedGeneration = 0, lastTransitionTime, reason, message } = condition;
  addFaults(errors, path.child("type"), type, checkLabelKey(type));
  requireOneOf(errors, path.child("status"), status, statuses);
  if (observedGeneration < 0)
    errors.push(
      fieldError.invalid(path.child("observedGeneration"), observedGeneration, "must be greater than or equal to zero"),
    );
  if (lastTransitionTime === null) errors.push(fieldError.required(path.child("lastTransitionTime")));
  requireName(errors, path.child("reason"), reason, checkConditionReason);
  if (utf8Length(reason) > maxReasonBytes) errors.push(fieldError.tooLong(path.child("reason"), maxReasonBytes));
  if (utf8Length(message) > maxMessageBytes) errors.push(fieldError.tooLong(path.child("message"), maxMessageBytes));
}
