import type { ApiObject } from "../api/metadata.ts";
import { type CacheChange, keyOf, type ObjectCache } from "./informer.ts";

/** Gives the values under which an object is filed. */
export type IndexValues<T> = (object: T) => readonly string[];

/** The writable side of an object cache; only the informer that fills it holds one. */
export interface WritableObjectCache<T> extends ObjectCache<T> {
  /** Declares an index; a name that is taken keeps its first meaning. */
  addIndex(name: string, values: IndexValues<T>): void;
  /** Stores an object. Gives what changed: nothing when it was there in this version already. */
  put(object: T): readonly CacheChange<T>[];
  /** Takes the object of that key out. */
  remove(key: string): readonly CacheChange<T>[];
}

/** Objects filed by value. Built when it is first asked for, because most kinds are never looked up that way. */
interface Index<T> {
  readonly values: IndexValues<T>;
  entries: Map<string, Map<string, T>> | undefined;
}

const namespaceIndex = " namespace";
const ownerIndex = " owner";

/** Creates an empty cache with indexes by namespace and by controlling owner. */
export function createObjectCache<T extends ApiObject>(): WritableObjectCache<T> {
  const objects = new Map<string, T>();
  const indexes = new Map<string, Index<T>>([
    [namespaceIndex, { values: namespaceOf, entries: undefined }],
    [ownerIndex, { values: controllingOwnerOf, entries: undefined }],
  ]);

  const lookUp = (name: string, value: string): readonly T[] => {
    const index = indexes.get(name);
    if (index === undefined) throw new Error(`no index ${name}: declare it with addIndex`);
    if (index.entries === undefined) {
      index.entries = new Map();
      for (const [key, object] of objects) file(index, key, object);
    }
    const found = index.entries.get(value);
    return found === undefined ? [] : [...found.values()];
  };
  const store = (key: string, before: T | undefined, after: T | undefined): CacheChange<T> => {
    if (after === undefined) objects.delete(key);
    else objects.set(key, after);
    for (const index of indexes.values()) refile(index, key, before, after);
    return { before, after };
  };

  return {
    get: (key) => objects.get(key),
    list: (namespace) => (namespace === undefined ? [...objects.values()] : lookUp(namespaceIndex, namespace)),
    ownedBy: (uid) => lookUp(ownerIndex, uid),
    byIndex: lookUp,
    get size() {
      return objects.size;
    },
    addIndex(name, values) {
      if (!indexes.has(name)) indexes.set(name, { values, entries: undefined });
    },
    put(object) {
      const key = keyOf(object);
      const before = objects.get(key);
      if (before === undefined || before.metadata.uid === object.metadata.uid) {
        if (before?.metadata.resourceVersion === object.metadata.resourceVersion) return [];
        return [store(key, before, object)];
      }
      // Another object took the name unseen: whoever counts objects must hear that the first one is gone.
      return [store(key, before, undefined), store(key, undefined, object)];
    },
    remove(key) {
      const before = objects.get(key);
      return before === undefined ? [] : [store(key, before, undefined)];
    },
  };
}

function file<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.values(object)) {
    let filed = index.entries?.get(value);
    if (filed === undefined) {
      filed = new Map();
      index.entries?.set(value, filed);
    }
    filed.set(key, object);
  }
}

function refile<T>(index: Index<T>, key: string, before: T | undefined, after: T | undefined): void {
  if (index.entries === undefined) return;
  const newValues = after === undefined ? [] : index.values(after);
  for (const value of before === undefined ? [] : index.values(before)) {
    if (newValues.includes(value)) continue;
    const filed = index.entries.get(value);
    filed?.delete(key);
    if (filed?.size === 0) index.entries.delete(value);
  }
  if (after !== undefined) file(index, key, after);
}

function namespaceOf(object: ApiObject): readonly string[] {
  return object.metadata.namespace === undefined ? [] : [object.metadata.namespace];
}

function controllingOwnerOf(object: ApiObject): readonly string[] {
  const owner = object.metadata.ownerReferences?.find((reference) => reference.controller === true);
  return owner === undefined ? [] : [owner.uid];
}
