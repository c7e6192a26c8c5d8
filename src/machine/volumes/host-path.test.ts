import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HostPathType } from "../../kubelet/volumes.ts";
import { ensureHostPath } from "./host-path.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "k8ts-host-path-"));
  await mkdir(join(folder, "folder"));
  await writeFile(join(folder, "file"), "");
  await symlink("folder", join(folder, "link"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("a path of the node", () => {
  const right: readonly { type: HostPathType; path: string }[] = [
    { type: "", path: "nothing" },
    { type: "Directory", path: "folder" },
    { type: "Directory", path: "link" },
    { type: "DirectoryOrCreate", path: "folder" },
    { type: "File", path: "file" },
    { type: "FileOrCreate", path: "file" },
    { type: "CharDevice", path: "/dev/null" },
  ];
  it.each(right)("$path is right for type '$type'", async ({ type, path }) => {
    await expect(ensureHostPath(path.startsWith("/") ? path : join(folder, path), type)).resolves.toBeUndefined();
  });

  const wrong: readonly { type: HostPathType; path: string; noun: string }[] = [
    { type: "Directory", path: "nothing", noun: "a directory" },
    { type: "Directory", path: "file", noun: "a directory" },
    { type: "DirectoryOrCreate", path: "file", noun: "a directory" },
    { type: "File", path: "folder", noun: "a file" },
    { type: "Socket", path: "file", noun: "a socket file" },
    { type: "CharDevice", path: "file", noun: "a character device" },
    { type: "BlockDevice", path: "file", noun: "a block device" },
  ];
  it.each(wrong)("$path is refused for type $type", async ({ type, path, noun }) => {
    await expect(ensureHostPath(join(folder, path), type)).rejects.toThrow(
      `hostPath type check failed: ${join(folder, path)} is not ${noun}`,
    );
  });

  it("is made when it is missing and may be made", async () => {
    await ensureHostPath(join(folder, "a/b"), "DirectoryOrCreate");
    await ensureHostPath(join(folder, "a/b/c"), "FileOrCreate");
    const [made, file] = [await stat(join(folder, "a/b")), await stat(join(folder, "a/b/c"))];
    expect([made.isDirectory(), made.mode & 0o777, file.isFile(), file.mode & 0o777]).toEqual([
      true,
      0o755,
      true,
      0o644,
    ]);
  });

  it("is not made in a folder that is missing", async () => {
    const path = join(folder, "none/file");
    await expect(ensureHostPath(path, "FileOrCreate")).rejects.toThrow(`open ${path}: no such file or directory`);
  });

  it("may be a socket", async () => {
    const server = createServer();
    const path = join(folder, "socket");
    await new Promise<void>((resolve) => server.listen(path, resolve));
    await expect(ensureHostPath(path, "Socket")).resolves.toBeUndefined();
    await new Promise((resolve) => server.close(resolve));
  });
});
