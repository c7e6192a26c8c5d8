import { customResourceDefinitions } from "../../api/resources.ts";
import { nameAndCreationTable } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";

/** A kind that users define. */
export const customResourceDefinitionDefinition = defineResource({
  resource: customResourceDefinitions,
  applyDefaults: ({ spec }) => {
    const { names } = spec;
    names.singular ||= names.kind.toLowerCase();
    names.listKind ||= `${names.kind}List`;
    spec.conversion ??= { strategy: "None" };
  },
  table: nameAndCreationTable,
});
