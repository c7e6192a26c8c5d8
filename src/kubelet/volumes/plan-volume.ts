import { quantityValue } from "../../api/quantity.ts";
import type { Pod, Volume } from "../../api/types/core-v1.ts";
import { podLimits } from "../../resources/pod-resources.ts";
import { allContainers } from "../../resources/pod-status.ts";
import { type EmptyDirOptions, type FilesOptions, type HostPathType, VolumeError } from "../volumes.ts";
import {
  configMapFiles,
  defaultFileMode,
  downwardFiles,
  type FileSources,
  projectedFiles,
  secretFiles,
} from "./volume-files.ts";

/** What is to be put in place for one volume. */
export type VolumePlan =
  | { readonly kind: "emptyDir"; readonly plugin: string; readonly options: EmptyDirOptions }
  | { readonly kind: "hostPath"; readonly path: string; readonly type: HostPathType }
  | { readonly kind: "files"; readonly plugin: string; readonly options: FilesOptions };

/** Volumes that some container mounts; the others are left alone. */
export function mountedVolumes(pod: Pod): readonly Volume[] {
  const used = new Set<string>();
  for (const container of allContainers(pod.spec)) {
    for (const mount of container.volumeMounts ?? []) used.add(mount.name);
    for (const device of container.volumeDevices ?? []) used.add(device.name);
  }
  return (pod.spec.volumes ?? []).filter((volume) => used.has(volume.name));
}

/**
 * Decides what one volume holds.
 * @throws {VolumeError} when something is missing, or the node does not know this kind of volume
 */
export function planVolume(pod: Pod, volume: Volume, sources: FileSources): VolumePlan {
  const group = pod.spec.securityContext?.fsGroup;
  const fsGroup = group === undefined ? {} : { fsGroup: group };
  if (volume.emptyDir !== undefined) return planEmptyDir(pod, volume.emptyDir, fsGroup);
  if (volume.hostPath !== undefined)
    return { kind: "hostPath", path: volume.hostPath.path, type: volume.hostPath.type ?? "" };
  if (volume.configMap !== undefined) {
    const { name = "", defaultMode = defaultFileMode } = volume.configMap;
    const files = configMapFiles(name, volume.configMap, defaultMode, sources);
    return { kind: "files", plugin: "kubernetes.io/configmap", options: { medium: "disk", files, ...fsGroup } };
  }
  if (volume.secret !== undefined) {
    const { secretName = "", defaultMode = defaultFileMode } = volume.secret;
    const files = secretFiles(secretName, volume.secret, defaultMode, sources);
    return { kind: "files", plugin: "kubernetes.io/secret", options: { medium: "memory", files, ...fsGroup } };
  }
  if (volume.downwardAPI !== undefined) {
    const { items, defaultMode = defaultFileMode } = volume.downwardAPI;
    const files = downwardFiles(pod, items, defaultMode, sources);
    return { kind: "files", plugin: "kubernetes.io/downward-api", options: { medium: "memory", files, ...fsGroup } };
  }
  if (volume.projected !== undefined) {
    const files = projectedFiles(pod, volume.projected, sources, commonUser(pod));
    return { kind: "files", plugin: "kubernetes.io/projected", options: { medium: "memory", files, ...fsGroup } };
  }
  const kind = Object.keys(volume).find((key) => key !== "name") ?? "unknown";
  throw new VolumeError(`volume type ${kind} is not supported by this node`);
}

function planEmptyDir(
  pod: Pod,
  source: NonNullable<Volume["emptyDir"]>,
  fsGroup: { readonly fsGroup?: number },
): VolumePlan {
  const plugin = "kubernetes.io/empty-dir";
  const medium = source.medium ?? "";
  if (medium === "") return { kind: "emptyDir", plugin, options: { medium: "disk", ...fsGroup } };
  if (medium !== "Memory") throw new VolumeError(`emptyDir medium ${medium} is not supported by this node`);
  const bounds = [podLimits(pod).memory, source.sizeLimit]
    .map((amount) => (amount === undefined ? 0 : quantityValue(amount)))
    .filter((bytes) => bytes > 0);
  const sizeLimit = bounds.length === 0 ? {} : { sizeLimitBytes: Math.min(...bounds) };
  return { kind: "emptyDir", plugin, options: { medium: "memory", ...sizeLimit, ...fsGroup } };
}

/** The user that every container of a pod runs as; undefined when they differ or leave it to their images. */
function commonUser(pod: Pod): number | undefined {
  const ofPod = pod.spec.securityContext?.runAsUser;
  const users = new Set(allContainers(pod.spec).map((container) => container.securityContext?.runAsUser ?? ofPod));
  return users.size === 1 ? [...users][0] : undefined;
}
