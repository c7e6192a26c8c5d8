import { componentStatuses } from "../../api/resources.ts";
import { nameColumn, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";

/** How a part of the control plane does. */
export const componentStatusDefinition = defineResource({
  resource: componentStatuses,
  table: {
    columns: [nameColumn, textColumn("Status"), textColumn("Message"), textColumn("Error")],
    row: ({ metadata, conditions }) => {
      const condition = conditions?.find(({ type }) => type === "Healthy");
      const state = condition === undefined ? "Unknown" : condition.status === "True" ? "Healthy" : "Unhealthy";
      return [metadata.name, state, condition?.message ?? "", condition?.error ?? ""];
    },
  },
});
