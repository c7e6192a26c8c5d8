import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLogger } from "../base/log.ts";
import { imageCatalog } from "./image-catalog.ts";
import { createImageLibrary, type ImageLibrary } from "./image-library.ts";
import { type ImageMirror, startImageMirror, writeMirrorHosts } from "./image-mirror.ts";
import { packLayer, readTar } from "./images/layer-tar.ts";
import type { ImageRecipe } from "./images/recipe.ts";

const recipe: ImageRecipe = {
  names: ["docker.io/library/test:1", "example.com:5000/team/test:1"],
  layers: [
    {
      kind: "files",
      entries: [
        { path: "etc/motd", text: "hello\n", mode: 0o600 },
        { path: "tmp", folder: true, mode: 0o1777 },
        { path: "etc/link", linkTo: "motd" },
      ],
    },
  ],
  config: { Cmd: ["cat", "/etc/motd"], User: "1000" },
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "k8ts-library-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));
const open = (recipes: readonly ImageRecipe[] = [recipe]): ImageLibrary => createImageLibrary({ folder, recipes });

async function readJson(library: ImageLibrary, digest: string) {
  return JSON.parse(await readFile((await library.blob(digest))?.path ?? "", "utf8"));
}

describe("a layer", () => {
  it("is the same bytes for the same content, in whatever order, with the folders above", async () => {
    const file = { path: "a/b/c", type: "file", mode: 0o644, uid: 0, gid: 0, content: Buffer.from("x") } as const;
    const link = { path: "a/b/0", type: "link", mode: 0o644, uid: 0, gid: 0, linkTo: "a/b/c" } as const;
    const [one, other] = [await packLayer([file, link]), await packLayer([link, file])];
    const entries = await readTar(Readable.from([one]), () => true);
    expect([one.equals(other), entries.map((entry) => `${entry.type} ${entry.path}`)]).toEqual([
      true,
      ["directory a", "directory a/b", "file a/b/c", "link a/b/0"],
    ]);
  });
});

describe("the image library", () => {
  it("makes an image as the specification wants it", async () => {
    const library = open();
    const blob = await library.manifest("test:1");
    const manifest = await readJson(library, blob?.digest ?? "");
    const config = await readJson(library, manifest.config.digest);
    const layer = gunzipSync(await readFile((await library.blob(manifest.layers[0].digest))?.path ?? ""));
    const entries = await readTar(Readable.from([layer]), () => true);
    expect([manifest.mediaType, config.config, config.rootfs.type, config.os]).toEqual([
      "application/vnd.oci.image.manifest.v1+json",
      recipe.config,
      "layers",
      "linux",
    ]);
    expect(
      entries.map(({ path, type, mode, linkTo, content }) => [path, type, mode, linkTo, content?.toString()]),
    ).toEqual([
      ["etc", "directory", 0o755, undefined, undefined],
      ["etc/link", "symlink", 0o777, "motd", undefined],
      ["etc/motd", "file", 0o600, undefined, "hello\n"],
      ["tmp", "directory", 0o1777, undefined, undefined],
    ]);
  });

  it("makes the same image under each of its names, and finds it the next time", async () => {
    const told: [string, boolean][] = [];
    await open().ensure(["docker.io/library/test:1"], (name, made) => told.push([name, made]));
    await open().ensure([...recipe.names], (name, made) => told.push([name, made]));
    expect(told).toEqual([
      ["docker.io/library/test:1", true],
      ["docker.io/library/test:1", false],
      ["example.com:5000/team/test:1", false],
    ]);
  });

  it("makes images also when nobody wants to hear of it", async () => {
    await open().ensure(["docker.io/library/test:1"]);
    expect((await readdir(join(folder, "blobs/sha256"))).length).toBe(3);
  });

  it("makes an image anew when its recipe changes or its bytes are gone", async () => {
    const first = await open().manifest("test:1");
    const changed = { ...recipe, config: { ...recipe.config, User: "2000" } };
    expect((await open([changed]).manifest("test:1"))?.digest).not.toBe(first?.digest);
    await rm(join(folder, "blobs"), { recursive: true });
    expect(await open().manifest("test:1")).toEqual(first);
    expect(await readdir(join(folder, "blobs/sha256"))).toContain(first?.digest.slice("sha256:".length));
  });

  it("makes one image once, however many ask at a time", async () => {
    const library = open();
    const manifests = await Promise.all(Array.from({ length: 20 }, () => library.manifest("test:1")));
    expect(new Set(manifests.map((item) => item?.digest)).size).toBe(1);
    expect((await readdir(join(folder, "blobs/sha256"))).length).toBe(3);
  });

  it("knows nothing of other images", async () => {
    const library = open();
    expect([await library.manifest("other"), await library.manifest("not a name"), await library.blob("../x")]).toEqual(
      [undefined, undefined, undefined],
    );
    await expect(library.ensure(["docker.io/library/other:1"])).rejects.toThrow("there is no recipe");
  });

  it("says which program is missing", async () => {
    const needy: ImageRecipe = {
      ...recipe,
      layers: [{ kind: "programs", programs: [{ from: "/no/such", to: "x" }] }],
    };
    await expect(open([needy]).manifest("test:1")).rejects.toThrow("/no/such is missing, which an image needs");
  });
});

describe("the catalogue", () => {
  it("gives every name to one recipe only, complete with registry and tag", () => {
    const names = imageCatalog().flatMap((item) => item.names);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z.0-9]+\.[a-z]+\/[a-z/0-9]+:[\w.]+$/.test(name))).toEqual([]);
  });
});

