import { csiDrivers } from "../../api/resources.ts";
import type { CSIDriver } from "../../api/types/storage-v1.ts";
import { ageColumn, booleanColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";

/** A driver of volumes, and what it wants to be told. */
export const csiDriverDefinition = defineResource({
  resource: csiDrivers,
  applyDefaults: ({ spec }) => {
    spec.attachRequired ??= true;
    spec.podInfoOnMount ??= false;
    spec.storageCapacity ??= false;
    spec.fsGroupPolicy ??= "ReadWriteOnceWithFSType";
    if ((spec.volumeLifecycleModes ?? []).length === 0) spec.volumeLifecycleModes = ["Persistent"];
    spec.requiresRepublish ??= false;
    spec.seLinuxMount ??= false;
  },
  table: {
    columns: [
      nameColumn,
      booleanColumn("AttachRequired"),
      booleanColumn("PodInfoOnMount"),
      booleanColumn("StorageCapacity"),
      textColumn("TokenRequests"),
      booleanColumn("RequiresRepublish"),
      textColumn("Modes"),
      ageColumn,
    ],
    row: (driver, { nowMs }) => [
      driver.metadata.name,
      driver.spec.attachRequired ?? true,
      driver.spec.podInfoOnMount ?? false,
      driver.spec.storageCapacity ?? false,
      tokensCell(driver),
      driver.spec.requiresRepublish ?? false,
      (driver.spec.volumeLifecycleModes ?? []).join(",") || "<none>",
      objectAge(driver, nowMs),
    ],
  },
});

function tokensCell({ spec }: CSIDriver): string {
  return spec.tokenRequests?.map(({ audience }) => audience).join(",") ?? "<unset>";
}
