import { decodeObject } from "../api/decode.ts";
import type { Input } from "../api/draft.ts";
import { findKind, servedKinds } from "../api/kinds.ts";
import type { ApiObject } from "../api/metadata.ts";
import { apiVersionOf, type Resource } from "../api/resource.ts";
import { createSchemaRegistry } from "../api/schema.ts";
import type { LiveObjects } from "../apiserver/live-objects.ts";
import type { CacheChange } from "../client/informer.ts";
import { createObjectCache, type WritableObjectCache } from "../client/object-cache.ts";

/** Live objects that a test puts in and takes out by hand, for units that look at the cluster but never write to it. */
export interface FixedObjects extends LiveObjects {
  /** Adds or replaces an object; what a server fills in (uid, version, creation time) is filled in here too. */
  put<T extends ApiObject>(resource: Resource<T>, object: Input<T>): T;
  remove(resource: Resource, key: string): void;
}

interface Kind {
  // oxlint-disable-next-line typescript/no-explicit-any -- caches of unlike kinds stand in one map
  readonly cache: WritableObjectCache<any>;
  readonly listeners: Set<(change: CacheChange<ApiObject>) => void>;
}

/** Creates an empty set of objects. */
export function createFixedObjects(): FixedObjects {
  const registry = createSchemaRegistry();
  const kinds = new Map<string, Kind>();
  let version = 0;
  const kindOf = (resource: Resource): Kind => {
    const id = `${apiVersionOf(resource)}/${resource.plural}`;
    const kind = kinds.get(id) ?? { cache: createObjectCache<ApiObject>(), listeners: new Set() };
    kinds.set(id, kind);
    return kind;
  };
  return {
    of(resource) {
      const { cache, listeners } = kindOf(resource as Resource);
      return {
        cache,
        onChange(listener) {
          const own = listener as (change: CacheChange<ApiObject>) => void;
          listeners.add(own);
          for (const after of cache.list()) own({ before: undefined, after });
          return () => void listeners.delete(own);
        },
      };
    },
    addIndex: (resource, name, values) => kindOf(resource as Resource).cache.addIndex(name, values),
    put(resource, object) {
      version += 1;
      const complete = completed(resource, object, version, registry);
      const { cache, listeners } = kindOf(resource as Resource);
      for (const change of cache.put(complete)) for (const listener of listeners) listener(change);
      return complete;
    },
    remove(resource, key) {
      const { cache, listeners } = kindOf(resource);
      for (const change of cache.remove(key)) for (const listener of listeners) listener(change);
    },
  };
}

function completed<T extends ApiObject>(
  resource: Resource<T>,
  object: Input<T>,
  version: number,
  registry: ReturnType<typeof createSchemaRegistry>,
): T {
  const apiVersion = apiVersionOf(resource);
  const row = servedKinds.find((kind) => kind.plural === resource.plural && apiVersionOf(kind) === apiVersion);
  const type = row?.type ?? findKind(apiVersion, resource.kind)?.type;
  if (type === undefined) throw new Error(`no kind ${resource.kind}`);
  const given = object as { readonly metadata?: Record<string, unknown> };
  const name = String(given.metadata?.["name"]);
  const metadata = { uid: `uid-of-${name}`, creationTimestamp: "2026-01-01T00:00:00Z", ...given.metadata };
  const whole = {
    ...(object as object),
    apiVersion,
    kind: resource.kind,
    metadata: { ...metadata, resourceVersion: String(version) },
  };
  return Object.freeze(decodeObject<T>(registry.struct(type), whole).object);
}
