import { freezeDeep } from "../../api/freeze.ts";
import { encodeJson, encodeJsonBytes } from "../../api/json.ts";
import type { ApiObject } from "../../api/metadata.ts";
import { unknownFailure } from "../../api/status-error.ts";
import type { Clock } from "../../base/clock.ts";
import type { Random } from "../../base/random.ts";
import type { Store, WriteOperation } from "../../storage/store.ts";
import type { ServedResource } from "../resource-table.ts";
import { StoredObject } from "../stored-object.ts";
import type { WatchCache, WrittenObject } from "../watch-cache.ts";
import { fillSystemFields, writtenMetadata } from "./object-metadata.ts";
import { storedFormOf } from "./stored-form.ts";
import type { SideWrite } from "./write-hook.ts";
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
    sideWrites?: readonly SideWrite[],
  ): Promise<StoredObject | undefined>;
  /**
   * Deletes an object that must stand at `expectedRevision`.
   * @returns the revision of the deletion; undefined when the key stood elsewhere
   */
  remove(
    served: ServedResource,
    key: string,
    expectedRevision: number,
    sideWrites?: readonly SideWrite[],
  ): Promise<number | undefined>;
  /** The object as a write would leave it, for requests that only try. */
  pretend(served: ServedResource, key: string, draft: ObjectDraft, resourceVersion: string): StoredObject;
}

/** Largest object, in bytes of JSON. Source: the default request limit of etcd, 1.5 MiB. */
export const maxObjectBytes = 1.5 * 1024 * 1024;

/** Room for a version, which is known only at the commit. */
const versionField = '"resourceVersion":"';
const versionPlaceholder = "0";

/** Creates a writer over a store that feeds `cache`. */
export function createObjectWriter(store: Store, cache: WatchCache, clock: Clock, random: Random): ObjectWriter {
  const write = (
    served: ServedResource,
    key: string,
    draft: ObjectDraft,
  ): { readonly operation: WriteOperation; readonly written: WrittenObject } => {
    const { encode } = cache.codecOf(served);
    const value = finishObject(served, draft, versionPlaceholder);
    const text = encodeText(value);
    const at = text.indexOf(versionField) + versionField.length;
    const written: WrittenObject = { object: undefined };
    const { ttlSeconds } = served.storedAs.definition;
    const operation: WriteOperation = {
      key: served.keyPrefix + key,
      attachment: written,
      ...(ttlSeconds === undefined ? {} : { expiresAtMs: clock.nowMs() + ttlSeconds * 1000 }),
      encode(revision) {
        const version = String(revision);
        value.metadata.resourceVersion = version;
        const bytes = encoder.encode(text.slice(0, at) + version + text.slice(at + versionPlaceholder.length));
        written.object = StoredObject.made(key, revision, freezeDeep(value) as ApiObject, encode, bytes);
        return bytes;
      },
    };
    return { operation, written };
  };
  const sideOperation = ({ served, key, draft }: SideWrite): WriteOperation => {
    if (draft === undefined) return { key: served.keyPrefix + key };
    fillSystemFields(draft.metadata, clock, random);
    return write(served, key, draft).operation;
  };

  return {
    async put(served, key, draft, expectedRevision, sideWrites = []) {
      const { operation, written } = write(served, key, draft);
      const result = await store.commit([{ ...operation, expectedRevision }, ...sideWrites.map(sideOperation)]);
      return result.committed ? written.object : undefined;
    },
    async remove(served, key, expectedRevision, sideWrites = []) {
      const operation = { key: served.keyPrefix + key, expectedRevision };
      const result = await store.commit([operation, ...sideWrites.map(sideOperation)]);
      return result.committed ? result.revision : undefined;
    },
    pretend(served, key, draft, resourceVersion) {
      const value = freezeDeep(finishObject(served, draft, resourceVersion)) as ApiObject;
      return StoredObject.made(key, Number(resourceVersion === "" ? 0 : resourceVersion), value, encodeJsonBytes);
    },
  };
}

const encoder = new TextEncoder();

/** The object in written order: kind and version first, as decoding leaves them. */
export function finishObject({ storedAs }: ServedResource, draft: ObjectDraft, resourceVersion: string): ObjectDraft {
  const {
    kind: _kind,
    apiVersion: _apiVersion,
    metadata,
    ...rest
  } = storedFormOf(storedAs.schema)(draft) as ObjectDraft;
  return {
    kind: storedAs.resource.kind,
    apiVersion: storedAs.apiVersion,
    metadata: writtenMetadata(metadata, resourceVersion) as ObjectDraft["metadata"],
    ...rest,
  };
}

function encodeText(value: ObjectDraft): string {
  const text = encodeJson(value);
  // A UTF-16 unit takes three bytes at most.
  if (text.length * 3 > maxObjectBytes && encoder.encode(text).length > maxObjectBytes)
    throw unknownFailure("etcdserver: request is too large");
  return text;
}
