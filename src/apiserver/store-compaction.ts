import { type Clock, sleep } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import { type Store, StoreClosedError } from "../storage/store.ts";

/** How long superseded versions are kept at least, and how often the older ones are dropped. Source: kube-apiserver's `--etcd-compaction-interval`. */
const intervalMs = 5 * 60_000;

/**
 * Drops superseded versions once they are between one and two intervals old, until the signal is aborted: lists in
 * pages and watches that go further back end with 410.
 */
export async function keepStoreCompact(
  { store, clock, logger }: { readonly store: Store; readonly clock: Clock; readonly logger: Logger },
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const revision = store.revision;
    try {
      await sleep(clock, intervalMs, signal);
      await store.compact(revision);
    } catch (error) {
      if (signal.aborted || error instanceof StoreClosedError) return;
      logger.warn("store not compacted", { revision, error });
    }
  }
}
