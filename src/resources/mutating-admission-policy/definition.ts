import { mutatingAdmissionPolicies } from "../../api/resources.ts";
import { ageColumn, integerColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defaultMatchResources, paramKindCell } from "../admission-rules.ts";
import { defineResource } from "../definition.ts";

/** Expressions that change what is written. */
export const mutatingAdmissionPolicyDefinition = defineResource({
  resource: mutatingAdmissionPolicies,
  applyDefaults: ({ spec }) => {
    spec.failurePolicy ??= "Fail";
    defaultMatchResources(spec.matchConstraints);
  },
  table: {
    columns: [nameColumn, integerColumn("Mutations"), textColumn("ParamKind"), ageColumn],
    row: (policy, { nowMs }) => [
      policy.metadata.name,
      policy.spec.mutations?.length ?? 0,
      paramKindCell(policy.spec.paramKind),
      objectAge(policy, nowMs),
    ],
  },
});
