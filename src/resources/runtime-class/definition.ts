import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { checkDnsLabel } from "../../api/names.ts";
import { runtimeClasses } from "../../api/resources.ts";
import type { Toleration } from "../../api/types/core-v1.ts";
import type { RuntimeClass } from "../../api/types/node-v1.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { checkLabels, requireName, requireSame } from "../field-checks.ts";
import { toInternalForm } from "../internal-form/internal-form.ts";
import { nodeLabelDeprecation } from "../node/label-warnings.ts";
import { checkContainerResources } from "../pod/validation/resources.ts";
import { strictPodRules } from "../pod/validation/rules.ts";
import { checkTolerations } from "../pod/validation/scheduling.ts";
import { roundAmounts } from "../resource-list.ts";

const handlerPath = FieldPath.of("handler");
const schedulingPath = FieldPath.of("scheduling");
const selectorPath = schedulingPath.child("nodeSelector");
const tolerationsPath = schedulingPath.child("tolerations");

/** A way to run containers. */
export const runtimeClassDefinition = defineResource({
  resource: runtimeClasses,
  countsGeneration: false,
  requiresVersionOnUpdate: true,
  allowCreateOnUpdate: true,
  applyDefaults: ({ overhead }) => roundAmounts(overhead?.podFixed),
  validate: validateRuntimeClass,
  validateUpdate: (runtimeClass, old) => {
    const errors: FieldError[] = [];
    requireSame(errors, handlerPath, runtimeClass.handler, old.handler);
    return errors;
  },
  warnings: ({ scheduling }) =>
    Object.keys(scheduling?.nodeSelector ?? {}).flatMap((key) => {
      const deprecation = nodeLabelDeprecation(key);
      return deprecation === undefined ? [] : [`${selectorPath}: ${deprecation}`];
    }),
  table: {
    columns: [nameColumn, textColumn("Handler"), ageColumn],
    row: (runtimeClass, { nowMs }) => [
      runtimeClass.metadata.name,
      runtimeClass.handler,
      objectAge(runtimeClass, nowMs),
    ],
  },
});

function validateRuntimeClass({ handler, overhead, scheduling }: RuntimeClass): FieldError[] {
  const errors: FieldError[] = [];
  requireName(errors, handlerPath, handler, checkDnsLabel);
  if (overhead?.podFixed !== undefined)
    checkContainerResources(
      errors,
      FieldPath.of("overhead"),
      { limits: overhead.podFixed },
      new Set<string>(),
      strictPodRules,
    );
  if (scheduling === undefined) return errors;
  checkLabels(errors, selectorPath, scheduling.nodeSelector);
  checkUniqueTolerations(errors, scheduling.tolerations ?? []);
  return errors;
}

function checkUniqueTolerations(errors: FieldError[], tolerations: readonly Toleration[]): void {
  checkTolerations(errors, tolerationsPath, tolerations, strictPodRules);
  const known = new Set<string>();
  for (const [index, toleration] of tolerations.entries()) {
    const { key = "", operator = "", value = "", effect = "" } = toleration;
    const identity = JSON.stringify([key, operator, value, effect]);
    if (known.has(identity))
      errors.push(fieldError.duplicate(tolerationsPath.index(index), toInternalForm("Toleration", toleration)));
    known.add(identity);
  }
}
