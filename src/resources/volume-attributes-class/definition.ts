import { volumeAttributesClasses } from "../../api/resources.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";

/** What volumes may be changed to. */
export const volumeAttributesClassDefinition = defineResource({
  resource: volumeAttributesClasses,
  table: {
    columns: [nameColumn, textColumn("DriverName"), ageColumn],
    row: (attributes, { nowMs }) => [attributes.metadata.name, attributes.driverName, objectAge(attributes, nowMs)],
  },
});
