import { resourceClaims } from "../../api/resources.ts";
import type { ResourceClaim } from "../../api/types/resource-v1.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { defaultDeviceClaim } from "../device-requests.ts";

/** Devices that are asked for. */
export const resourceClaimDefinition = defineResource({
  resource: resourceClaims,
  applyDefaults: ({ spec }) => defaultDeviceClaim(spec.devices),
  table: {
    columns: [nameColumn, textColumn("State"), ageColumn],
    row: (claim, { nowMs }) => [claim.metadata.name, stateCell(claim), objectAge(claim, nowMs)],
  },
});

function stateCell({ metadata, status }: ResourceClaim): string {
  const isGoing = metadata.deletionTimestamp !== undefined && metadata.deletionTimestamp !== null;
  const states = isGoing ? ["deleted"] : [];
  if (status.allocation === undefined) return [...states, ...(isGoing ? [] : ["pending"])].join(",");
  return [...states, "allocated", ...((status.reservedFor?.length ?? 0) > 0 ? ["reserved"] : [])].join(",");
}
