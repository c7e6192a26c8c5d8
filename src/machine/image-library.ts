import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { parseImageName } from "../resources/image-name.ts";
import { imageCatalog } from "./image-catalog.ts";
import { buildLayer, ImageBuildError } from "./images/build-layer.ts";
import type { ImageRecipe, LayerRecipe } from "./images/recipe.ts";

/** Images that this machine makes itself, kept in a folder in the form of the OCI image specification. */
export interface ImageLibrary {
  /** Complete names, such as `docker.io/library/nginx:1.25`. */
  readonly names: readonly string[];
  /**
   * Makes images that are not there yet, side by side.
   * @param onBuilt is told of each image as it is ready, with whether it had to be made
   * @throws {ImageBuildError}
   */
  ensure(
    names: readonly string[],
    onBuilt?: (name: string, made: boolean) => void,
    signal?: AbortSignal,
  ): Promise<void>;
  /**
   * The manifest of an image, by a reference of any form; made when it is not there yet. Undefined when no recipe has
   * that name. @throws {ImageBuildError}
   */
  manifest(reference: string, signal?: AbortSignal): Promise<Blob | undefined>;
  /** Where the bytes of a manifest, configuration or layer are; undefined when there are none. */
  blob(digest: string): Promise<{ readonly path: string; readonly sizeBytes: number } | undefined>;
}

/** A piece of an image. */
export interface Blob {
  readonly mediaType: string;
  /** For example `sha256:...`. */
  readonly digest: string;
  readonly size: number;
}

interface BuiltLayer extends Blob {
  /** Digest of the archive before compression. */
  readonly diffId: string;
}

/** Part of every key: changes when the builder makes other bytes of the same recipe. */
const builderVersion = 2;

const mediaTypes = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar+gzip",
} as const;

/**
 * Opens the library in `folder`, which may be shared by many clusters.
 * @param options.recipes default: the catalogue
 */
export function createImageLibrary(options: {
  readonly folder: string;
  readonly recipes?: readonly ImageRecipe[];
  /** Debian release to take packages from; default: this machine's. */
  readonly suite?: string;
}): ImageLibrary {
  const { folder } = options;
  const blobs = createBlobFolder(folder);
  const recipes = new Map(
    (options.recipes ?? imageCatalog()).flatMap((item) => item.names.map((name) => [name, item])),
  );
  const suite = options.suite ?? "bookworm";
  /** What is being made now, so that nothing is made twice at a time. */
  const layersUnderWay = new Map<string, Promise<BuiltLayer>>();

  const layerOf = async (recipe: LayerRecipe, signal?: AbortSignal): Promise<BuiltLayer> => {
    const key = keyOf({ recipe, suite, arch: process.arch, programs: await programVersions([recipe]) });
    const underWay =
      layersUnderWay.get(key) ??
      blobs.cached(`layer-${key}`, () => makeLayer(recipe, signal)).finally(() => layersUnderWay.delete(key));
    layersUnderWay.set(key, underWay);
    return underWay;
  };

  const makeLayer = async (recipe: LayerRecipe, signal?: AbortSignal): Promise<BuiltLayer> => {
    const archive = await buildLayer(recipe, suite, signal);
    const blob = await blobs.put(await compress(archive, { level: 6 }), mediaTypes.layer);
    return { ...blob, diffId: digestOf(archive) };
  };

  const imageOf = async (recipe: ImageRecipe, signal?: AbortSignal): Promise<{ manifest: Blob; made: boolean }> => {
    let made = false;
    const key = keyOf({ recipe, suite, arch: process.arch, programs: await programVersions(recipe.layers) });
    const manifest = await blobs.cached(`image-${key}`, async () => {
      made = true;
      const layers = await Promise.all(recipe.layers.map((layer) => layerOf(layer, signal)));
      const config = await blobs.put(renderConfig(recipe, layers), mediaTypes.config);
      return blobs.put(renderManifest(config, layers), mediaTypes.manifest);
    });
    return { manifest, made };
  };

  return {
    names: [...recipes.keys()],
    async ensure(names, onBuilt, signal) {
      await Promise.all(
        names.map(async (name) => {
          const recipe = recipes.get(name);
          if (recipe === undefined) throw new ImageBuildError(`there is no recipe for the image ${name}`);
          const { made } = await imageOf(recipe, signal);
          onBuilt?.(name, made);
        }),
      );
    },
    async manifest(reference, signal) {
      const name = parseImageName(reference);
      if (name === undefined) return undefined;
      if (name.digest !== "") return blobs.find(name.digest, mediaTypes.manifest);
      const recipe = recipes.get(`${name.repository}:${name.tag}`);
      return recipe === undefined ? undefined : (await imageOf(recipe, signal)).manifest;
    },
    async blob(digest) {
      const found = await blobs.find(digest, "");
      return found === undefined ? undefined : { path: blobs.path(digest), sizeBytes: found.size };
    },
  };
}

