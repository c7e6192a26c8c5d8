import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSeededRandom } from "../../base/random.ts";
import { createVirtualClock } from "../../base/virtual-clock.ts";
import type { VolumeFile } from "../../kubelet/volumes.ts";
import { writeProjectedFiles } from "./projected-files.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "k8ts-projected-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const clock = createVirtualClock(Date.UTC(2026, 3, 22, 10, 0, 0));
const parts = { clock, random: createSeededRandom(1) };
const file = (path: string, text: string, mode = 0o644): VolumeFile => ({ path, content: Buffer.from(text), mode });
const write = (...files: VolumeFile[]): Promise<boolean> =>
  writeProjectedFiles(folder, files, parts, () => Promise.resolve());

describe("projected files", () => {
  it("lie behind links in the layout that users know", async () => {
    await write(file("color", "red", 0o600), file("ui/theme/name", "dark"));
    const data = await readlink(join(folder, "..data"));
    expect({
      data,
      names: (await readdir(folder)).toSorted(),
      links: [await readlink(join(folder, "color")), await readlink(join(folder, "ui"))],
      content: [await readFile(join(folder, "color"), "utf8"), await readFile(join(folder, "ui/theme/name"), "utf8")],
      modes: [(await stat(join(folder, "color"))).mode & 0o777, (await stat(join(folder, data))).mode & 0o777],
    }).toEqual({
      data: expect.stringMatching(/^\.\.2026_04_22_10_00_00\.\d+$/),
      names: [data, "..data", "color", "ui"].toSorted(),
      links: ["..data/color", "..data/ui"],
      content: ["red", "dark"],
      modes: [0o600, 0o755],
    });
  });

  it("stay untouched when nothing has changed", async () => {
    await write(file("a", "1"));
    const before = await readlink(join(folder, "..data"));
    expect(await write(file("a", "1"))).toBe(false);
    expect(await readlink(join(folder, "..data"))).toBe(before);
  });

  it("change all at once, and what is gone has no name any more", async () => {
    await write(file("a", "1"), file("b/c", "1"));
    const before = await readlink(join(folder, "..data"));
    expect(await write(file("a", "2"), file("d", "2"))).toBe(true);
    const after = await readlink(join(folder, "..data"));
    expect({
      isNew: after !== before,
      names: (await readdir(folder)).toSorted(),
      a: await readFile(join(folder, "a"), "utf8"),
    }).toEqual({ isNew: true, names: [after, "..data", "a", "d"].toSorted(), a: "2" });
  });

  it("are not seen before the last step", async () => {
    await write(file("a", "1"));
    let seen = "";
    await writeProjectedFiles(folder, [file("a", "2")], parts, async () => {
      seen = await readFile(join(folder, "a"), "utf8");
    });
    expect([seen, await readFile(join(folder, "a"), "utf8")]).toEqual(["1", "2"]);
  });

  it("recover from a write that was broken off at any point", async () => {
    await write(file("a", "1"));
    await mkdir(join(folder, "..2020_01_01_00_00_00.1"));
    await writeFile(join(folder, "..2020_01_01_00_00_00.1/a"), "half");
    await symlink("..2020_01_01_00_00_00.1", join(folder, "..data_tmp"));
    await rm(join(folder, "a"));
    await write(file("a", "2"));
    const data = await readlink(join(folder, "..data"));
    expect((await readdir(folder)).toSorted()).toEqual([data, "..data", "a"].toSorted());
    expect(await readFile(join(folder, "a"), "utf8")).toBe("2");
  });

  it("get missing links back although the content is right", async () => {
    await write(file("a", "1"));
    await rm(join(folder, "a"));
    await write(file("a", "1"));
    expect(await readFile(join(folder, "a"), "utf8")).toBe("1");
  });

  it("may be none", async () => {
    await write(file("a", "1"));
    await write();
    expect((await readdir(folder)).length).toBe(2);
  });

  const wrong = [
    { path: "", message: `invalid path: must not be empty: ""` },
    { path: "/etc/passwd", message: "invalid path: must be relative path: /etc/passwd" },
    { path: "a/../../b", message: "invalid path: must not contain '..': a/../../b" },
    { path: "..hidden", message: "invalid path: must not start with '..': ..hidden" },
    {
      path: "x".repeat(256),
      message: "invalid path: filenames must be less than or equal to 255 characters",
    },
  ];
  it.each(wrong)("refuse the path $path", async ({ path, message }) => {
    await expect(write(file(path, ""))).rejects.toThrow(message);
    expect(await readdir(folder)).toEqual([]);
  });
});