describe("the image mirror", () => {
  let mirror: ImageMirror;
  beforeEach(async () => {
    mirror = await startImageMirror(open(), silentLogger);
  });
  afterEach(() => mirror.close());
  const ask = (path: string, method = "GET"): Promise<Response> => fetch(mirror.address + path, { method });

  it("gives manifests by tag and by digest, and their pieces", async () => {
    const byTag = await ask("/v2/team/test/manifests/1?ns=example.com:5000");
    const digest = byTag.headers.get("docker-content-digest") ?? "";
    const manifest = (await byTag.json()) as { layers: { digest: string; size: number }[] };
    const byDigest = await ask(`/v2/library/test/manifests/${digest}?ns=docker.io`);
    const [layer] = manifest.layers;
    const piece = await ask(`/v2/library/test/blobs/${layer?.digest}`);
    expect([
      byTag.headers.get("content-type"),
      await byDigest.json(),
      (await piece.arrayBuffer()).byteLength,
      (await ask("/v2/")).status,
    ]).toEqual(["application/vnd.oci.image.manifest.v1+json", manifest, layer?.size, 200]);
  });

  it("tells size and digest alone when only the head is asked for", async () => {
    const head = await ask("/v2/library/test/manifests/1?ns=docker.io", "HEAD");
    expect([head.status, Number(head.headers.get("content-length")) > 100, await head.text()]).toEqual([200, true, ""]);
  });

  it.each([
    { path: "/v2/library/test/manifests/2?ns=docker.io", method: "GET", status: 404 },
    { path: "/v2/library/test/manifests/1?ns=quay.io", method: "GET", status: 404 },
    { path: `/v2/library/test/blobs/sha256:${"0".repeat(64)}`, method: "GET", status: 404 },
    { path: "/v2/library/test/blobs/..%2f..%2fmade", method: "GET", status: 404 },
    { path: "/elsewhere", method: "GET", status: 404 },
    { path: "/v2/library/test/manifests/1", method: "PUT", status: 405 },
  ])("answers $method $path with $status", async ({ path, method, status }) => {
    expect((await ask(path, method)).status).toBe(status);
  });

  it("is named to containerd for every registry", async () => {
    await writeFile(join(folder, "x"), "");
    await writeMirrorHosts(folder, "http://127.0.0.1:5");
    expect(await readFile(join(folder, "_default/hosts.toml"), "utf8")).toBe(
      `[host."http://127.0.0.1:5"]\n  capabilities = ["pull", "resolve"]\n`,
    );
  });
});
