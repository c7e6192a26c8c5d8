/**
 * What the node agent needs of the node's file systems. The agent decides what a volume holds; this puts it there.
 * All paths lie below the agent's own folder, except those of `hostPath`. Every method may be repeated.
 */
export interface Volumes {
  /** A folder of the pod, on disk or on tmpfs. @returns its path on the node */
  ensureEmptyDir(volume: VolumeName, options: EmptyDirOptions): Promise<string>;

  /**
   * A folder that holds exactly these files. A changed set replaces the old one in a single step, so readers see
   * either all old or all new files. @returns its path on the node
   */
  ensureFiles(volume: VolumeName, options: FilesOptions): Promise<string>;

  /** Checks, or makes, a path of the node. @throws {VolumeError} with upstream's words when it is not what `type` asks */
  ensureHostPath(path: string, type: HostPathType): Promise<void>;

  /**
   * Finds, and where missing makes, a path inside a volume without ever leaving it, whatever links it holds.
   * @param podUid the pod that keeps the place to mount from: what is found is held there, so that nobody can swap it
   * @returns the path to mount @throws {VolumeError} when it would leave the volume
   */
  resolveSubPath(volumePath: string, subPath: string, readOnly: boolean, podUid: string): Promise<string>;

  /**
   * A single file of the pod outside its volumes, such as its `etc-hosts` or a container's termination log. Written in
   * place, because containers may have it mounted already.
   * @param name may hold `/`, for example `containers/web/1a2b3c4d`
   * @param mode permission bits; default 0o644
   * @returns its path on the node
   */
  ensurePodFile(podUid: string, name: string, content: string, mode?: number): Promise<string>;

  /** Reads the last `maxBytes` of a file made by `ensurePodFile`; empty when there is none. */
  readPodFile(podUid: string, name: string, maxBytes: number): Promise<string>;

  /** Uids of pods for which anything is kept. */
  podsWithData(): Promise<readonly string[]>;

  /** Unmounts and removes all that is kept for a pod. */
  removePod(podUid: string): Promise<void>;
}

export interface VolumeName {
  readonly podUid: string;
  readonly volume: string;
  /** For the path, for example `kubernetes.io/empty-dir`. */
  readonly plugin: string;
}

export interface EmptyDirOptions {
  readonly medium: "disk" | "memory";
  /** Upper bound of a folder on tmpfs; left out: that of the pod or the node. */
  readonly sizeLimitBytes?: number;
  readonly fsGroup?: number;
}

export interface FilesOptions {
  readonly medium: "disk" | "memory";
  readonly files: readonly VolumeFile[];
  readonly fsGroup?: number;
}

export interface VolumeFile {
  /** Relative path with `/`; never leaves the volume. */
  readonly path: string;
  readonly content: Uint8Array;
  /** Permission bits such as 0o644. */
  readonly mode: number;
  /** Owner; default root. */
  readonly uid?: number;
}

export type HostPathType =
  | ""
  | "DirectoryOrCreate"
  | "Directory"
  | "FileOrCreate"
  | "File"
  | "Socket"
  | "CharDevice"
  | "BlockDevice";

/** A volume that cannot be made; the message ends up in an event. */
export class VolumeError extends Error {
  override readonly name = "VolumeError";
}
