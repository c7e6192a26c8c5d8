import { resourceSlices } from "../../api/resources.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";

/** Devices that there are. */
export const resourceSliceDefinition = defineResource({
  resource: resourceSlices,
  selectableFields: {
    "spec.nodeName": ({ spec }) => spec.nodeName ?? "",
    "spec.driver": ({ spec }) => spec.driver,
  },
  table: {
    columns: [nameColumn, textColumn("Node"), textColumn("Driver"), textColumn("Pool"), ageColumn],
    row: (slice, { nowMs }) => [
      slice.metadata.name,
      slice.spec.nodeName ?? "",
      slice.spec.driver,
      slice.spec.pool.name,
      objectAge(slice, nowMs),
    ],
  },
});
