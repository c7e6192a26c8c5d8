import type { Stats } from "node:fs";
import { mkdir, stat, writeFile } from "node:fs/promises";
import { type HostPathType, VolumeError } from "../../kubelet/volumes.ts";

/** Checks, or makes, a path of the node. @throws {VolumeError} in upstream's words */
export async function ensureHostPath(path: string, type: HostPathType): Promise<void> {
  if (type === "") return;
  const found = await stat(path).catch(() => undefined);
  if (found === undefined && type === "DirectoryOrCreate") {
    await mkdir(path, { recursive: true, mode: 0o755 });
    return;
  }
  if (found === undefined && type === "FileOrCreate") {
    await writeFile(path, "", { mode: 0o644, flag: "a" }).catch((error: NodeJS.ErrnoException) => {
      throw new VolumeError(`open ${path}: ${error.code === "ENOENT" ? "no such file or directory" : error.message}`);
    });
    return;
  }
  const expected = expectations[type];
  if (expected === undefined) throw new VolumeError(`${type} is an invalid volume type`);
  if (found === undefined || !expected.holds(found))
    throw new VolumeError(`hostPath type check failed: ${path} is not ${expected.noun}`);
}

interface Expectation {
  readonly noun: string;
  holds(found: Stats): boolean;
}

const folder: Expectation = { noun: "a directory", holds: (found) => found.isDirectory() };
const file: Expectation = { noun: "a file", holds: (found) => found.isFile() };

const expectations: Readonly<Partial<Record<HostPathType, Expectation>>> = {
  Directory: folder,
  DirectoryOrCreate: folder,
  File: file,
  FileOrCreate: file,
  Socket: { noun: "a socket file", holds: (found) => found.isSocket() },
  CharDevice: { noun: "a character device", holds: (found) => found.isCharacterDevice() },
  BlockDevice: { noun: "a block device", holds: (found) => found.isBlockDevice() },
};
