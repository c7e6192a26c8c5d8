import { equalJson, isJsonObject, type JsonObject, type JsonValue, setOwn } from "../json-value.ts";
import { PatchError } from "../patch-error.ts";
import type { FieldType } from "../schema.ts";
import {
  deletionListPrefix,
  directiveKey,
  directiveTarget,
  discardNulls,
  elementOrderPrefix,
  expectedList,
  type MutableObject,
  noMergeKey,
  retainKeysKey,
  unknownDirective,
  withoutDirectives,
} from "./directives.ts";
import {
  arrangeItems,
  checkPatchOrder,
  identityOf,
  partitionByOrder,
  requireMergeKey,
  sharedItemKind,
} from "./item-order.ts";
import { goKind, patchField, patchListField } from "./patch-type.ts";

/**
 * `apply` merges a patch into a document: directives act and vanish, nulls delete.
 * `combine` merges a patch into another patch: directives and nulls stay, so that the result does what both would.
 */
export type MergeMode = "apply" | "combine";

type List = readonly JsonValue[];

/**
 * Merges a patch into an object, which is left as it is. The patch is used up: directives and lists that have been dealt
 * with are taken out of it, as upstream does, because error messages show the rest.
 * @throws {PatchError}
 */
export function mergeObject(original: JsonObject, patch: MutableObject, type: FieldType, mode: MergeMode): JsonObject {
  if (Object.hasOwn(patch, directiveKey)) return followDirective(patch);
  const merged: MutableObject = { ...original };
  retainKeys(merged, patch, mode);
  for (const key of Object.keys(patch))
    if (key.startsWith(elementOrderPrefix)) mergeOrderedList(merged, patch, key, type, mode);
  for (const key of Object.keys(patch)) mergeMember(merged, key, patch[key] as JsonValue, type, mode);
  return merged;
}

function followDirective(patch: MutableObject): JsonObject {
  const directive = patch[directiveKey] as JsonValue;
  if (directive === "delete") return {};
  if (directive !== "replace") throw unknownDirective(directive, patch);
  delete patch[directiveKey];
  return patch;
}

function mergeMember(
  merged: MutableObject,
  patchKey: string,
  value: JsonValue,
  type: FieldType,
  mode: MergeMode,
): void {
  const isDeletionList = patchKey.startsWith(deletionListPrefix);
  if (isDeletionList && mode === "combine") {
    setOwn(merged, patchKey, value);
    return;
  }
  const key = (isDeletionList ? directiveTarget(patchKey, deletionListPrefix) : patchKey) || patchKey;
  if (value === null) {
    delete merged[key];
    if (mode === "combine") setOwn(merged, key, null);
    return;
  }
  const current = Object.hasOwn(merged, key) ? merged[key] : undefined;
  if (isJsonObject(current) && isJsonObject(value)) {
    const field = patchField(type, key);
    const inner = field.strategy === "replace" ? value : mergeObject(current, value, field.type, mode);
    setOwn(merged, key, inner);
  } else if (Array.isArray(current) && Array.isArray(value)) {
    const field = patchListField(type, key);
    const isMerged = field.strategy === "merge" || isDeletionList;
    setOwn(merged, key, isMerged ? mergeLists(current, value, field, mode, isDeletionList) : value);
  } else if (!isDeletionList) takeOver(merged, key, value, mode);
}

/** Where there is nothing to merge with, the patch's value is taken as it is, but for directives and nulls. */
function takeOver(merged: MutableObject, key: string, value: JsonValue, mode: MergeMode): void {
  if (mode === "apply") discardNulls(value);
  const taken = withoutDirectives(value);
  if (taken === undefined) delete merged[key];
  else setOwn(merged, key, taken);
}

/** `$retainKeys` lists the members to keep: others go, and the patch must not set others. */
function retainKeys(merged: MutableObject, patch: MutableObject, mode: MergeMode): void {
  if (!Object.hasOwn(patch, retainKeysKey)) return;
  const keys = patch[retainKeysKey] as JsonValue;
  delete patch[retainKeysKey];
  if (mode === "combine") {
    const present = Object.hasOwn(merged, retainKeysKey) ? merged[retainKeysKey] : undefined;
    if (present !== undefined && !equalJson(present, keys)) throw badRetainKeys();
    merged[retainKeysKey] = keys;
    return;
  }
  if (!Array.isArray(keys)) throw badRetainKeys();
  const kept = new Set<JsonValue>(keys);
  for (const key of Object.keys(patch)) {
    const isDirective = key.startsWith(deletionListPrefix) || key.startsWith(elementOrderPrefix);
    if (patch[key] !== null && !isDirective && !kept.has(key)) throw badRetainKeys();
  }
  for (const key of Object.keys(merged)) if (!kept.has(key)) delete merged[key];
}

function badRetainKeys(): PatchError {
  return new PatchError(400, "invalid patch format of retainKeys");
}

