import type { Draft } from "../../api/draft.ts";
import { services } from "../../api/resources.ts";
import type { Service } from "../../api/types/core-v1.ts";
import { defineResource } from "../definition.ts";
import { defaultService } from "./defaults.ts";
import { serviceTable } from "./table.ts";

/** A stable address for a set of pods. */
export const serviceDefinition = defineResource({
  resource: services,
  nameRule: "dns1035Label",
  countsGeneration: false,
  applyDefaults: defaultService,
  prepareForCreate: (draft) => {
    draft.status = { loadBalancer: {} };
  },
  prepareForUpdate: (draft, old) => {
    draft.status = old.status as Draft<Service["status"]>;
  },
  prepareForStatusUpdate: (draft, old) => {
    draft.spec = old.spec as Draft<Service["spec"]>;
  },
  selectableFields: {
    "spec.clusterIP": (service) => service.spec.clusterIP ?? "",
    "spec.type": (service) => service.spec.type ?? "",
  },
  table: serviceTable,
});
