import { configMaps } from "../../api/resources.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { validateConfigMap, validateConfigMapUpdate } from "./validation.ts";

/** Configuration that pods read. */
export const configMapDefinition = defineResource({
  resource: configMaps,
  countsGeneration: false,
  validate: validateConfigMap,
  validateUpdate: validateConfigMapUpdate,
  validatesWholeUpdate: true,
  table: {
    columns: [nameColumn, textColumn("Data"), ageColumn],
    row: (object, { nowMs }) => [
      object.metadata.name,
      Object.keys(object.data ?? {}).length + Object.keys(object.binaryData ?? {}).length,
      objectAge(object, nowMs),
    ],
  },
});
