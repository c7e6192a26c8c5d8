import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Clock } from "../../base/clock.ts";
import { type Random, randomInteger } from "../../base/random.ts";
import { VolumeError, type VolumeFile } from "../../kubelet/volumes.ts";

/** Link to the folder that holds the files now. */
const dataLink = "..data";
const newDataLink = "..data_tmp";

const maxNameLength = 255;
const maxPathLength = 4096;

/**
 * Makes a folder hold exactly these files, as users know it: each name is a link into `..data`, which is a link to a
 * folder named after the time of writing. Changing all files at once is a single rename of `..data`.
 * @param beforeSwap is called when the new files are written but not yet seen
 * @returns whether anything had to be written
 */
export async function writeProjectedFiles(
  folder: string,
  files: readonly VolumeFile[],
  parts: { readonly clock: Clock; readonly random: Random },
  beforeSwap: () => Promise<void>,
): Promise<boolean> {
  for (const file of files) checkPath(file.path);
  const current = await readlink(join(folder, dataLink)).catch(() => undefined);
  const isCurrent = current !== undefined && (await holdsExactly(join(folder, current), files));
  if (!isCurrent) {
    const next = await makeDataFolder(folder, parts);
    await writeAll(join(folder, next), files);
    await beforeSwap();
    await rm(join(folder, newDataLink), { force: true });
    await symlink(next, join(folder, newDataLink));
    await rename(join(folder, newDataLink), join(folder, dataLink));
  }
  await linkNames(folder, files);
  await removeLeftovers(folder, files);
  return !isCurrent;
}

/** @throws {VolumeError} in upstream's words */
function checkPath(path: string): void {
  if (path === "") throw new VolumeError(`invalid path: must not be empty: ""`);
  if (path.startsWith("/")) throw new VolumeError(`invalid path: must be relative path: ${path}`);
  if (path.length > maxPathLength)
    throw new VolumeError(`invalid path: must be less than or equal to ${maxPathLength} characters`);
  const names = path.split("/");
  if (names.includes("..")) throw new VolumeError(`invalid path: must not contain '..': ${path}`);
  if (names.some((name) => name.length > maxNameLength))
    throw new VolumeError(`invalid path: filenames must be less than or equal to ${maxNameLength} characters`);
  if (path.startsWith("..")) throw new VolumeError(`invalid path: must not start with '..': ${path}`);
}

async function holdsExactly(folder: string, files: readonly VolumeFile[]): Promise<boolean> {
  const present = await listFiles(folder, "");
  if (present === undefined || present.length !== new Set(files.map((file) => file.path)).size) return false;
  for (const file of files) {
    const content = await readFile(join(folder, file.path)).catch(() => undefined);
    if (content === undefined || !content.equals(file.content)) return false;
  }
  return true;
}

async function listFiles(folder: string, prefix: string): Promise<string[] | undefined> {
  const entries = await readdir(join(folder, prefix), { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return undefined;
  const paths: string[] = [];
  for (const entry of entries) {
    const path = join(prefix, entry.name);
    if (entry.isDirectory()) paths.push(...((await listFiles(folder, path)) ?? []));
    else paths.push(path);
  }
  return paths;
}

/** For example `..2026_04_22_10_00_00.1234567890`. */
async function makeDataFolder(
  folder: string,
  parts: { readonly clock: Clock; readonly random: Random },
): Promise<string> {
  const time = new Date(parts.clock.nowMs()).toISOString().slice(0, 19).replace(/[-T:]/g, "_");
  const name = `..${time}.${randomInteger(parts.random, 2 ** 32)}`;
  await mkdir(join(folder, name));
  await chmod(join(folder, name), 0o755);
  return name;
}

async function writeAll(folder: string, files: readonly VolumeFile[]): Promise<void> {
  for (const file of files) {
    const path = join(folder, file.path);
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    await writeFile(path, file.content, { mode: file.mode });
    await chmod(path, file.mode);
    if (file.uid !== undefined) await chown(path, file.uid, -1);
  }
}

/** Links for the first part of each path; what they point at changes by `..data` alone. */
async function linkNames(folder: string, files: readonly VolumeFile[]): Promise<void> {
  for (const name of topNames(files)) {
    const path = join(folder, name);
    const existing = await lstat(path).catch(() => undefined);
    if (existing === undefined) await symlink(join(dataLink, name), path);
  }
}

/** Names that are no longer there, and folders of earlier writes, also of those that were broken off. */
async function removeLeftovers(folder: string, files: readonly VolumeFile[]): Promise<void> {
  const current = await readlink(join(folder, dataLink));
  const kept = new Set([...topNames(files), dataLink, current]);
  for (const name of await readdir(folder))
    if (!kept.has(name)) await rm(join(folder, name), { recursive: true, force: true });
}

function topNames(files: readonly VolumeFile[]): ReadonlySet<string> {
  return new Set(files.map((file) => file.path.split("/", 1)[0] ?? ""));
}
