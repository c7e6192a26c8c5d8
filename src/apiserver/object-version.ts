import { freezeDeep } from "../api/freeze.ts";
import { encodeJsonBytes } from "../api/json.ts";
import type { ServedResource } from "./resource-table.ts";
import { StoredObject } from "./stored-object.ts";

/** Conversions of stored objects, by the version that they were made for; as long-lived as the objects. */
const conversions = new WeakMap<StoredObject, Map<ServedResource, StoredObject>>();

/** A stored object in the version of a served resource: itself, or a conversion that is made once. */
export function inVersion(served: ServedResource, object: StoredObject): StoredObject {
  const { conversion } = served.definition;
  if (served.storedAs === served || conversion === undefined) return object;
  let versions = conversions.get(object);
  if (versions === undefined) {
    versions = new Map();
    conversions.set(object, versions);
  }
  let converted = versions.get(served);
  if (converted === undefined) {
    const { kind } = served.resource;
    // Kind and version come first, as lists rely on.
    const value = freezeDeep({ kind, apiVersion: served.apiVersion, ...conversion.fromStored(object.value) });
    converted = StoredObject.made(object.key, object.revision, value, encodeJsonBytes);
    versions.set(served, converted);
  }
  return converted;
}
