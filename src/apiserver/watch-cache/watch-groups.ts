import type { ServedResource } from "../resource-table.ts";
import { type Selection, selectableField } from "../selection.ts";
import type { StoredObject } from "../stored-object.ts";
import { type Change, viewOf, type WatchedEvent } from "./change.ts";
import type { Watcher } from "./watcher.ts";

/** The watchers of one kind, arranged so that a change meets only those that might care. */
export interface WatchGroups {
  readonly size: number;
  /** Adds a watcher. Returns how to take it out. */
  join(selection: Selection, watcher: Watcher): () => void;
  /** Hands the changes of one commit to everyone who selects them: one batch each. */
  dispatch(changes: readonly Change[]): void;
  forEach(visit: (watcher: Watcher) => void): void;
}

/** Watchers with equal selections: filtered once, encoded once. */
interface Group {
  readonly selection: Selection;
  readonly bucket: string;
  readonly watchers: Set<Watcher>;
  /** What the commit at hand holds for them. */
  events: WatchedEvent[];
}

const everywhere = "all";

/** Creates an arrangement without watchers. */
export function createWatchGroups(served: ServedResource): WatchGroups {
  const groups = new Map<string, Group>();
  const buckets = new Map<string, Set<Group>>();
  /** Fields by which some bucket is chosen, with the number of such buckets. */
  const usedFields = new Map<string, number>();
  let size = 0;

  const addGroup = (selection: Selection): Group => {
    const bucket = bucketOf(served, selection);
    const group: Group = { selection, bucket: bucket.key, watchers: new Set(), events: [] };
    groups.set(selection.id, group);
    const known = buckets.get(bucket.key);
    if (known !== undefined) known.add(group);
    else {
      buckets.set(bucket.key, new Set([group]));
      if (bucket.field !== undefined) usedFields.set(bucket.field, (usedFields.get(bucket.field) ?? 0) + 1);
    }
    return group;
  };
  const removeGroup = (group: Group): void => {
    groups.delete(group.selection.id);
    const bucket = buckets.get(group.bucket);
    bucket?.delete(group);
    if (bucket === undefined || bucket.size > 0) return;
    buckets.delete(group.bucket);
    const { field } = bucketOf(served, group.selection);
    if (field === undefined) return;
    const left = (usedFields.get(field) ?? 0) - 1;
    if (left > 0) usedFields.set(field, left);
    else usedFields.delete(field);
  };
  const bucketsFor = (change: Change): Set<string> => {
    const object = (change.after ?? change.before) as StoredObject;
    const keys = new Set([everywhere, `namespace ${object.namespace}`, `key ${change.key}`]);
    for (const field of usedFields.keys())
      for (const version of [change.before, change.after])
        if (version !== undefined) keys.add(fieldBucket(field, selectableField(served, version.value, field)));
    return keys;
  };
  const offer = (change: Change, group: Group): boolean => {
    const event = viewOf(change, group.selection);
    if (event !== undefined) group.events.push(event);
    return event !== undefined;
  };

  return {
    get size() {
      return size;
    },
    join(selection, watcher) {
      const group = groups.get(selection.id) ?? addGroup(selection);
      group.watchers.add(watcher);
      size += 1;
      return () => {
        if (!group.watchers.delete(watcher)) return;
        size -= 1;
        if (group.watchers.size === 0) removeGroup(group);
      };
    },
    dispatch(changes) {
      if (size === 0) return;
      const touched = new Set<Group>();
      for (const change of changes)
        for (const key of bucketsFor(change))
          for (const group of buckets.get(key) ?? []) if (offer(change, group)) touched.add(group);
      for (const group of touched) {
        const batch = { events: group.events, frames: new Map<string, Uint8Array>() };
        group.events = [];
        for (const watcher of group.watchers) watcher.deliver(batch);
      }
    },
    forEach(visit) {
      for (const group of groups.values()) for (const watcher of group.watchers) visit(watcher);
    },
  };
}

/** Where a group waits: under the narrowest thing that its selection requires. */
function bucketOf(served: ServedResource, selection: Selection): { readonly key: string; readonly field?: string } {
  const { name, namespace } = selection;
  if (name !== undefined && (namespace !== "" || !served.resource.namespaced))
    return { key: `key ${namespace === "" ? name : `${namespace}/${name}`}` };
  for (const field of Object.keys(served.definition.selectableFields ?? {})) {
    const value = selection.fields.requiredValue(field);
    if (value !== undefined) return { key: fieldBucket(field, value), field };
  }
  return { key: namespace === "" ? everywhere : `namespace ${namespace}` };
}

function fieldBucket(field: string, value: string): string {
  return `field ${field}=${value}`;
}
