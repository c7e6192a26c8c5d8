import type { ServedResource } from "../resource-table.ts";
import type { Selection } from "../selection.ts";
import type { Watcher, WatchSink } from "../watch-cache/watcher.ts";
import type { WatchCache } from "../watch-cache.ts";
import { parseResourceVersion } from "./resource-version.ts";

/** What to watch, and from when. */
export interface WatchRequest {
  readonly selection: Selection;
  readonly resourceVersion?: string | undefined;
  readonly allowBookmarks?: boolean | undefined;
  /** Left out: the present objects come first unless a version is given. */
  readonly sendInitialEvents?: boolean | undefined;
}

/**
 * Starts a watch.
 * @throws {StatusError} BadRequest; Expired for a version that is too old, Timeout for one that is not there yet
 */
export async function watchObjects(
  cache: WatchCache,
  served: ServedResource,
  request: WatchRequest,
  sink: WatchSink,
  signal?: AbortSignal,
): Promise<Watcher> {
  const revision = parseResourceVersion(request.resourceVersion);
  if (revision !== undefined && revision > cache.revision) await cache.waitFor(revision, signal);
  const isUnversioned = revision === undefined || revision === 0;
  const wantsInitial = request.sendInitialEvents ?? isUnversioned;
  const start = {
    afterRevision: wantsInitial ? undefined : isUnversioned ? cache.revision : revision,
    marksInitialEnd: wantsInitial && request.allowBookmarks === true,
  };
  return cache.of(served).watch(request.selection, start, sink);
}
