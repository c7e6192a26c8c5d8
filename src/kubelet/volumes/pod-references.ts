import type { Pod, Volume } from "../../api/types/core-v1.ts";
import { allContainers } from "../../resources/pod-status.ts";
import { mountedVolumes } from "./plan-volume.ts";

/** Names of the objects of its namespace that a pod needs. */
export interface PodReferences {
  readonly configMaps: ReadonlySet<string>;
  readonly secrets: ReadonlySet<string>;
}

/** Everything that a pod refers to: in volumes that are mounted, in environments and for pulling images. */
export function podReferences(pod: Pod): PodReferences {
  const configMaps = new Set<string>();
  const secrets = new Set<string>();
  for (const volume of mountedVolumes(pod)) {
    for (const name of volumeConfigMaps(volume)) configMaps.add(name);
    for (const name of volumeSecrets(volume)) secrets.add(name);
  }
  for (const container of allContainers(pod.spec)) {
    for (const { configMapRef, secretRef } of container.envFrom ?? []) {
      addName(configMaps, configMapRef?.name);
      addName(secrets, secretRef?.name);
    }
    for (const { valueFrom } of container.env ?? []) {
      addName(configMaps, valueFrom?.configMapKeyRef?.name);
      addName(secrets, valueFrom?.secretKeyRef?.name);
    }
  }
  for (const { name } of pod.spec.imagePullSecrets ?? []) addName(secrets, name);
  return { configMaps, secrets };
}

/** ConfigMaps whose content a volume holds. */
export function volumeConfigMaps(volume: Volume): readonly string[] {
  const projected = volume.projected?.sources?.map(({ configMap }) => configMap?.name) ?? [];
  return [volume.configMap?.name, ...projected].filter(isName);
}

/** Secrets whose content a volume holds. */
export function volumeSecrets(volume: Volume): readonly string[] {
  const projected = volume.projected?.sources?.map(({ secret }) => secret?.name) ?? [];
  return [volume.secret?.secretName, ...projected].filter(isName);
}

function addName(names: Set<string>, name: string | undefined): void {
  if (isName(name)) names.add(name);
}

function isName(name: string | undefined): name is string {
  return name !== undefined && name !== "";
}
