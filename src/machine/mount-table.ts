import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A mount that this process sees. */
export interface MountPoint {
  readonly path: string;
  /** For example `tmpfs`, `overlay`. */
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

/** All mounts, in the order in which they were made. */
export async function readMounts(): Promise<MountPoint[]> {
  return parseMountInfo(await readFile("/proc/self/mountinfo", "utf8"));
}

/** Reads the format of `/proc/<pid>/mountinfo`. Source: Linux, "The /proc Filesystem", section 3.5. */
export function parseMountInfo(text: string): MountPoint[] {
  return text.split("\n").flatMap((line) => {
    const fields = line.split(" ");
    const separator = fields.indexOf("-", 6);
    if (separator < 0) return [];
    return [
      {
        path: unescape(fields[4] ?? ""),
        type: fields[separator + 1] ?? "",
        source: unescape(fields[separator + 2] ?? ""),
        options: [...(fields[5] ?? "").split(","), ...(fields[separator + 3] ?? "").split(",")],
      },
    ];
  });
}

/** Mount points at or below a folder, the deepest and latest first: the order in which to unmount. */
export function mountsBelow(mounts: readonly MountPoint[], folder: string): string[] {
  return mounts
    .map((mount) => mount.path)
    .filter((path) => path === folder || path.startsWith(`${folder}/`))
    .reverse();
}

/** Unmounts whatever is mounted at or below a folder, busy or not. */
export async function unmountBelow(folder: string, signal?: AbortSignal): Promise<void> {
  for (let round = 0; round < maxUnmountRounds; round += 1) {
    const paths = mountsBelow(await readMounts(), folder);
    if (paths.length === 0) return;
    await run("umount", ["--lazy", "--no-canonicalize", "--", ...paths], { signal }).catch((error: unknown) => {
      // A mount that has vanished meanwhile fails the command; the next round sees what is really left.
      if (round + 1 === maxUnmountRounds) throw error;
    });
  }
}

/** Rounds of looking and unmounting: more than one only when mounts come and go meanwhile. */
const maxUnmountRounds = 5;

/** Spaces and the like are written as octal numbers. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_match, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
