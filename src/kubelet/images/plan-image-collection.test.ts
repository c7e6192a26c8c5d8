import { describe, expect, it } from "vitest";
import { defaultImageCollection, type ImageUse, planImageCollection } from "./plan-image-collection.ts";

const nowMs = 1_000_000;
const use = (id: string, changes: Partial<ImageUse> = {}, pinned = false): ImageUse => ({
  image: { id, tags: [], digests: [], sizeBytes: 10, pinned },
  isInUse: false,
  firstSeenMs: 0,
  lastUsedMs: 0,
  ...changes,
});
const plan = (uses: readonly ImageUse[], availableBytes: number) => {
  const { remove, ...rest } = planImageCollection(
    uses,
    { availableBytes, capacityBytes: 100 },
    defaultImageCollection,
    nowMs,
  );
  return { remove: remove.map(({ id }) => id), ...rest };
};

describe("planImageCollection", () => {
  it("leaves everything while the disk is not full", () => {
    expect(plan([use("a")], 16)).toEqual({ remove: [], wantedBytes: 0, freedBytes: 0 });
  });

  it("frees down to the lower share, longest unused first", () => {
    const uses = [use("new", { lastUsedMs: 30 }), use("old", { lastUsedMs: 10 }), use("mid", { lastUsedMs: 20 })];
    expect(plan(uses, 5)).toEqual({ remove: ["old", "mid"], wantedBytes: 15, freedBytes: 20 });
  });

  it("spares what is in use, pinned or has just come", () => {
    const uses = [
      use("used", { isInUse: true }),
      use("pinned", {}, true),
      use("young", { firstSeenMs: nowMs - 119_999 }),
    ];
    expect(plan(uses, 5)).toEqual({ remove: [], wantedBytes: 15, freedBytes: 0 });
  });
});