/** Deals with `$setElementOrder/<field>` and, together with it, with the patch's list of that field. */
function mergeOrderedList(
  merged: MutableObject,
  patch: MutableObject,
  orderKey: string,
  type: FieldType,
  mode: MergeMode,
): void {
  const order = patch[orderKey] as JsonValue;
  if (mode === "combine") {
    const present = Object.hasOwn(merged, orderKey) ? merged[orderKey] : undefined;
    if (present !== undefined && !equalJson(present, order))
      throw new PatchError(400, "invalid patch format of setElementOrder list");
    setOwn(merged, orderKey, order);
  }
  delete patch[orderKey];
  if (!Array.isArray(order)) throw expectedList(order);
  const key = directiveTarget(orderKey, elementOrderPrefix);
  const current = listMember(merged, key);
  const patchList = listMember(patch, key);
  const field = patchListField(type, key);
  checkPatchOrder(patchList ?? [], order, field.mergeKey);

  let items: List;
  if (current === undefined && patchList === undefined) return;
  if (patchList === undefined) items = current as List;
  else if (current === undefined) items = withoutDirectives(patchList) as List;
  else items = field.strategy === "merge" ? mergeLists(current, patchList, field, mode, false) : patchList;

  const { listed, others } = partitionByOrder(items, order, field.mergeKey);
  if (sharedItemKind(current ?? [], patchList ?? []) === "object" && field.mergeKey === "")
    for (const item of [...listed, ...order, ...others, ...(current ?? [])]) requireMergeKey(item, "");
  setOwn(merged, key, arrangeItems(listed, order, others, current ?? [], field.mergeKey));
  delete patch[key];
}

function listMember(object: JsonObject, key: string): List | undefined {
  if (!Object.hasOwn(object, key)) return undefined;
  const value = object[key];
  if (!Array.isArray(value)) throw expectedList(value);
  return value;
}

function mergeLists(
  current: List,
  patch: List,
  field: { readonly type: FieldType; readonly mergeKey: string },
  mode: MergeMode,
  isDeletionList: boolean,
): List {
  if (current.length === 0 && patch.length === 0) return current;
  const { mergeKey } = field;
  let base = current;
  let order = patch;
  let items: List;
  if (sharedItemKind(current, patch) === "scalar") {
    if (mode === "apply" && isDeletionList) {
      const deleted = new Set(patch);
      return current.filter((item) => !deleted.has(item));
    }
    items = [...new Set([...current, ...patch])];
  } else {
    if (mergeKey === "") throw new PatchError(500, `cannot merge lists without merge key for ${goKind(field.type)}`);
    ({ base, order } = followItemDirectives(current, patch, mergeKey));
    items = mergeItems(base, order, mergeKey, field.type, mode);
  }
  const { listed, others } = partitionByOrder(items, order, mergeKey);
  return arrangeItems(listed, order, others, base, mergeKey);
}

/** Deletes and replaces as items with a directive ask; gives what is left to merge. */
function followItemDirectives(current: List, patch: List, mergeKey: string): { base: List; order: List } {
  const plain: JsonValue[] = [];
  const deleted = new Set<JsonValue | undefined>();
  let replaces = false;
  for (const item of patch as readonly JsonObject[]) {
    const directive = Object.hasOwn(item, directiveKey) ? item[directiveKey] : undefined;
    if (directive === undefined) plain.push(item);
    else if (directive === "delete") {
      if (!Object.hasOwn(item, mergeKey)) throw noMergeKey(item, mergeKey);
      deleted.add(item[mergeKey]);
    } else if (directive === "replace") replaces = true;
    else if (directive === "merge") throw new PatchError(500, "merging lists cannot yet be specified in the patch");
    else throw unknownDirective(directive, item);
  }
  if (replaces) return { base: plain, order: [] };
  const isDeleted = (item: JsonValue): boolean =>
    Object.hasOwn(item as JsonObject, mergeKey) && deleted.has(identityOf(item, mergeKey));
  return { base: deleted.size === 0 ? current : current.filter((item) => !isDeleted(item)), order: plain };
}

/** Merges items of equal merge keys and puts new ones at the end. */
function mergeItems(base: List, patch: List, mergeKey: string, type: FieldType, mode: MergeMode): List {
  const items = [...base];
  const places = new Map<JsonValue | undefined, number>();
  items.forEach((item, index) => {
    const identity = identityOf(item, mergeKey);
    if (identity !== undefined && !places.has(identity)) places.set(identity, index);
  });
  for (const item of patch as readonly JsonObject[]) {
    requireMergeKey(item, mergeKey);
    const place = places.get(item[mergeKey]);
    if (place === undefined) places.set(item[mergeKey], items.push(item) - 1);
    else items[place] = mergeObject(items[place] as JsonObject, item as MutableObject, type, mode);
  }
  return items;
}
