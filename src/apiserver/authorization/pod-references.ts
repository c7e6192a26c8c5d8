import type { Container, EphemeralContainer, PersistentVolume, Pod, Volume } from "../../api/types/core-v1.ts";

/** Names of the Secrets of its namespace that a pod refers to, in any way that its node must read them. */
export function secretNamesOf(pod: Pod): string[] {
  const names: (string | undefined)[] = (pod.spec.imagePullSecrets ?? []).map((reference) => reference.name);
  for (const container of containersOf(pod)) {
    for (const source of container.envFrom ?? []) names.push(source.secretRef?.name);
    for (const variable of container.env ?? []) names.push(variable.valueFrom?.secretKeyRef?.name);
  }
  for (const volume of pod.spec.volumes ?? []) names.push(...secretNamesOfVolume(volume));
  return present(names);
}

/** Names of the ConfigMaps of its namespace that a pod refers to. */
export function configMapNamesOf(pod: Pod): string[] {
  const names: (string | undefined)[] = [];
  for (const container of containersOf(pod)) {
    for (const source of container.envFrom ?? []) names.push(source.configMapRef?.name);
    for (const variable of container.env ?? []) names.push(variable.valueFrom?.configMapKeyRef?.name);
  }
  for (const volume of pod.spec.volumes ?? []) {
    names.push(volume.configMap?.name);
    for (const source of volume.projected?.sources ?? []) names.push(source.configMap?.name);
  }
  return present(names);
}

/** Names of the PersistentVolumeClaims that a pod mounts, those made for it included. */
export function claimNamesOf(pod: Pod): string[] {
  return present(
    (pod.spec.volumes ?? []).map((volume) =>
      volume.ephemeral === undefined ? volume.persistentVolumeClaim?.claimName : `${pod.metadata.name}-${volume.name}`,
    ),
  );
}

/** Names of the ResourceClaims that a pod uses, as far as they have been made. */
export function resourceClaimNamesOf(pod: Pod): string[] {
  const made = pod.status?.resourceClaimStatuses ?? [];
  const names = (pod.spec.resourceClaims ?? []).map(
    (claim) => claim.resourceClaimName ?? made.find((status) => status.name === claim.name)?.resourceClaimName,
  );
  return present([...names, pod.status?.extendedResourceClaimStatus?.resourceClaimName]);
}

/** Secrets that a node needs to mount a bound volume, as `namespace/name`. */
export function secretKeysOfVolume(volume: PersistentVolume): string[] {
  const { spec } = volume;
  const claimNamespace = spec.claimRef?.namespace ?? "";
  const keys: string[] = [];
  const add = (reference: { readonly name?: string; readonly namespace?: string } | undefined): void => {
    if (reference?.name !== undefined) keys.push(`${reference.namespace ?? claimNamespace}/${reference.name}`);
  };
  if (spec.azureFile !== undefined && spec.azureFile.secretName !== "")
    add({ name: spec.azureFile.secretName, namespace: spec.azureFile.secretNamespace || claimNamespace });
  for (const source of [spec.cephfs, spec.cinder, spec.flexVolume, spec.rbd, spec.scaleIO, spec.iscsi])
    add(source?.secretRef);
  add(spec.storageos?.secretRef);
  for (const reference of [spec.csi?.nodePublishSecretRef, spec.csi?.nodeStageSecretRef, spec.csi?.nodeExpandSecretRef])
    add(reference);
  return keys;
}

/** Every container of a pod: init, ordinary and ephemeral ones. */
export function containersOf(pod: Pod): readonly (Container | EphemeralContainer)[] {
  return [...(pod.spec.initContainers ?? []), ...pod.spec.containers, ...(pod.spec.ephemeralContainers ?? [])];
}

function secretNamesOfVolume(volume: Volume): (string | undefined)[] {
  return [
    volume.secret?.secretName,
    ...(volume.projected?.sources ?? []).map((source) => source.secret?.name),
    volume.azureFile?.secretName,
    volume.cephfs?.secretRef?.name,
    volume.cinder?.secretRef?.name,
    volume.flexVolume?.secretRef?.name,
    volume.rbd?.secretRef?.name,
    volume.scaleIO?.secretRef?.name,
    volume.iscsi?.secretRef?.name,
    volume.storageos?.secretRef?.name,
    volume.csi?.nodePublishSecretRef?.name,
  ];
}

function present(names: readonly (string | undefined)[]): string[] {
  return [...new Set(names.filter((name) => name !== undefined && name !== ""))] as string[];
}
