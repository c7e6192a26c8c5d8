import type { ObjectReference } from "../../api/types/core-v1.ts";
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import type { EventRecorder } from "../../client/event-recorder.ts";
import type { MachinePressure } from "../node-facts.ts";
import type { Image, Runtime } from "../runtime.ts";
import { candidates, type ImageCollectionPolicy, type ImageUse, planImageCollection } from "./plan-image-collection.ts";

/** Removes images that nobody uses when the disk fills up. */
export interface ImageCollector {
  /** Images on the node, as last listed. */
  readonly images: readonly Image[];
  /** Lists images anew, and removes as many as the policy wants. */
  collect(left: MachinePressure): Promise<void>;
  /** Removes all unused images. @returns whether there were any */
  removeUnused(): Promise<boolean>;
}

/** Creates a collector that has seen no images. */
export function createImageCollector(options: {
  readonly runtime: Pick<Runtime, "images" | "listContainers">;
  readonly policy: ImageCollectionPolicy;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly recorder: EventRecorder;
  readonly nodeReference: ObjectReference;
}): ImageCollector {
  const { runtime, policy, clock, logger, recorder, nodeReference } = options;
  const memory = new Map<string, { readonly firstSeenMs: number; lastUsedMs: number }>();
  let images: readonly Image[] = [];

  const look = async (): Promise<readonly ImageUse[]> => {
    const [listed, containers] = await Promise.all([runtime.images.list(), runtime.listContainers()]);
    images = listed;
    const used = new Set(containers.flatMap(({ imageRef, image }) => [imageRef, image]));
    const nowMs = clock.nowMs();
    const present = new Set(listed.map(({ id }) => id));
    for (const id of memory.keys()) if (!present.has(id)) memory.delete(id);
    return listed.map((image) => {
      const known = memory.get(image.id) ?? { firstSeenMs: nowMs, lastUsedMs: 0 };
      const isInUse = [image.id, ...image.tags, ...image.digests].some((name) => used.has(name));
      if (isInUse) known.lastUsedMs = nowMs;
      memory.set(image.id, known);
      return { image, isInUse, firstSeenMs: known.firstSeenMs, lastUsedMs: known.lastUsedMs };
    });
  };
  const remove = async (unused: readonly Image[]): Promise<void> => {
    for (const { id, sizeBytes } of unused) {
      logger.info("removing an unused image", { id, sizeBytes });
      await runtime.images.remove(id);
    }
    images = images.filter(({ id }) => !unused.some((image) => image.id === id));
  };

  return {
    get images() {
      return images;
    },
    async collect({ diskAvailableBytes: availableBytes, diskCapacityBytes: capacityBytes }) {
      const uses = await look();
      const plan = planImageCollection(uses, { availableBytes, capacityBytes }, policy, clock.nowMs());
      await remove(plan.remove);
      if (plan.freedBytes >= plan.wantedBytes) return;
      const message = `Failed to garbage collect required amount of images. Attempted to free ${plan.wantedBytes} bytes, but only found ${plan.freedBytes} bytes eligible to free.`;
      recorder.record(nodeReference, "Warning", "FreeDiskSpaceFailed", message);
    },
    async removeUnused() {
      const unused = candidates(await look(), policy, clock.nowMs()).map(({ image }) => image);
      await remove(unused);
      return unused.length > 0;
    },
  };
}
