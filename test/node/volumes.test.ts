import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSeededRandom } from "../../src/base/random.ts";
import { createRealClock } from "../../src/base/real-clock.ts";
import type { VolumeName, Volumes } from "../../src/kubelet/volumes.ts";
import { closeDiskVolumes, openDiskVolumes } from "../../src/machine/disk-volumes.ts";
import { readMounts } from "../../src/machine/mount-table.ts";
import { assertUnchanged, type MachineSnapshot, takeSnapshot } from "./support/machine-snapshot.ts";

let before: MachineSnapshot;
let folder: string;
let volumes: Volumes;
const open = (): Promise<Volumes> =>
  openDiskVolumes({ dataFolder: folder, clock: createRealClock(), random: createSeededRandom(1) });

beforeAll(async () => {
  before = await takeSnapshot();
  folder = await mkdtemp(join(tmpdir(), "k8ts-volumes-"));
  volumes = await open();
});
afterAll(async () => {
  await closeDiskVolumes(folder);
  await rm(folder, { recursive: true, force: true });
  await assertUnchanged(before);
});

const volumeOf = (podUid: string, plugin: string, volume: string): VolumeName => ({ podUid, plugin, volume });
const mountTypeOf = async (path: string): Promise<string | undefined> =>
  (await readMounts()).findLast((mount) => path === mount.path || path.startsWith(`${mount.path}/`))?.type;
const permissions = async (path: string): Promise<string> => {
  const { mode, uid, gid } = await stat(path);
  return `${(mode & 0o7777).toString(8)} ${uid}:${gid}`;
};

describe("an emptyDir", () => {
  it("is a folder that anyone may use", async () => {
    const path = await volumes.ensureEmptyDir(volumeOf("a", "kubernetes.io/empty-dir", "cache"), { medium: "disk" });
    expect([path, await permissions(path)]).toEqual([
      join(folder, "pods/a/volumes/kubernetes.io~empty-dir/cache"),
      "777 0:0",
    ]);
  });

  it("keeps its content when it is asked for again", async () => {
    const name = volumeOf("a", "kubernetes.io/empty-dir", "kept");
    const path = await volumes.ensureEmptyDir(name, { medium: "disk" });
    await writeFile(join(path, "x"), "1");
    expect(await readdir(await volumes.ensureEmptyDir(name, { medium: "disk" }))).toEqual(["x"]);
  });

  it("in memory is a tmpfs that does not grow beyond its limit", async () => {
    const name = volumeOf("a", "kubernetes.io/empty-dir", "fast");
    const path = await volumes.ensureEmptyDir(name, { medium: "memory", sizeLimitBytes: 1024 * 1024 });
    await volumes.ensureEmptyDir(name, { medium: "memory", sizeLimitBytes: 1024 * 1024 });
    expect((await readMounts()).filter((mount) => mount.path === path).map((mount) => mount.type)).toEqual(["tmpfs"]);
    await expect(writeFile(join(path, "big"), Buffer.alloc(2 * 1024 * 1024))).rejects.toThrow("ENOSPC");
  });

  it("belongs to the pod's group, with everything in it", async () => {
    const name = volumeOf("a", "kubernetes.io/empty-dir", "shared");
    const path = await volumes.ensureEmptyDir(name, { medium: "disk" });
    await mkdir(join(path, "sub"));
    await writeFile(join(path, "sub/file"), "", { mode: 0o600 });
    await symlink("/etc/hostname", join(path, "link"));
    await volumes.ensureEmptyDir(name, { medium: "disk", fsGroup: 2000 });
    expect(
      await Promise.all([path, join(path, "sub"), join(path, "sub/file"), "/etc/hostname"].map(permissions)),
    ).toEqual(["2777 0:2000", "2775 0:2000", "660 0:2000", await permissions("/etc/hostname")]);
  });
});

