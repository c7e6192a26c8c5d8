import { FieldPath } from "../../api/field-error.ts";
import { roles } from "../../api/resources.ts";
import { nameColumn } from "../../printing/table-columns.ts";
import { validatePolicyRules } from "../cluster-role/policy-rules.ts";
import { defineResource } from "../definition.ts";

/** A set of rights in one namespace. */
export const roleDefinition = defineResource({
  resource: roles,
  nameRule: "pathSegment",
  allowCreateOnUpdate: true,
  validate: (role) => validatePolicyRules(role.rules, true, FieldPath.of("rules")),
  table: {
    columns: [nameColumn, { name: "Created At", type: "date" }],
    row: ({ metadata }) => [metadata.name, metadata.creationTimestamp],
  },
});
