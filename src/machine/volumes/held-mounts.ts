import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { lstat, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { readMounts } from "../mount-table.ts";
import type { HeldPlace } from "./open-inside.ts";

const run = promisify(execFile);

/** Mounts a tmpfs on a folder, unless there is one. Its own folder may then be entered by anyone. */
export async function ensureTmpfs(
  folder: string,
  options: { readonly mode: string; readonly sizeBytes?: number },
): Promise<void> {
  const mounts = await readMounts();
  if (mounts.some((mount) => mount.path === folder && mount.type === "tmpfs")) return;
  const size = options.sizeBytes === undefined ? "" : `,size=${options.sizeBytes}`;
  await run("mount", ["-t", "tmpfs", "-o", `mode=${options.mode}${size}`, "tmpfs", folder]);
}

/**
 * Mounts a held place below the pod's own folder, where no container can put something else in its stead. Does nothing
 * when the same file or folder is mounted there already.
 * @returns where it is mounted
 */
export async function mountHeldPlace(podFolder: string, key: string, place: HeldPlace): Promise<string> {
  const name = createHash("sha256").update(key).digest("hex").slice(0, 32);
  const target = join(podFolder, "volume-subpaths", name);
  const isMounted = (await readMounts()).some((mount) => mount.path === target);
  if (isMounted && (await isSameFile(target, place))) return target;
  if (isMounted) await run("umount", ["--lazy", "--no-canonicalize", "--", target]);
  await mkdir(dirname(target), { recursive: true, mode: 0o750 });
  if (place.stats.isDirectory()) await mkdir(target, { recursive: true, mode: 0o750 });
  else await writeFile(target, "", { flag: "a", mode: 0o640 });
  await run("mount", ["--bind", "--no-canonicalize", "--", place.procPath, target]);
  return target;
}

async function isSameFile(path: string, place: HeldPlace): Promise<boolean> {
  const found = await lstat(path);
  return found.ino === place.stats.ino && found.dev === place.stats.dev;
}
