import { expired, type StatusError } from "../../api/status-error.ts";
import type { Clock } from "../../base/clock.ts";
import type { ServedResource } from "../resource-table.ts";
import type { Selection } from "../selection.ts";
import type { Encode, StoredObject } from "../stored-object.ts";
import { type Change, createChange, createEvent, viewOf, type WatchedEvent } from "./change.ts";
import { createEventWindow } from "./event-window.ts";
import { createObjectTable, type Snapshot } from "./object-table.ts";
import { createWatchGroups } from "./watch-groups.ts";
import { batches, createWatcher, type Watcher, type WatchSink } from "./watcher.ts";

/** Where a watch begins. */
export interface WatchStart {
  /** Changes after this revision; undefined for the present objects and then changes. */
  readonly afterRevision: number | undefined;
  /** A bookmark tells where the present objects end. */
  readonly marksInitialEnd: boolean;
}

/** All objects of one kind in memory, with their recent past and those who watch them. */
export interface ResourceCache {
  readonly served: ServedResource;
  readonly size: number;
  get(key: string): StoredObject | undefined;
  /** Objects that a selection shows, in order of their keys. */
  select(selection: Selection): StoredObject[];
  values(): Iterable<StoredObject>;
  /** The objects as they were at a revision; undefined when that is no longer known here. */
  snapshotAt(revision: number): Snapshot | undefined;
  /** Calls back with every change, before watchers hear of it. Returns how to stop. */
  onChange(listener: (change: Change) => void): () => void;
  /** @throws {StatusError} Expired when the start is too old */
  watch(selection: Selection, start: WatchStart, sink: WatchSink): Watcher;
  /** Takes in what one commit did to objects of this kind. */
  apply(changes: readonly ObjectChange[]): void;
  endWatches(error: StatusError | undefined): void;
}

/** What a commit did to one object. */
export interface ObjectChange {
  readonly key: string;
  readonly revision: number;
  /** Undefined when it was deleted. */
  readonly after: StoredObject | undefined;
}

/** Earlier states that are kept for those who page through them. */
const maxSnapshots = 8;
/** Present objects that a new watch is sent at a time. */
const initialBatchSize = 256;

/** Creates the cache of a kind as it is at `revision`. */
export function createResourceCache(
  served: ServedResource,
  objects: Iterable<StoredObject>,
  options: {
    readonly revision: number;
    /** The newest revision of the whole server. */
    readonly currentRevision: () => number;
    readonly clock: Clock;
    readonly encode: Encode;
    readonly maxWindowChanges: number;
  },
): ResourceCache {
  const table = createObjectTable(served, objects);
  const window = createEventWindow(options.revision, options.maxWindowChanges);
  const groups = createWatchGroups(served);
  const listeners = new Set<(change: Change) => void>();
  const snapshots = new Map<number, Snapshot>();

  const firstEvents = (selection: Selection, afterRevision: number | undefined): Iterable<WatchedEvent> =>
    afterRevision === undefined
      ? table.select(selection).map((object) => createEvent("ADDED", object))
      : window.after(afterRevision).flatMap((change) => viewOf(change, selection) ?? []);

  const takeIn = ({ key, revision, after }: ObjectChange, atMs: number): Change | undefined => {
    const before = table.replace(key, after);
    if (before === undefined && after === undefined) return undefined;
    const change = createChange({ key, revision, after, before, atMs }, options.encode);
    window.add(change);
    return change;
  };

  return {
    served,
    get size() {
      return table.size;
    },
    get: table.get,
    select: table.select,
    values: table.values,
    snapshotAt(revision) {
      if (revision >= options.currentRevision()) return table.copy();
      const known = snapshots.get(revision);
      if (known !== undefined) return known;
      if (revision < window.oldestStart) return undefined;
      const past = table.copy();
      for (const { key, before } of window.after(revision).toReversed())
        if (before === undefined) past.delete(key);
        else past.set(key, before);
      remember(snapshots, revision, past);
      return past;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    watch(selection, { afterRevision, marksInitialEnd }, sink) {
      if (afterRevision !== undefined && afterRevision < window.oldestStart)
        throw expired(`too old resource version: ${afterRevision} (${window.oldestStart})`);
      let leave = (): void => undefined;
      const watcher = createWatcher({
        sink,
        initial: batches(firstEvents(selection, afterRevision), initialBatchSize),
        initialEnd: marksInitialEnd ? options.currentRevision() : undefined,
        onEnd: () => leave(),
      });
      leave = groups.join(selection, watcher);
      watcher.resume();
      return watcher;
    },
    apply(objectChanges) {
      const atMs = options.clock.nowMs();
      const changes = objectChanges.flatMap((change) => takeIn(change, atMs) ?? []);
      for (const change of changes) for (const listener of listeners) listener(change);
      groups.dispatch(changes);
    },
    endWatches: (error) => groups.forEach((watcher) => watcher.end(error)),
  };
}

function remember(snapshots: Map<number, Snapshot>, revision: number, snapshot: Snapshot): void {
  for (const oldest of snapshots.keys()) {
    if (snapshots.size < maxSnapshots) break;
    snapshots.delete(oldest);
  }
  snapshots.set(revision, snapshot);
}
