import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { priorityClasses } from "../../api/resources.ts";
import type { PriorityClass } from "../../api/types/scheduling-v1.ts";
import {
  ageColumn,
  booleanColumn,
  integerColumn,
  nameColumn,
  objectAge,
  textColumn,
} from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { requireOneOfGiven, requireSame } from "../field-checks.ts";
import { highestUserPriority, systemPriorities, systemPriorityPrefix } from "../system-priorities.ts";

const policyPath = FieldPath.of("preemptionPolicy");

/** How important pods are that name it. */
export const priorityClassDefinition = defineResource({
  resource: priorityClasses,
  applyDefaults: (draft) => {
    draft.preemptionPolicy ??= "PreemptLowerPriority";
  },
  validate: (priorityClass) => {
    const errors: FieldError[] = [];
    checkValue(errors, priorityClass);
    requireOneOfGiven(errors, policyPath, priorityClass.preemptionPolicy, ["PreemptLowerPriority", "Never"]);
    return errors;
  },
  validatesWholeUpdate: true,
  validateUpdate: (priorityClass, old) => {
    const errors: FieldError[] = [];
    if (priorityClass.value !== old.value)
      errors.push(fieldError.forbidden(FieldPath.of("value"), "may not be changed in an update."));
    requireSame(errors, policyPath, priorityClass.preemptionPolicy, old.preemptionPolicy);
    return errors;
  },
  table: {
    columns: [
      nameColumn,
      integerColumn("Value"),
      booleanColumn("Global-Default"),
      ageColumn,
      textColumn("PreemptionPolicy"),
    ],
    row: (priorityClass, { nowMs }) => [
      priorityClass.metadata.name,
      priorityClass.value,
      priorityClass.globalDefault ?? false,
      objectAge(priorityClass, nowMs),
      priorityClass.preemptionPolicy ?? "",
    ],
  },
});

function checkValue(errors: FieldError[], priorityClass: PriorityClass): void {
  const { value } = priorityClass;
  const { name } = priorityClass.metadata;
  if (!name.startsWith(systemPriorityPrefix)) {
    if (value > highestUserPriority)
      errors.push(
        fieldError.forbidden(
          FieldPath.of("value"),
          `maximum allowed value of a user defined priority is ${highestUserPriority}`,
        ),
      );
    return;
  }
  const fault = findSystemFault(priorityClass);
  if (fault !== undefined)
    errors.push(
      fieldError.forbidden(
        FieldPath.of("metadata").child("name"),
        `priority class names with '${systemPriorityPrefix}' prefix are reserved for system use only. error: ${fault}`,
      ),
    );
}

/** Names of the system may be used for the system's own classes alone. */
function findSystemFault({ metadata: { name }, value, globalDefault }: PriorityClass): string | undefined {
  const known = systemPriorities.get(name);
  if (known === undefined) return `${name} is not a known system priority class`;
  if (value !== known) return `value of ${name} PriorityClass must be ${known}`;
  return globalDefault === true ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}
