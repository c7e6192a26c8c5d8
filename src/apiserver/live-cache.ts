import type { ApiObject } from "../api/metadata.ts";
import type { Resource } from "../api/resource.ts";
import type { CacheChange, ObjectCache } from "../client/informer.ts";
import type { LiveObjects } from "./live-objects.ts";
import type { ResourceTable } from "./resource-table.ts";
import { selectAll } from "./selection.ts";
import { createObjectIndex, type ObjectIndex } from "./watch-cache/object-index.ts";
import type { ResourceCache } from "./watch-cache/resource-cache.ts";
import type { WatchCache } from "./watch-cache.ts";

/** An index by a function, built when it is first asked for. */
interface LazyIndex {
  readonly valuesOf: (object: ApiObject) => readonly string[];
  built: ObjectIndex | undefined;
}

const ownerIndex = " owner";

/** The server's own view of its objects, straight from the watch cache: current to the last acknowledged write. */
export function createLiveObjects(cache: WatchCache, table: ResourceTable): LiveObjects {
  const indexes = new Map<ResourceCache, Map<string, LazyIndex>>();

  const cacheOf = (resource: Resource): ResourceCache => cache.of(table.of(resource));
  const indexesOf = (objects: ResourceCache): Map<string, LazyIndex> => {
    let known = indexes.get(objects);
    if (known === undefined) {
      known = new Map([[ownerIndex, { valuesOf: controllingOwnerOf, built: undefined }]]);
      indexes.set(objects, known);
      const lazy = known;
      objects.onChange(({ before, after }) => {
        for (const { built } of lazy.values()) built?.replace(before, after);
      });
    }
    return known;
  };
  const lookUp = (objects: ResourceCache, name: string, value: string): readonly ApiObject[] => {
    const index = indexesOf(objects).get(name);
    if (index === undefined) throw new Error(`no index ${name}: declare it with addIndex`);
    index.built ??= createObjectIndex((object) => index.valuesOf(object.value), objects.values());
    return [...index.built.under(value).values()].map((object) => object.value);
  };
  const view = (objects: ResourceCache): ObjectCache<ApiObject> => ({
    get: (key) => objects.get(key)?.value,
    list: (namespace) => objects.select(selectAll(objects.served, namespace)).map((object) => object.value),
    ownedBy: (uid) => lookUp(objects, ownerIndex, uid),
    byIndex: (name, value) => lookUp(objects, name, value),
    get size() {
      return objects.size;
    },
  });

  return {
    of<T extends ApiObject>(resource: Resource<T>) {
      const objects = cacheOf(resource as Resource);
      return {
        cache: view(objects) as unknown as ObjectCache<T>,
        onChange(listener: (change: CacheChange<T>) => void) {
          for (const object of objects.values()) listener({ before: undefined, after: object.value as T });
          return objects.onChange(({ before, after }) =>
            listener({ before: before?.value as T | undefined, after: after?.value as T | undefined }),
          );
        },
      };
    },
    addIndex(resource, name, values) {
      const known = indexesOf(cacheOf(resource as Resource));
      if (!known.has(name)) known.set(name, { valuesOf: values as LazyIndex["valuesOf"], built: undefined });
    },
  };
}

function controllingOwnerOf({ metadata }: ApiObject): readonly string[] {
  const owner = metadata.ownerReferences?.find((reference) => reference.controller === true);
  return owner === undefined ? [] : [owner.uid];
}
