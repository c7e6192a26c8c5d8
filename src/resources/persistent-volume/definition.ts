import type { Draft } from "../../api/draft.ts";
import { FieldPath } from "../../api/field-error.ts";
import { persistentVolumes } from "../../api/resources.ts";
import type { PersistentVolume } from "../../api/types/core-v1.ts";
import { type Clock, formatTime } from "../../base/clock.ts";
import { ageColumn, nameColumn, objectAge, textColumn } from "../../printing/table-columns.ts";
import { defineResource } from "../definition.ts";
import { warnOfNodeSelectorTerm } from "../node/label-warnings.ts";
import { accessModesCell, storageClassOf } from "../persistent-volume-claim/cells.ts";
import { roundAmounts } from "../resource-list.ts";
import { defaultDisks } from "../volume/default-disks.ts";
import { validatePersistentVolume, validatePersistentVolumeUpdate } from "./validation.ts";

const deprecatedAnnotations: readonly (readonly [string, string])[] = [
  ["volume.beta.kubernetes.io/storage-class", 'deprecated since v1.8; use "storageClassName" attribute instead'],
  ["volume.beta.kubernetes.io/mount-options", 'deprecated since v1.31; use "mountOptions" attribute instead'],
];
const deprecatedSources: readonly (readonly [keyof PersistentVolume["spec"], string, string])[] = [
  ["cephfs", "cephfs", "deprecated in v1.28, non-functional in v1.31+"],
  ["photonPersistentDisk", "photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"],
  ["scaleIO", "scaleIO", "deprecated in v1.16, non-functional in v1.22+"],
  ["storageos", "storageOS", "deprecated in v1.22, non-functional in v1.25+"],
  ["glusterfs", "glusterfs", "deprecated in v1.25, non-functional in v1.26+"],
  ["rbd", "rbd", "deprecated in v1.28, non-functional in v1.31+"],
];
const termsPath = FieldPath.of("spec").child("nodeAffinity").child("required").child("nodeSelectorTerms");

/** Storage that outlives pods. */
export const persistentVolumeDefinition = defineResource({
  resource: persistentVolumes,
  countsGeneration: false,
  applyDefaults: ({ spec, status }) => {
    status.phase ??= "Pending";
    spec.persistentVolumeReclaimPolicy ??= "Retain";
    spec.volumeMode ??= "Filesystem";
    roundAmounts(spec.capacity);
    defaultDisks(spec);
  },
  prepareForCreate: (draft, { clock }) => {
    draft.status = { phase: "Pending", lastPhaseTransitionTime: timeOf(clock) };
  },
  prepareForUpdate: (draft, old) => {
    draft.status = old.status as Draft<PersistentVolume["status"]>;
  },
  prepareForStatusUpdate: (draft, old, { clock }) => {
    draft.spec = old.spec as Draft<PersistentVolume["spec"]>;
    const { status } = draft;
    const { phase, lastPhaseTransitionTime: before } = old.status;
    const isUntold = (status.lastPhaseTransitionTime ?? undefined) === undefined;
    if (phase !== status.phase && (isUntold || status.lastPhaseTransitionTime === before))
      status.lastPhaseTransitionTime = timeOf(clock);
    else if (phase === status.phase && isUntold && before !== undefined) status.lastPhaseTransitionTime = before;
  },
  validate: validatePersistentVolume,
  validateUpdate: validatePersistentVolumeUpdate,
  validatesWholeUpdate: true,
  warnings: warnOfVolume,
  table: {
    columns: [
      nameColumn,
      textColumn("Capacity"),
      textColumn("Access Modes"),
      textColumn("Reclaim Policy"),
      textColumn("Status"),
      textColumn("Claim"),
      textColumn("StorageClass"),
      textColumn("VolumeAttributesClass"),
      textColumn("Reason"),
      ageColumn,
      textColumn("VolumeMode", 1),
    ],
    row: (volume, { nowMs }) => {
      const { spec, status, metadata } = volume;
      const { claimRef: claim } = spec;
      return [
        metadata.name,
        spec.capacity?.["storage"] ?? "0",
        accessModesCell(spec.accessModes),
        spec.persistentVolumeReclaimPolicy ?? "",
        (metadata.deletionTimestamp ?? undefined) === undefined ? (status.phase ?? "") : "Terminating",
        claim === undefined ? "" : `${claim.namespace ?? ""}/${claim.name ?? ""}`,
        storageClassOf(volume),
        spec.volumeAttributesClassName ?? "<unset>",
        status.reason ?? "",
        objectAge(volume, nowMs),
        spec.volumeMode ?? "<unset>",
      ];
    },
  },
});

function timeOf(clock: Clock): string {
  return formatTime(clock.nowMs());
}

function warnOfVolume({ metadata, spec }: PersistentVolume): readonly string[] {
  const warnings: string[] = [];
  for (const [name, message] of deprecatedAnnotations)
    if (metadata.annotations?.[name] !== undefined) warnings.push(`metadata.annotations[${name}]: ${message}`);
  if (spec.persistentVolumeReclaimPolicy === "Recycle")
    warnings.push(
      "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.",
    );
  for (const [index, term] of (spec.nodeAffinity?.required?.nodeSelectorTerms ?? []).entries())
    warnOfNodeSelectorTerm(warnings, termsPath.index(index), term, false);
  for (const [field, place, message] of deprecatedSources)
    if (spec[field] !== undefined) warnings.push(`spec.${place}: ${message}`);
  return warnings;
}
