import { chmod, lchown, lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

const readBits = 0o440;
const writeBits = 0o220;
const enterBits = 0o110;
const setGroupBit = 0o2000;

/**
 * Gives a group access to a folder and everything below it, without following links. New files in the folders belong
 * to the group too. Source: the kubelet's handling of `fsGroup`.
 * @param access what containers do with the volume: those of files made by the agent are only read
 */
export async function giveToGroup(path: string, group: number, access: "read" | "write"): Promise<void> {
  const { mode } = await lstat(path);
  await lchown(path, -1, group);
  if (isLink(mode)) return;
  const bits = readBits | (access === "write" ? writeBits : 0);
  if (!isFolder(mode)) {
    await chmod(path, (mode & 0o7777) | bits);
    return;
  }
  for (const name of await readdir(path)) await giveToGroup(join(path, name), group, access);
  await chmod(path, (mode & 0o7777) | bits | enterBits | setGroupBit);
}

/** Whether a folder itself is as `giveToGroup` leaves it: then everything below has been done before. */
export async function belongsToGroup(path: string, group: number, access: "read" | "write"): Promise<boolean> {
  const { mode, gid } = await lstat(path);
  const bits = readBits | (access === "write" ? writeBits : 0) | enterBits | setGroupBit;
  return gid === group && (mode & bits) === bits;
}

function isLink(mode: number): boolean {
  return (mode & 0o170000) === 0o120000;
}

function isFolder(mode: number): boolean {
  return (mode & 0o170000) === 0o040000;
}
