import type { Draft } from "../../api/draft.ts";
import { FieldPath } from "../../api/field-error.ts";
import { persistentVolumeClaims } from "../../api/resources.ts";
import type { PersistentVolumeClaim } from "../../api/types/core-v1.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { accessModesCell, betaStorageClass, storageClassOf } from "./cells.ts";
import { warnOfClaimSpec } from "./claim-spec.ts";
import { alignDataSources, dropDataSources } from "./data-sources.ts";
import { defaultPersistentVolumeClaim } from "./defaults.ts";
import {
  validatePersistentVolumeClaim,
  validatePersistentVolumeClaimStatusUpdate,
  validatePersistentVolumeClaimUpdate,
} from "./validation.ts";

const specPath = FieldPath.of("spec");

/** Storage that is asked for. */
export const persistentVolumeClaimDefinition = defineResource({
  resource: persistentVolumeClaims,
  countsGeneration: false,
  applyDefaults: defaultPersistentVolumeClaim,
  prepareForCreate: (draft) => {
    draft.status = { phase: "Pending" };
    dropDataSources(draft.spec, undefined);
    alignDataSources(draft.spec);
  },
  prepareForUpdate: (draft, old) => {
    draft.status = old.status as Draft<PersistentVolumeClaim["status"]>;
    dropDataSources(draft.spec, old.spec);
    alignDataSources(draft.spec);
  },
  prepareForStatusUpdate: (draft, old) => {
    draft.spec = old.spec as Draft<PersistentVolumeClaim["spec"]>;
  },
  validate: validatePersistentVolumeClaim,
  validateUpdate: validatePersistentVolumeClaimUpdate,
  validatesWholeUpdate: true,
  validateStatusUpdate: validatePersistentVolumeClaimStatusUpdate,
  warnings: ({ metadata, spec }) => [
    ...(metadata.annotations?.[betaStorageClass] === undefined
      ? []
      : [`metadata.annotations[${betaStorageClass}]: deprecated since v1.8; use "storageClassName" attribute instead`]),
    ...warnOfClaimSpec(specPath, spec),
  ],
  table: {
    columns: [
      nameColumn,
      textColumn("Status"),
      textColumn("Volume"),
      textColumn("Capacity"),
      textColumn("Access Modes"),
      textColumn("StorageClass"),
      textColumn("VolumeAttributesClass"),
      ageColumn,
      textColumn("VolumeMode", 1),
    ],
    row: (claim, { nowMs }) => {
      const { metadata, spec, status } = claim;
      const { volumeName = "" } = spec;
      return [
        metadata.name,
        (metadata.deletionTimestamp ?? undefined) === undefined ? (status.phase ?? "") : "Terminating",
        volumeName,
        volumeName === "" ? "" : (status.capacity?.["storage"] ?? "0"),
        volumeName === "" ? "" : accessModesCell(status.accessModes),
        storageClassOf(claim),
        spec.volumeAttributesClassName ?? "<unset>",
        objectAge(claim, nowMs),
        spec.volumeMode ?? "<unset>",
      ];
    },
  },
});
