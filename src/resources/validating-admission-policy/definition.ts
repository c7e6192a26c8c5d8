import { validatingAdmissionPolicies } from "../../api/resources.ts";
import { ageColumn, integerColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defaultMatchResources, paramKindCell } from "../admission-rules.ts";
import { defineResource } from "../definition.ts";

/** Expressions that what is written must meet. */
export const validatingAdmissionPolicyDefinition = defineResource({
  resource: validatingAdmissionPolicies,
  applyDefaults: ({ spec }) => {
    spec.failurePolicy ??= "Fail";
    defaultMatchResources(spec.matchConstraints);
  },
  table: {
    columns: [nameColumn, integerColumn("Validations"), textColumn("ParamKind"), ageColumn],
    row: (policy, { nowMs }) => [
      policy.metadata.name,
      policy.spec.validations?.length ?? 0,
      paramKindCell(policy.spec.paramKind),
      objectAge(policy, nowMs),
    ],
  },
});
