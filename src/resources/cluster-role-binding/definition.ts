import { clusterRoleBindings } from "../../api/resources.ts";
import { defineResource } from "../definition.ts";
import { applyBindingDefaults, bindingTable, validateBinding, validateBindingUpdate } from "./subjects.ts";

/** Gives the rights of a cluster role to users, everywhere. */
export const clusterRoleBindingDefinition = defineResource({
  resource: clusterRoleBindings,
  nameRule: "pathSegment",
  allowCreateOnUpdate: true,
  applyDefaults: applyBindingDefaults,
  validate: (binding) => validateBinding(binding, ["ClusterRole"], false),
  validateUpdate: validateBindingUpdate,
  table: bindingTable,
});
