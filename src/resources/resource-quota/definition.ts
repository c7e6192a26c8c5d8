import { FieldPath } from "../../api/field-error.ts";
import { compareQuantities } from "../../api/quantity.ts";
import { resourceQuotas } from "../../api/resources.ts";
import type { ResourceQuota } from "../../api/types/core-v1.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { roundAmounts } from "../resource-list.ts";
import { checkQuotaSpec, checkQuotaStatus, checkScopesKept } from "./validation.ts";

const specPath = FieldPath.of("spec");

/** How much of everything a namespace may have. */
export const resourceQuotaDefinition = defineResource({
  resource: resourceQuotas,
  countsGeneration: false,
  applyDefaults: ({ spec, status }) => {
    roundAmounts(spec.hard);
    roundAmounts(status.hard);
    roundAmounts(status.used);
  },
  validate: ({ spec }) => checkQuotaSpec(spec, specPath),
  validateUpdate: ({ spec }, old) => checkScopesKept(spec, old.spec, specPath),
  validateStatusUpdate: checkQuotaStatus,
  warnings: (quota, old) => (old === undefined ? warnOfRequests(quota.spec.hard ?? {}) : []),
  table: {
    columns: [nameColumn, textColumn("Request"), textColumn("Limit"), ageColumn],
    row: (quota, { nowMs }) => [
      quota.metadata.name,
      usageCell(quota, (name) => !name.startsWith("limits.")),
      usageCell(quota, (name) => name.startsWith("limits.")),
      objectAge(quota, nowMs),
    ],
  },
});

function usageCell({ status }: ResourceQuota, isShown: (name: string) => boolean): string {
  return Object.keys(status.hard ?? {})
    .filter(isShown)
    .sort()
    .map((name) => `${name}: ${status.used?.[name] ?? "0"}/${status.hard?.[name] ?? "0"}`)
    .join(", ");
}

/** More may be requested than the limits allow to be used: somebody made a mistake. */
function warnOfRequests(hard: Readonly<Record<string, string>>): string[] {
  return ["cpu", "memory", "storage", "ephemeral-storage"].flatMap((name) => {
    const isShort = hard[`requests.${name}`] === undefined && (name === "cpu" || name === "memory");
    const requestName = isShort ? name : `requests.${name}`;
    const request = hard[requestName];
    const limit = hard[`limits.${name}`];
    if (request === undefined || limit === undefined || compareQuantities(request, limit) <= 0) return [];
    return `ResourceQuota ${requestName} (${request}) should be less than limits.${name} (${limit})`;
  });
}
