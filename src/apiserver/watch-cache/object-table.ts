import type { ServedResource } from "../resource-table.ts";
import type { Selection } from "../selection.ts";
import type { StoredObject } from "../stored-object.ts";
import { createObjectIndex, type IndexedTerm, indexedTerm, type ObjectIndex } from "./object-index.ts";
import { compareKeys, createOrderedMap, type OrderedMap } from "./ordered-map.ts";

/** Objects of one kind in the order of their keys, as they stand at one moment. */
export type Snapshot = Pick<OrderedMap<StoredObject>, "get" | "size" | "visitRange" | "countRange">;

/** The objects of one kind, found by key, by namespace and by what selectors ask for. */
export interface ObjectTable {
  readonly size: number;
  get(key: string): StoredObject | undefined;
  /** Puts an object in, or takes it out. Returns what was there. */
  replace(key: string, after: StoredObject | undefined): StoredObject | undefined;
  /** Objects that a selection shows, in order of their keys. */
  select(selection: Selection): StoredObject[];
  values(): Iterable<StoredObject>;
  /** A copy that can be changed without changing the table; takes no time until then. */
  copy(): OrderedMap<StoredObject>;
}

/** Below this many objects a look at each is faster than keeping an index. */
const indexThreshold = 200;
/** Most indexes of one kind: each costs a little at every write. */
const maxIndexes = 12;

/** Creates a table of objects. */
export function createObjectTable(served: ServedResource, objects: Iterable<StoredObject>): ObjectTable {
  const tree = createOrderedMap<StoredObject>();
  for (const object of objects) tree.set(object.key, object);
  const indexes = new Map<string, ObjectIndex>();

  /** The index that answers a term; the one that was not asked for longest makes room for a new one. */
  const indexFor = (term: IndexedTerm): ObjectIndex => {
    const index = indexes.get(term.index) ?? createObjectIndex(term.valuesOf, tree.values());
    indexes.delete(term.index);
    for (const oldest of indexes.keys()) {
      if (indexes.size < maxIndexes) break;
      indexes.delete(oldest);
    }
    indexes.set(term.index, index);
    return index;
  };
  /** Objects that meet one term of the selection, where looking through them is less work than looking at all. */
  const shortlist = (selection: Selection): ReadonlyMap<string, StoredObject> | undefined => {
    const term = tree.size < indexThreshold ? undefined : indexedTerm(served, selection);
    if (term === undefined) return undefined;
    const found = indexFor(term).under(term.value);
    const { low, high } = keyRange(selection.namespace);
    return selection.namespace !== "" && found.size > tree.countRange(low, high) ? undefined : found;
  };

  return {
    get size() {
      return tree.size;
    },
    get: (key) => tree.get(key),
    replace(key, after) {
      const before = tree.get(key);
      if (after === undefined) tree.delete(key);
      else tree.set(key, after);
      for (const index of indexes.values()) index.replace(before, after);
      return before;
    },
    select(selection) {
      const only = onlyKey(served, selection);
      if (only !== undefined) {
        const object = tree.get(only);
        return object !== undefined && selection.matches(object) ? [object] : [];
      }
      const found: StoredObject[] = [];
      const listed = shortlist(selection);
      if (listed !== undefined) {
        for (const object of listed.values()) if (selection.matches(object)) found.push(object);
        return found.sort((a, b) => compareKeys(a.key, b.key));
      }
      const { low, high } = keyRange(selection.namespace);
      tree.visitRange(low, high, (object) => {
        if (selection.matches(object)) found.push(object);
        return true;
      });
      return found;
    },
    values: () => tree.values(),
    copy: () => tree.clone(),
  };
}

/** The key of the one object that a selection can show; undefined when there may be several. */
export function onlyKey(served: ServedResource, { name, namespace }: Selection): string | undefined {
  if (name === undefined) return undefined;
  if (!served.resource.namespaced) return name;
  return namespace === "" ? undefined : `${namespace}/${name}`;
}

/** The keys of one namespace, or of all: from `low` up to `high`, which is left out. */
export function keyRange(namespace: string): { readonly low: string; readonly high: string } {
  // `0` follows `/`, and no key reaches U+FFFF.
  return namespace === "" ? { low: "", high: "\uffff" } : { low: `${namespace}/`, high: `${namespace}0` };
}
