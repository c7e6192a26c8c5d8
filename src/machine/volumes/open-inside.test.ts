import { mkdir, mkdtemp, readFile, realpath, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { VolumeError } from "../../kubelet/volumes.ts";
import { openInside } from "./open-inside.ts";

let root: string;
let volume: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "k8ts-inside-")));
  volume = join(root, "volume");
  await mkdir(join(volume, "sub/deep"), { recursive: true });
  await writeFile(join(volume, "sub/file"), "inside");
  await mkdir(join(root, "outside"));
  await writeFile(join(root, "outside/secret"), "outside");
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function placeOf(path: string): Promise<string> {
  const place = await openInside(volume, path);
  try {
    return await realpath(place.procPath);
  } finally {
    await place.close();
  }
}

describe("a path inside a volume", () => {
  it("is found when it is a folder, a file, or the volume itself", async () => {
    expect([await placeOf("sub/deep"), await placeOf("./sub//file"), await placeOf("")]).toEqual([
      join(volume, "sub/deep"),
      join(volume, "sub/file"),
      volume,
    ]);
  });

  it("is made with the volume's own permissions when it is missing", async () => {
    expect(await placeOf("new/er/est")).toBe(join(volume, "new/er/est"));
    const [made, own] = [await stat(join(volume, "new/er")), await stat(volume)];
    expect(made.mode).toBe(own.mode);
  });

  it("may lead through links that stay inside, as those of projected files do", async () => {
    await mkdir(join(volume, "..2026"));
    await writeFile(join(volume, "..2026/key"), "value");
    await symlink("..2026", join(volume, "..data"));
    await symlink("..data/key", join(volume, "key"));
    const place = await openInside(volume, "key");
    expect(await readFile(place.procPath, "utf8")).toBe("value");
    await place.close();
  });

  it("stays what it was when its name is given to something else", async () => {
    const place = await openInside(volume, "sub/file");
    await rm(join(volume, "sub"), { recursive: true });
    await symlink("../outside", join(volume, "sub"));
    expect(await readFile(place.procPath, "utf8")).toBe("inside");
    await place.close();
  });

  const escapes: readonly { name: string; prepare: () => Promise<void>; path: string }[] = [
    { name: "dots", prepare: () => Promise.resolve(), path: "../outside" },
    { name: "dots behind a name", prepare: () => Promise.resolve(), path: "sub/../../outside" },
    { name: "a relative link", prepare: () => symlink("../outside", join(volume, "link")), path: "link/secret" },
    { name: "an absolute link", prepare: () => symlink("/etc", join(volume, "link")), path: "link/hostname" },
    {
      name: "a link as the last name",
      prepare: () => symlink("../outside/secret", join(volume, "link")),
      path: "link",
    },
    {
      name: "a missing folder behind a link",
      prepare: () => symlink("../outside", join(volume, "link")),
      path: "link/new",
    },
    { name: "a link to nowhere", prepare: () => symlink("../outside/none", join(volume, "link")), path: "link" },
    { name: "a file where a folder should be", prepare: () => Promise.resolve(), path: "sub/file/x" },
  ];
  it.each(escapes)("is refused when it goes out by $name", async ({ prepare, path }) => {
    await prepare();
    await expect(openInside(volume, path)).rejects.toBeInstanceOf(VolumeError);
    await expect(stat(join(root, "outside/new"))).rejects.toThrow("ENOENT");
  });

  it("never leads out however fast links are swapped", async () => {
    const flip = join(volume, "flip");
    const stop = new AbortController();
    const swapping = (async () => {
      // The other side makes folders meanwhile, so each of these may fail.
      const attempt = (step: Promise<unknown>): Promise<unknown> => step.catch(() => undefined);
      while (!stop.signal.aborted) {
        await attempt(rm(flip, { recursive: true, force: true }));
        await attempt(symlink("../outside", flip));
        await attempt(rm(flip, { recursive: true, force: true }));
        await attempt(mkdir(flip, { recursive: true }));
      }
    })();
    await mkdir(join(root, "outside/here"));
    const outside = (await stat(join(root, "outside/here"))).ino;
    const opened: number[] = [];
    for (let round = 0; round < 300 || (opened.length === 0 && round < 10_000); round += 1) {
      const place = await openInside(volume, round % 2 === 0 ? "flip/new" : "flip/here").catch(() => undefined);
      if (place !== undefined) opened.push(place.stats.ino);
      await place?.close();
    }
    stop.abort();
    await swapping;
    expect(opened.length).toBeGreaterThan(0);
    expect(opened).not.toContain(outside);
    await expect(stat(join(root, "outside/new"))).rejects.toThrow("ENOENT");
  });
});
