import type { Draft } from "../../api/draft.ts";
import type { StatefulSet } from "../../api/types/apps-v1.ts";
import { defaultPersistentVolumeClaim } from "../persistent-volume-claim/defaults.ts";
import { defaultPodTemplate } from "../pod/defaults.ts";

/** Fills in what a StatefulSet leaves out. */
export function defaultStatefulSet({ spec }: Draft<StatefulSet>): void {
  defaultPodTemplate(spec.template);
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.apiVersion = "v1";
    claim.kind = "PersistentVolumeClaim";
    defaultPersistentVolumeClaim(claim);
  }
  spec.podManagementPolicy ||= "OrderedReady";
  const { updateStrategy: strategy } = spec;
  if ((strategy.type as string | undefined) === undefined || (strategy.type as string) === "") {
    strategy.type = "RollingUpdate";
    strategy.rollingUpdate ??= {};
  }
  if (strategy.type === "RollingUpdate" && strategy.rollingUpdate !== undefined) strategy.rollingUpdate.partition ??= 0;
  spec.persistentVolumeClaimRetentionPolicy ??= {};
  spec.persistentVolumeClaimRetentionPolicy.whenDeleted ||= "Retain";
  spec.persistentVolumeClaimRetentionPolicy.whenScaled ||= "Retain";
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
}
