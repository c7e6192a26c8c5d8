import { resourceClaimTemplates } from "../../api/resources.ts";
import { nameAndAgeTable } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { defaultDeviceClaim } from "../device-requests.ts";

/** What claims for devices are made of. */
export const resourceClaimTemplateDefinition = defineResource({
  resource: resourceClaimTemplates,
  applyDefaults: ({ spec }) => defaultDeviceClaim(spec.spec.devices),
  table: nameAndAgeTable,
});
