import { constants } from "node:fs";
import { chmod, lstat, mkdir, open, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Clock } from "../base/clock.ts";
import type { Random } from "../base/random.ts";
import { createSerialByKey } from "../base/serial.ts";
import {
  type EmptyDirOptions,
  type FilesOptions,
  VolumeError,
  type VolumeName,
  type Volumes,
} from "../kubelet/volumes.ts";
import { mountsBelow, readMounts, unmountBelow } from "./mount-table.ts";
import { ensureTmpfs, mountHeldPlace } from "./volumes/held-mounts.ts";
import { ensureHostPath } from "./volumes/host-path.ts";
import { openInside } from "./volumes/open-inside.ts";
import { belongsToGroup, giveToGroup } from "./volumes/ownership.ts";
import { writeProjectedFiles } from "./volumes/projected-files.ts";
import { type PodFolders, pathBelow, podFolder, volumePath } from "./volumes/volume-path.ts";

interface VolumeParts {
  readonly folders: PodFolders;
  readonly clock: Clock;
  readonly random: Random;
}

/** Opens the volumes below `dataFolder`: `pods` on disk, and `pods-memory`, a tmpfs for what must not reach a disk. */
export async function openDiskVolumes(options: {
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly random: Random;
}): Promise<Volumes> {
  const folders = foldersOf(options.dataFolder);
  await mkdir(folders.disk, { recursive: true, mode: 0o750 });
  await mkdir(folders.memory, { recursive: true, mode: 0o750 });
  await ensureTmpfs(folders.memory, { mode: "0750" });
  return createDiskVolumes({ folders, clock: options.clock, random: options.random });
}

/** Unmounts everything that `openDiskVolumes` and pods have mounted, and forgets what was in memory. */
export async function closeDiskVolumes(dataFolder: string): Promise<void> {
  const folders = foldersOf(dataFolder);
  await unmountBelow(folders.disk);
  await unmountBelow(folders.memory);
}

function foldersOf(dataFolder: string): PodFolders {
  return { disk: join(dataFolder, "pods"), memory: join(dataFolder, "pods-memory") };
}

function createDiskVolumes(parts: VolumeParts): Volumes {
  const { folders } = parts;
  /** What is done to one pod is done one after the other; pods do not wait for each other. */
  const serial = createSerialByKey();
  return {
    ensureEmptyDir: (volume, options) => serial.run(volume.podUid, () => ensureEmptyDir(volume, options, parts)),
    ensureFiles: (volume, options) => serial.run(volume.podUid, () => ensureFiles(volume, options, parts)),
    ensureHostPath,
    resolveSubPath: (volume, subPath, _readOnly, podUid) =>
      serial.run(podUid, async () => resolveSubPath(volume, subPath, podFolder(folders.disk, podUid))),
    ensurePodFile: (podUid, name, content, mode = 0o644) =>
      serial.run(podUid, async () => writePodFile(pathBelow(podFolder(folders.disk, podUid), name), content, mode)),
    readPodFile: async (podUid, name, maxBytes) => readEnd(pathBelow(podFolder(folders.disk, podUid), name), maxBytes),
    async podsWithData() {
      const names = await Promise.all([readdir(folders.disk), readdir(folders.memory)]);
      return [...new Set(names.flat())];
    },
    removePod: (podUid) =>
      serial.run(podUid, async () => {
        for (const root of [folders.disk, folders.memory]) await removeFolder(podFolder(root, podUid));
      }),
  };
}

async function ensureEmptyDir(volume: VolumeName, options: EmptyDirOptions, parts: VolumeParts): Promise<string> {
  const path = volumePath(parts.folders.disk, volume);
  await makeVolumeFolder(path, 0o777);
  if (options.medium === "memory")
    await ensureTmpfs(path, {
      mode: "1777",
      ...(options.sizeLimitBytes === undefined ? {} : { sizeBytes: options.sizeLimitBytes }),
    });
  const { fsGroup } = options;
  if (fsGroup !== undefined && !(await belongsToGroup(path, fsGroup, "write")))
    await giveToGroup(path, fsGroup, "write");
  return path;
}

async function ensureFiles(volume: VolumeName, options: FilesOptions, parts: VolumeParts): Promise<string> {
  const path = volumePath(options.medium === "memory" ? parts.folders.memory : parts.folders.disk, volume);
  await makeVolumeFolder(path, options.medium === "memory" ? 0o1777 : 0o777);
  const { fsGroup } = options;
  const share = async (): Promise<void> => {
    if (fsGroup !== undefined) await giveToGroup(path, fsGroup, "read");
  };
  const written = await writeProjectedFiles(path, options.files, parts, share);
  // The names that users see are links made after the files.
  if (written) await share();
  return path;
}

/** Folders above a volume are the agent's own; the volume itself anyone in the container may use. */
async function makeVolumeFolder(path: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o750 });
  const made = await mkdir(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return false;
      throw error;
    },
  );
  if (made) await chmod(path, mode);
}

async function resolveSubPath(volume: string, subPath: string, pod: string): Promise<string> {
  const place = await openInside(volume, subPath);
  try {
    return await mountHeldPlace(pod, JSON.stringify([volume, subPath]), place);
  } finally {
    await place.close();
  }
}

async function writePodFile(path: string, content: string, mode: number): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o750 });
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, mode);
  try {
    if ((await file.readFile("utf8")) !== content) {
      await file.truncate(0);
      await file.write(content, 0);
    }
    await file.chmod(mode);
  } finally {
    await file.close();
  }
  return path;
}

async function readEnd(path: string, maxBytes: number): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    },
  );
  if (file === undefined) return "";
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(size, maxBytes));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, Math.max(0, size - maxBytes));
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Removes a pod's folder, but never what is only mounted in it. */
async function removeFolder(folder: string): Promise<void> {
  await unmountBelow(folder);
  const left = mountsBelow(await readMounts(), folder);
  if (left.length > 0) throw new VolumeError(`${left[0]} is still mounted: the pod's folder cannot be removed`);
  const found = await lstat(folder).catch(() => undefined);
  if (found !== undefined) await rm(folder, { recursive: true, force: true });
}
