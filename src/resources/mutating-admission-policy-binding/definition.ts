import { mutatingAdmissionPolicyBindings } from "../../api/resources.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defaultMatchResources, paramRefCell } from "../admission-rules.ts";
import { defineResource } from "../definition.ts";

/** Where a policy counts, and with which parameters. */
export const mutatingAdmissionPolicyBindingDefinition = defineResource({
  resource: mutatingAdmissionPolicyBindings,
  applyDefaults: ({ spec }) => defaultMatchResources(spec.matchResources),
  table: {
    columns: [nameColumn, textColumn("PolicyName"), textColumn("ParamRef"), ageColumn],
    row: (binding, { nowMs }) => [
      binding.metadata.name,
      binding.spec.policyName ?? "",
      paramRefCell(binding.spec.paramRef),
      objectAge(binding, nowMs),
    ],
  },
});
