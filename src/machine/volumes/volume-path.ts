import { join } from "node:path";
import { VolumeError, type VolumeName } from "../../kubelet/volumes.ts";

/** Where things of pods are. Source: the kubelet's own layout, which users see in paths and messages. */
export interface PodFolders {
  /** One folder for each pod. */
  readonly disk: string;
  /** The same on a file system in memory: for secrets, which must not reach a disk. */
  readonly memory: string;
}

/** The folder of a volume. */
export function volumePath(root: string, { podUid, plugin, volume }: VolumeName): string {
  return join(podFolder(root, podUid), "volumes", checkName(plugin.replaceAll("/", "~")), checkName(volume));
}

/** The folder of a pod. @throws {VolumeError} when the uid could name another place */
export function podFolder(root: string, podUid: string): string {
  return join(root, checkName(podUid));
}

/** A path of several names below a folder. @throws {VolumeError} when it would leave the folder */
export function pathBelow(folder: string, path: string): string {
  return join(folder, ...path.split("/").map(checkName));
}

function checkName(name: string): string {
  if (name === "" || name === "." || name === ".." || name.includes("/") || name.includes("\0"))
    throw new VolumeError(`${JSON.stringify(name)} cannot be the name of a file`);
  return name;
}
