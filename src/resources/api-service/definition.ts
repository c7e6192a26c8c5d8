import { apiServices } from "../../api/resources.ts";
import type { APIService } from "../../api/types/apiregistration-v1.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";

const httpsPort = 443;

/** Who serves a group of the API. */
export const apiServiceDefinition = defineResource({
  resource: apiServices,
  applyDefaults: ({ spec }) => {
    if (spec.service !== undefined) spec.service.port ??= httpsPort;
  },
  table: {
    columns: [nameColumn, textColumn("Service"), textColumn("Available"), ageColumn],
    row: (service, { nowMs }) => [
      service.metadata.name,
      service.spec.service === undefined
        ? "Local"
        : `${service.spec.service.namespace ?? ""}/${service.spec.service.name ?? ""}`,
      availabilityCell(service),
      objectAge(service, nowMs),
    ],
  },
});

function availabilityCell({ status }: APIService): string {
  const condition = status.conditions?.find(({ type }) => type === "Available");
  if (condition === undefined) return "Unknown";
  const { reason = "" } = condition;
  return condition.status === "True" || reason === "" ? condition.status : `${condition.status} (${reason})`;
}