/** Programs of the machine change with its packages; what is made of them has to follow. */
async function programVersions(layers: readonly LayerRecipe[]): Promise<readonly string[]> {
  const paths = layers.flatMap((layer) => (layer.kind === "programs" ? layer.programs.map((item) => item.from) : []));
  const versions = await Promise.all(
    paths.map(async (path) => {
      const found = await stat(path).catch(() => undefined);
      return found === undefined ? "missing" : `${found.size} ${found.mtimeMs}`;
    }),
  );
  return versions;
}

const compress = promisify<Buffer, { level: number }, Buffer>(gzip);

function renderConfig(recipe: ImageRecipe, layers: readonly BuiltLayer[]): Buffer {
  const architecture = process.arch === "arm64" ? "arm64" : "amd64";
  const created = new Date(0).toISOString();
  return Buffer.from(
    JSON.stringify({
      architecture,
      os: "linux",
      created,
      config: recipe.config,
      rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffId) },
      history: layers.map(() => ({ created, created_by: "k8ts" })),
    }),
  );
}

function renderManifest(config: Blob, layers: readonly BuiltLayer[]): Buffer {
  return Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config,
      layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    }),
  );
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

function keyOf(value: unknown): string {
  return digestOf(Buffer.from(JSON.stringify({ builderVersion, value }))).slice(
    "sha256:".length,
    "sha256:".length + 32,
  );
}

/** Content by digest, and small records that say what a recipe made. */
interface BlobFolder {
  path(digest: string): string;
  put(content: Buffer, mediaType: string): Promise<Blob>;
  find(digest: string, mediaType: string): Promise<Blob | undefined>;
  /** What `make` made under this key some time ago, or makes now. */
  cached<Made extends Blob>(key: string, make: () => Promise<Made>): Promise<Made>;
}

function createBlobFolder(folder: string): BlobFolder {
  const path = (digest: string): string => join(folder, "blobs", ...digest.split(":"));
  /** Half-written files never carry the name of a whole one. */
  const writeWhole = async (target: string, content: Buffer | string): Promise<void> => {
    await mkdir(join(target, ".."), { recursive: true });
    const temporary = `${target}.${randomUUID()}`;
    await writeFile(temporary, content);
    await rename(temporary, target);
  };
  const find = async (digest: string, mediaType: string): Promise<Blob | undefined> => {
    if (!/^sha256:[0-9a-f]{64}$/.test(digest)) return undefined;
    const found = await stat(path(digest)).catch(() => undefined);
    return found === undefined ? undefined : { mediaType, digest, size: found.size };
  };
  return {
    path,
    find,
    async put(content, mediaType) {
      const digest = digestOf(content);
      if ((await find(digest, mediaType))?.size !== content.length) await writeWhole(path(digest), content);
      return { mediaType, digest, size: content.length };
    },
    async cached<Made extends Blob>(key: string, make: () => Promise<Made>): Promise<Made> {
      const record = join(folder, "made", `${key}.json`);
      const known = await readFile(record, "utf8").catch(() => undefined);
      const blob = known === undefined ? undefined : (JSON.parse(known) as Made);
      if (blob !== undefined && (await find(blob.digest, blob.mediaType))?.size === blob.size) return blob;
      const made = await make();
      await writeWhole(record, JSON.stringify(made));
      return made;
    },
  };
}
