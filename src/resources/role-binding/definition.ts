import { roleBindings } from "../../api/resources.ts";
import {
  applyBindingDefaults,
  bindingTable,
  validateBinding,
  validateBindingUpdate,
} from "../cluster-role-binding/subjects.ts";
import { defineResource } from "../definition.ts";

/** Gives the rights of a role to users, in one namespace. */
export const roleBindingDefinition = defineResource({
  resource: roleBindings,
  nameRule: "pathSegment",
  allowCreateOnUpdate: true,
  applyDefaults: applyBindingDefaults,
  validate: (binding) => validateBinding(binding, ["Role", "ClusterRole"], true),
  validateUpdate: validateBindingUpdate,
  table: bindingTable,
});
