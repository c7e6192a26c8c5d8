import { equalJson, isJsonObject, type JsonObject, type JsonValue, setOwn } from "./json-value.ts";
import { PatchPreconditionError } from "./patch-conflict.ts";
import { PatchError } from "./patch-error.ts";

type MutableObject = { [key: string]: JsonValue };

/**
 * Applies an RFC 7386 patch to an object and gives the new one; the old one, which may be frozen, is left as it is and
 * shares its untouched parts.
 * @throws {PatchError} 400 when the patch is neither object nor list
 */
export function applyMergePatch(document: JsonObject, patch: JsonValue): JsonValue {
  if (isJsonObject(patch)) return mergeObjects(document, patch);
  if (Array.isArray(patch)) return pruneNulls(patch);
  throw new PatchError(400, "Invalid JSON Patch");
}

function mergeObjects(document: JsonObject, patch: JsonObject): JsonObject {
  const merged: MutableObject = { ...document };
  for (const key of Object.keys(patch)) {
    const value = patch[key] as JsonValue;
    if (value === null) delete merged[key];
    else setOwn(merged, key, mergeValues(Object.hasOwn(merged, key) ? merged[key] : undefined, value));
  }
  return merged;
}

function mergeValues(current: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isJsonObject(current)) return pruneNulls(patch);
  // A list in place of an object keeps the nulls inside its items: upstream's library prunes them only in other places.
  return isJsonObject(patch) ? mergeObjects(current, patch) : patch;
}

/** Drops members that are null, at every depth; null items of lists stay. */
function pruneNulls(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => (item === null ? null : pruneNulls(item)));
  if (!isJsonObject(value)) return value;
  const pruned: MutableObject = {};
  for (const key of Object.keys(value)) {
    const member = value[key] as JsonValue;
    if (member !== null) setOwn(pruned, key, pruneNulls(member));
  }
  return pruned;
}

/** The patch that turns one object into another. Members that are null in `modified` are lost, as JSON merge patches cannot set null. */
export function createMergePatch(original: JsonObject, modified: JsonObject): JsonObject {
  const patch: MutableObject = {};
  for (const key of Object.keys(modified)) {
    const after = modified[key] as JsonValue;
    const before = Object.hasOwn(original, key) ? original[key] : undefined;
    if (isJsonObject(before) && isJsonObject(after)) {
      const inner = createMergePatch(before, after);
      if (Object.keys(inner).length > 0) setOwn(patch, key, inner);
    } else if (before === undefined || !equalJson(before, after)) setOwn(patch, key, after);
  }
  for (const key of Object.keys(original)) if (!Object.hasOwn(modified, key)) setOwn(patch, key, null);
  return patch;
}

/**
 * The patch of `kubectl apply` for kinds without a schema: additions and changes from what is there (`current`) to what
 * is wanted (`modified`), and deletions of what was wanted before (`original`) and no longer is.
 * @param unchanged members that the patch must not touch, such as `kind` or `metadata.name`
 * @throws {PatchPreconditionError} when it would touch one of them
 */
export function createThreeWayMergePatch(
  original: JsonObject,
  modified: JsonObject,
  current: JsonObject,
  unchanged: readonly string[] = [],
): JsonObject {
  const changes = keepMembers(createMergePatch(current, modified), false);
  const deletions = keepMembers(createMergePatch(original, modified), true);
  // What is deleted is not in `modified`, and what is changed is: the two never meet.
  const patch = mergeObjects(deletions, changes);
  requireUnchanged(patch, unchanged);
  return patch;
}

/** @throws {PatchPreconditionError} when a patch touches one of these members (`kind`, `metadata.name`) */
export function requireUnchanged(patch: JsonObject, members: readonly string[]): void {
  for (const member of members) {
    const isMetadata = member.startsWith("metadata.");
    const holder = isMetadata ? (Object.hasOwn(patch, "metadata") ? patch["metadata"] : undefined) : patch;
    const key = isMetadata ? member.slice("metadata.".length) : member;
    if (isJsonObject(holder) && Object.hasOwn(holder, key)) throw new PatchPreconditionError(patch);
  }
}

/** Only the deletions of a patch, or everything but them. */
function keepMembers(patch: JsonObject, deletions: boolean): JsonObject {
  const kept: MutableObject = {};
  for (const key of Object.keys(patch)) {
    const value = patch[key] as JsonValue;
    if (value === null) {
      if (deletions) setOwn(kept, key, null);
    } else if (isJsonObject(value) && Object.keys(value).length > 0) {
      const inner = keepMembers(value, deletions);
      if (Object.keys(inner).length > 0) setOwn(kept, key, inner);
    } else if (!deletions) setOwn(kept, key, value);
  }
  return kept;
}
