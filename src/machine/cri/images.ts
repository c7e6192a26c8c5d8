import { type Image, type Images, type RegistryCredential, RuntimeError } from "../../kubelet/runtime.ts";
import type { GrpcChannel } from "./channel.ts";
import { methods } from "./methods.ts";
import { readImage } from "./read-state.ts";

/**
 * The verbs of images, over the runtime's wire interface.
 * @param sandboxImage is never collected as garbage: no container uses it, but every pod needs it
 */
export function createImages(channel: GrpcChannel, sandboxImage: string): Images {
  const read = (wire: Parameters<typeof readImage>[0]): Image => {
    const image = readImage(wire);
    return image.tags.includes(sandboxImage) ? { ...image, pinned: true } : image;
  };
  const find = async (reference: string, signal?: AbortSignal): Promise<Image | undefined> => {
    const { image } = await channel.call(methods.imageStatus, { image: { image: reference } }, { signal });
    return image === undefined ? undefined : read(image);
  };

  const pullOnce = async (
    reference: string,
    credential: RegistryCredential | undefined,
    signal?: AbortSignal,
  ): Promise<Image> => {
    const request = { image: { image: reference }, auth: credential };
    const { imageRef } = await channel.call(methods.pullImage, request, { signal });
    const image = await find(imageRef, signal);
    if (image === undefined) throw new RuntimeError("notFound", `image "${reference}" vanished after it was pulled`);
    return image;
  };

  return {
    find,
    async list(signal) {
      const { images } = await channel.call(methods.listImages, {}, { signal });
      return images.map(read);
    },
    async pull(reference, credentials, signal) {
      let failure: unknown;
      for (const credential of credentials.length === 0 ? [undefined] : credentials) {
        try {
          return await pullOnce(reference, credential, signal);
        } catch (error) {
          if (signal?.aborted === true || !(error instanceof RuntimeError)) throw error;
          failure = error;
        }
      }
      throw failure;
    },
    async remove(id, signal) {
      await channel.call(methods.removeImage, { image: { image: id } }, { signal });
    },
  };
}
