import { csiNodes } from "../../api/resources.ts";
import { ageColumn, integerColumn, nameColumn, objectAge } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";

/** The drivers of volumes on a node. */
export const csiNodeDefinition = defineResource({
  resource: csiNodes,
  table: {
    columns: [nameColumn, integerColumn("Drivers"), ageColumn],
    row: (node, { nowMs }) => [node.metadata.name, node.spec.drivers?.length ?? 0, objectAge(node, nowMs)],
  },
});
