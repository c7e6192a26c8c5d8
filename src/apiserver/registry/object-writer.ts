import { freezeDeep } from "../../api/freeze.ts";
import type { ApiObject } from "../../api/metadata.ts";
import { unknownFailure } from "../../api/status-error.ts";
import type { Clock } from "../../base/clock.ts";
import type { Store } from "../../storage/store.ts";
import { encodeJson } from "../object-codec.ts";
import type { ServedResource } from "../resource-table.ts";
import { StoredObject } from "../stored-object.ts";
import type { WatchCache, WrittenObject } from "../watch-cache.ts";
import { writtenMetadata } from "./object-metadata.ts";
import type { ObjectDraft } from "./write-request.ts";

/** Puts finished objects into the store. */
export interface ObjectWriter {
  /**
   * Writes an object whose key must stand at `expectedRevision` (0: must not exist).
   * @returns the object as stored; undefined when the key stood elsewhere
   * @throws {StatusError} when the object is too large
   */
  put(
    served: ServedResource,
    key: string,
    draft: ObjectDraft,
    expectedRevision: number,
  ): Promise<StoredObject | undefined>;
  /**
   * Deletes an object that must stand at `expectedRevision`.
   * @returns the revision of the deletion; undefined when the key stood elsewhere
   */
  remove(served: ServedResource, key: string, expectedRevision: number): Promise<number | undefined>;
  /** The object as a write would leave it, for requests that only try. */
  pretend(served: ServedResource, key: string, draft: ObjectDraft, resourceVersion: string): StoredObject;
}

/** Largest object, in bytes of JSON. Source: the default request limit of etcd, 1.5 MiB. */
export const maxObjectBytes = 1.5 * 1024 * 1024;

/** Room for a version: written as nothing first, filled in at the commit. */
const versionField = '"resourceVersion":"';
const versionPlaceholder = "0";

/** Creates a writer over a store that feeds `cache`. */
export function createObjectWriter(store: Store, cache: WatchCache, clock: Clock): ObjectWriter {
  return {
    async put(served, key, draft, expectedRevision) {
      const { encode } = cache.codecOf(served);
      const value = finishObject(served, draft, versionPlaceholder);
      const text = encodeText(value);
      const at = text.indexOf(versionField) + versionField.length;
      const written: WrittenObject = { object: undefined };
      const { ttlSeconds } = served.storedAs.definition;
      const result = await store.commit([
        {
          key: served.keyPrefix + key,
          expectedRevision,
          attachment: written,
          ...(ttlSeconds === undefined ? {} : { expiresAtMs: clock.nowMs() + ttlSeconds * 1000 }),
          encode(revision) {
            const version = String(revision);
            value.metadata.resourceVersion = version;
            const bytes = encoder.encode(text.slice(0, at) + version + text.slice(at + versionPlaceholder.length));
            written.object = StoredObject.made(key, revision, freezeDeep(value) as ApiObject, encode, bytes);
            return bytes;
          },
        },
      ]);
      return result.committed ? written.object : undefined;
    },
    async remove(served, key, expectedRevision) {
      const result = await store.commit([{ key: served.keyPrefix + key, expectedRevision }]);
      return result.committed ? result.revision : undefined;
    },
    pretend(served, key, draft, resourceVersion) {
      const value = freezeDeep(finishObject(served, draft, resourceVersion)) as ApiObject;
      return StoredObject.made(key, Number(resourceVersion === "" ? 0 : resourceVersion), value, encodeJson);
    },
  };
}

const encoder = new TextEncoder();

/** The object in written order: kind and version first, as decoding leaves them. */
export function finishObject({ storedAs }: ServedResource, draft: ObjectDraft, resourceVersion: string): ObjectDraft {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = draft;
  return {
    kind: storedAs.resource.kind,
    apiVersion: storedAs.apiVersion,
    metadata: writtenMetadata(metadata, resourceVersion) as ObjectDraft["metadata"],
    ...rest,
  };
}

function encodeText(value: ObjectDraft): string {
  const text = JSON.stringify(value);
  if (text.length > maxObjectBytes / 3 && encoder.encode(text).length > maxObjectBytes)
    throw unknownFailure("etcdserver: request is too large");
  return text;
}
