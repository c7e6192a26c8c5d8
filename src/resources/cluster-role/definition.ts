import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { compileLabelSelector, SelectorError } from "../../api/label-selector.ts";
import { clusterRoles } from "../../api/resources.ts";
import type { LabelSelector } from "../../api/types/meta-v1.ts";
import type { ClusterRole } from "../../api/types/rbac-v1.ts";
import { nameColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { checkLabelSelector } from "../field-checks.ts";
import { validatePolicyRules } from "./policy-rules.ts";

/** A set of rights, for the whole cluster or to be bound in a namespace. */
export const clusterRoleDefinition = defineResource({
  resource: clusterRoles,
  nameRule: "pathSegment",
  allowCreateOnUpdate: true,
  validate: validateClusterRole,
  table: {
    columns: [nameColumn, { name: "Created At", type: "date" }],
    row: ({ metadata }) => [metadata.name, metadata.creationTimestamp],
  },
});

function validateClusterRole(role: ClusterRole): FieldError[] {
  const errors = validatePolicyRules(role.rules, false, FieldPath.of("rules"));
  if (role.aggregationRule === undefined) return errors;
  const selectors = role.aggregationRule.clusterRoleSelectors ?? [];
  const at = FieldPath.of("aggregationRule").child("clusterRoleSelectors");
  if (selectors.length === 0)
    errors.push(fieldError.required(at, "at least one clusterRoleSelector required if aggregationRule is non-nil"));
  for (const [index, selector] of selectors.entries()) {
    checkLabelSelector(errors, at.index(index), selector);
    if (!compiles(selector)) errors.push(fieldError.invalid(at.index(index), null, "invalid label selector."));
  }
  return errors;
}

function compiles(selector: LabelSelector): boolean {
  try {
    compileLabelSelector(selector);
    return true;
  } catch (error) {
    if (error instanceof SelectorError) return false;
    throw error;
  }
}
