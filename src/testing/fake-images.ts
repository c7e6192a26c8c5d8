import { type Clock, sleep } from "../base/clock.ts";
import { type Image, type Images, type RegistryCredential, RuntimeError } from "../kubelet/runtime.ts";

/** An image that can be fetched. */
export interface RegistryImage {
  readonly sizeBytes?: number;
  /** The user that it runs as. */
  readonly uid?: number;
  readonly username?: string;
  /** How long a pull takes. Default 0. */
  readonly takesMs?: number;
  /** What a pull fails with. */
  readonly fails?: () => RuntimeError | undefined;
  /** Only a login with this name gets it. */
  readonly login?: string;
}

/** Images on a node that exists in memory, and a registry to fetch more from. */
export interface FakeImages extends Images {
  /** Puts an image on the node. */
  put(name: string, image?: RegistryImage): void;
  /** Makes an image available for fetching. */
  publish(name: string, image?: RegistryImage): void;
  /** Every pull with the credentials that came with it. */
  readonly pulls: readonly { readonly reference: string; readonly credentials: readonly RegistryCredential[] }[];
}

const defaultSizeBytes = 1_000_000;

/** Creates a node without images and an empty registry. */
export function createImageStore(clock: Clock): FakeImages {
  const present = new Map<string, Image>();
  const registry = new Map<string, RegistryImage>();
  const pulls: { reference: string; credentials: readonly RegistryCredential[] }[] = [];
  const never = new AbortController().signal;

  const put = (name: string, { sizeBytes = defaultSizeBytes, uid, username }: RegistryImage = {}): Image => {
    const image: Image = {
      id: `sha256:${name}`,
      tags: [name],
      digests: [`${name.split(":")[0]}@sha256:${name}`],
      sizeBytes,
      ...(uid === undefined ? {} : { uid }),
      ...(username === undefined ? {} : { username }),
    };
    present.set(name, image);
    return image;
  };
  return {
    pulls,
    put: (name, image) => void put(name, image),
    publish: (name, image = {}) => void registry.set(name, image),
    find: async (reference) =>
      [...present.values()].find(
        ({ id, tags, digests }) => id === reference || tags.includes(reference) || digests.includes(reference),
      ),
    list: async () => [...present.values()],
    async pull(reference, credentials, signal) {
      pulls.push({ reference, credentials });
      const image = registry.get(reference);
      if (image === undefined) {
        const message = `failed to pull and unpack image "${reference}": not found`;
        throw new RuntimeError("notFound", message, { rpcCode: "NotFound" });
      }
      if ((image.takesMs ?? 0) > 0) await sleep(clock, image.takesMs ?? 0, signal ?? never);
      const failure = image.fails?.();
      if (failure !== undefined) throw failure;
      if (image.login !== undefined && !credentials.some(({ username }) => username === image.login))
        throw new RuntimeError("failed", `pull access denied for ${reference}`, { rpcCode: "Unknown" });
      return put(reference, image);
    },
    async remove(id) {
      for (const [name, image] of present) if (image.id === id) present.delete(name);
    },
  };
}
