import type { Draft } from "../../api/draft.ts";
import type { ObjectFieldSelector, ProjectedVolumeSource, Volume } from "../../api/types/core-v1.ts";
import { defaultPullPolicy } from "../image-name.ts";
import { roundRequirements } from "../resource-list.ts";
import { defaultDisks } from "../volume/default-disks.ts";

/** Permission bits of files made from ConfigMaps, Secrets and pod fields. */
const defaultFileMode = 0o644;
/** How long a projected service account token is valid. */
const defaultTokenSeconds = 3600;

/** Fills in what a volume leaves out; one without any source is an empty directory. */
export function defaultVolume(volume: Draft<Volume>): void {
  // Beside its name a volume holds nothing but its source.
  if (Object.keys(volume).length === 1) volume.emptyDir = {};
  if (volume.image !== undefined) volume.image.pullPolicy ??= defaultPullPolicy(volume.image.reference ?? "");
  if (volume.secret !== undefined) volume.secret.defaultMode ??= defaultFileMode;
  if (volume.configMap !== undefined) volume.configMap.defaultMode ??= defaultFileMode;
  if (volume.downwardAPI !== undefined) {
    volume.downwardAPI.defaultMode ??= defaultFileMode;
    for (const item of volume.downwardAPI.items ?? []) defaultFieldRef(item.fieldRef);
  }
  if (volume.projected !== undefined) defaultProjected(volume.projected);
  if (volume.ephemeral?.volumeClaimTemplate !== undefined) {
    const { spec } = volume.ephemeral.volumeClaimTemplate;
    spec.volumeMode ??= "Filesystem";
    roundRequirements(spec.resources);
  }
  defaultDisks(volume);
}

function defaultProjected(projected: Draft<ProjectedVolumeSource>): void {
  projected.defaultMode ??= defaultFileMode;
  for (const source of projected.sources ?? []) {
    for (const item of source.downwardAPI?.items ?? []) defaultFieldRef(item.fieldRef);
    if (source.serviceAccountToken !== undefined) source.serviceAccountToken.expirationSeconds ??= defaultTokenSeconds;
  }
}

function defaultFieldRef(field: Draft<ObjectFieldSelector> | undefined): void {
  if (field !== undefined) field.apiVersion ??= "v1";
}
