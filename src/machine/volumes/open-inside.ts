import { constants, type Stats } from "node:fs";
import { type FileHandle, mkdir, open, realpath } from "node:fs/promises";
import { join, relative } from "node:path";
import { VolumeError } from "../../kubelet/volumes.ts";

/** Opens a place without reading it: works on anything, even on links and sockets. Source: open(2), Linux. */
const openPath = 0o10000000;
const withoutLinks = openPath | constants.O_NOFOLLOW;

/** A place that is held open: whatever happens to its name, `procPath` stands for the place itself. */
export interface HeldPlace {
  readonly procPath: string;
  readonly stats: Stats;
  close(): Promise<void>;
}

/**
 * Opens a path inside a folder, making folders that are missing, and never leaves the folder. Containers may change
 * what is in the folder at any moment, so links are looked through first and then every step is taken from an open
 * folder to its child, without following any link.
 * @throws {VolumeError} when the path leads out of the folder or cannot be made
 */
export async function openInside(folder: string, path: string): Promise<HeldPlace> {
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  if (names.includes("..")) throw new VolumeError(`subpath "${path}" must not contain '..'`);
  const base = await realpath(folder);
  const { resolved, missing } = await resolveExisting(base, names);
  const inside = relative(base, resolved);
  if (inside === ".." || inside.startsWith("../") || inside.startsWith("/"))
    throw new VolumeError(`subpath "${resolved}" not within volume path "${base}"`);
  const steps = inside.split("/").filter((name) => name !== "");
  let handle = await open(base, withoutLinks | constants.O_DIRECTORY);
  try {
    const { mode } = await handle.stat();
    for (const name of steps) handle = await step(handle, name);
    for (const name of missing) handle = await makeStep(handle, name, mode & 0o7777);
    const stats = await handle.stat();
    const held = handle;
    return { procPath: procPath(held), stats, close: () => held.close() };
  } catch (error) {
    await handle.close();
    throw error instanceof VolumeError ? error : toVolumeError(path, error);
  }
}

/** Looks through links as far as the path exists. What it finds is only a first guess: the steps check it. */
async function resolveExisting(
  base: string,
  names: readonly string[],
): Promise<{ resolved: string; missing: readonly string[] }> {
  for (let count = names.length; count > 0; count -= 1) {
    const resolved = await realpath(join(base, ...names.slice(0, count))).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw toVolumeError(names.join("/"), error);
    });
    if (resolved !== undefined) return { resolved, missing: names.slice(count) };
  }
  return { resolved: base, missing: names };
}

/** From an open folder to one of its children: what openat(2) does. Closes the folder. */
async function step(parent: FileHandle, name: string): Promise<FileHandle> {
  const child = await open(join(procPath(parent), name), withoutLinks);
  const isLink = (await child.stat()).isSymbolicLink();
  if (isLink) await child.close();
  if (isLink) throw new VolumeError(`unexpected symlink found ${name}`);
  await parent.close();
  return child;
}

async function makeStep(parent: FileHandle, name: string, mode: number): Promise<FileHandle> {
  const path = join(procPath(parent), name);
  await mkdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  const child = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_DIRECTORY);
  try {
    await child.chmod(mode);
  } catch (error) {
    await child.close();
    throw error;
  }
  await parent.close();
  return child;
}

function procPath(handle: FileHandle): string {
  return `/proc/${process.pid}/fd/${handle.fd}`;
}

function toVolumeError(path: string, error: unknown): VolumeError {
  return new VolumeError(`subpath "${path}" cannot be opened: ${(error as Error).message}`, { cause: error });
}