describe("a volume of files", () => {
  const files = [{ path: "token", content: Buffer.from("secret"), mode: 0o600 }];

  it("never reaches a disk when it is in memory", async () => {
    const path = await volumes.ensureFiles(volumeOf("b", "kubernetes.io/secret", "token"), { medium: "memory", files });
    expect([await mountTypeOf(path), await readFile(join(path, "token"), "utf8"), await permissions(path)]).toEqual([
      "tmpfs",
      "secret",
      "1777 0:0",
    ]);
  });

  it("may be read by the pod's group, and by the owner that a file names", async () => {
    const owned = [...files, { path: "own", content: Buffer.from("x"), mode: 0o600, uid: 1234 }];
    const path = await volumes.ensureFiles(volumeOf("b", "kubernetes.io/projected", "mine"), {
      medium: "memory",
      files: owned,
      fsGroup: 3000,
    });
    expect(await Promise.all([path, join(path, "token"), join(path, "own")].map(permissions))).toEqual([
      "3777 0:3000",
      "640 0:3000",
      "640 1234:3000",
    ]);
  });

  it("survives a restart of the agent", async () => {
    const name = volumeOf("b", "kubernetes.io/secret", "token");
    const path = await volumes.ensureFiles(name, { medium: "memory", files });
    const again = await open();
    expect([await again.ensureFiles(name, { medium: "memory", files }), await again.podsWithData()]).toEqual([
      path,
      expect.arrayContaining(["a", "b"]),
    ]);
  });
});

describe("a sub-path", () => {
  it("is mounted apart, and what is mounted stays when its name is swapped", async () => {
    const path = await volumes.ensureEmptyDir(volumeOf("c", "kubernetes.io/empty-dir", "data"), { medium: "disk" });
    const place = await volumes.resolveSubPath(path, "app/config", false, "c");
    await writeFile(join(path, "app/config/x"), "1");
    await rm(join(path, "app"), { recursive: true });
    await symlink("/etc", join(path, "app"));
    expect([place.startsWith(join(folder, "pods/c/volume-subpaths/")), await readdir(place)]).toEqual([true, []]);
    await expect(volumes.resolveSubPath(path, "app/config", false, "c")).rejects.toThrow("not within volume path");
  });

  it("may be a single file, and follows it when the volume's files are replaced", async () => {
    const name = volumeOf("c", "kubernetes.io/configmap", "conf");
    const contentOf = async (text: string): Promise<string> => {
      const content = Buffer.from(text);
      const path = await volumes.ensureFiles(name, { medium: "disk", files: [{ path: "key", content, mode: 0o644 }] });
      return readFile(await volumes.resolveSubPath(path, "key", true, "c"), "utf8");
    };
    expect([await contentOf("old"), await contentOf("old"), await contentOf("new")]).toEqual(["old", "old", "new"]);
  });
});

describe("a pod's own file", () => {
  it("is changed in place and read from its end", async () => {
    const path = await volumes.ensurePodFile("d", "containers/web/1a2b", "", 0o666);
    const { ino } = await stat(path);
    await writeFile(path, "0123456789");
    expect([
      path,
      await permissions(path),
      await volumes.readPodFile("d", "containers/web/1a2b", 4),
      await volumes.readPodFile("d", "nothing", 4),
      (await stat(await volumes.ensurePodFile("d", "containers/web/1a2b", "new", 0o666))).ino === ino,
      await volumes.readPodFile("d", "containers/web/1a2b", 100),
    ]).toEqual([join(folder, "pods/d/containers/web/1a2b"), "666 0:0", "6789", "", true, "new"]);
  });

  it.each(["../x", "a/../../x", "", "a//b"])("is never outside the pod's folder: %j", async (name) => {
    await expect(volumes.ensurePodFile("d", name, "")).rejects.toThrow("cannot be the name of a file");
  });
});

describe("removing a pod", () => {
  it("unmounts and removes everything of it, and nothing that was only reachable from it", async () => {
    const outside = join(folder, "outside");
    await mkdir(outside);
    await writeFile(join(outside, "precious"), "1");
    const path = await volumes.ensureEmptyDir(volumeOf("e", "kubernetes.io/empty-dir", "v"), { medium: "memory" });
    await volumes.ensureFiles(volumeOf("e", "kubernetes.io/secret", "s"), { medium: "memory", files: [] });
    await volumes.resolveSubPath(outside, "", false, "e");
    await symlink(outside, join(path, "link"));
    await volumes.removePod("e");
    await volumes.removePod("e");
    expect([
      await volumes.podsWithData(),
      (await readMounts()).filter((mount) => mount.path.includes("/e/")),
      await readdir(outside),
    ]).toEqual([expect.not.arrayContaining(["e"]), [], ["precious"]]);
  });

  it("cannot be talked into another folder", async () => {
    await expect(volumes.removePod("..")).rejects.toThrow("cannot be the name of a file");
    await expect(volumes.removePod("a/../b")).rejects.toThrow("cannot be the name of a file");
  });
});
