import type { Image } from "../runtime.ts";

/** When unused images are removed. Source: Kubernetes documentation, "Garbage Collection". */
export interface ImageCollectionPolicy {
  /** Share of the disk in use from which on images are removed. */
  readonly highShare: number;
  /** Share that is aimed for. */
  readonly lowShare: number;
  /** Images seen for a shorter time are left alone. */
  readonly minAgeMs: number;
}

export const defaultImageCollection: ImageCollectionPolicy = { highShare: 0.85, lowShare: 0.8, minAgeMs: 120_000 };

/** An image with what is known of its use. */
export interface ImageUse {
  readonly image: Image;
  readonly isInUse: boolean;
  readonly firstSeenMs: number;
  readonly lastUsedMs: number;
}

/** Images to remove, those longest unused first, and how much space that is to free. */
export interface ImageCollectionPlan {
  readonly remove: readonly Image[];
  readonly wantedBytes: number;
  readonly freedBytes: number;
}

/** Picks the images to remove so that enough of the disk is free again; nothing while it is. */
export function planImageCollection(
  uses: readonly ImageUse[],
  disk: { readonly availableBytes: number; readonly capacityBytes: number },
  policy: ImageCollectionPolicy,
  nowMs: number,
): ImageCollectionPlan {
  const usedBytes = disk.capacityBytes - disk.availableBytes;
  const isFull = disk.capacityBytes > 0 && usedBytes / disk.capacityBytes >= policy.highShare;
  const wantedBytes = isFull ? Math.ceil(usedBytes - disk.capacityBytes * policy.lowShare) : 0;
  const remove: Image[] = [];
  let freedBytes = 0;
  for (const { image } of candidates(uses, policy, nowMs)) {
    if (freedBytes >= wantedBytes) break;
    remove.push(image);
    freedBytes += image.sizeBytes;
  }
  return { remove, wantedBytes, freedBytes };
}

/** Unused images that are old enough, longest unused first. */
export function candidates(
  uses: readonly ImageUse[],
  policy: Pick<ImageCollectionPolicy, "minAgeMs">,
  nowMs: number,
): readonly ImageUse[] {
  return uses
    .filter(
      ({ image, isInUse, firstSeenMs }) => !isInUse && image.pinned !== true && nowMs - firstSeenMs >= policy.minAgeMs,
    )
    .sort((a, b) => a.lastUsedMs - b.lastUsedMs || a.firstSeenMs - b.firstSeenMs);
}
