import { services } from "../../api/resources.ts";
import { defineResource } from "../definition.ts";
import { defaultService } from "./defaults.ts";
import { prepareServiceForCreate, prepareServiceForStatusUpdate, prepareServiceForUpdate } from "./strategy.ts";
import { serviceTable } from "./table.ts";
import { validateService, validateServiceStatusUpdate, validateServiceUpdate } from "./validation.ts";
import { warnOfService } from "./warnings.ts";

/** A stable address for a set of pods. */
export const serviceDefinition = defineResource({
  resource: services,
  nameRule: "dnsLabel",
  countsGeneration: false,
  allowCreateOnUpdate: true,
  applyDefaults: defaultService,
  prepareForCreate: prepareServiceForCreate,
  prepareForUpdate: prepareServiceForUpdate,
  prepareForStatusUpdate: prepareServiceForStatusUpdate,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  validatesWholeUpdate: true,
  validateStatusUpdate: validateServiceStatusUpdate,
  warnings: warnOfService,
  selectableFields: {
    "spec.clusterIP": (service) => service.spec.clusterIP ?? "",
    "spec.type": (service) => service.spec.type ?? "",
  },
  table: serviceTable,
});
