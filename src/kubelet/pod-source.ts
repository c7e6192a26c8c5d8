import type { Pod } from "../api/types/core-v1.ts";

/** Where a node agent hears of pods that it should run: the API, or a folder of manifests. */
export interface PodSource {
  /** Resolves when all pods that the source has now have been reported. */
  synced(signal: AbortSignal): Promise<void>;
  /** Reports every pod, now and whenever one is added, changed or gone. Returns how to stop. */
  onChange(
    listener: (change: { readonly before: Pod | undefined; readonly after: Pod | undefined }) => void,
  ): () => void;
}
