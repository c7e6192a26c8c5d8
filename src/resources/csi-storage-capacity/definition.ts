import { csiStorageCapacities } from "../../api/resources.ts";
import { nameAndCreationTable } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";

/** How much room a driver has left. */
export const csiStorageCapacityDefinition = defineResource({
  resource: csiStorageCapacities,
  table: nameAndCreationTable,
});
