import { goFormat } from "../go-format.ts";
import { copyJson, equalJson, isJsonObject, type JsonObject, type JsonValue, setOwn } from "../json-value.ts";
import { requireUnchanged } from "../merge-patch.ts";
import { PatchConflictError } from "../patch-conflict.ts";
import { PatchError } from "../patch-error.ts";
import type { FieldType, StructSchema } from "../schema.ts";
import { compareUtf8 } from "../utf8.ts";
import { haveConflicts } from "./conflicts.ts";
import {
  deletionListPrefix,
  directiveKey,
  elementOrderPrefix,
  type MutableObject,
  retainKeysKey,
} from "./directives.ts";
import { identityOf, requireMergeKey, sharedItemKind, sortByOrder } from "./item-order.ts";
import { mergeObject } from "./merge.ts";
import { type PatchField, patchField, patchListField } from "./patch-type.ts";

/** Which differences a patch is to carry. */
interface DiffOptions {
  readonly changes: boolean;
  readonly deletions: boolean;
  /** Add `$setElementOrder` lists. */
  readonly order: boolean;
}

type List = readonly JsonValue[];

/**
 * The patch that turns one object into another when the server applies it.
 * @throws {PatchError} when they do not fit the schema
 */
export function createTwoWayStrategicPatch(
  schema: StructSchema,
  original: JsonObject,
  modified: JsonObject,
  unchanged: readonly string[] = [],
): JsonObject {
  const type: FieldType = { kind: "struct", struct: schema };
  const patch = diffObjects(original, modified, type, { changes: true, deletions: true, order: true }, false);
  requireUnchanged(patch, unchanged);
  return patch;
}

/**
 * The patch of `kubectl apply`: additions and changes from what is there (`current`) to what is wanted (`modified`), and
 * deletions of what was wanted before (`original`) and no longer is.
 * @throws {PatchError} when an object does not fit the schema
 * @throws {PatchPreconditionError} when the patch would touch a member of `unchanged`, such as `metadata.name`
 * @throws {PatchConflictError} when it would undo somebody else's change and `overwrite` is false
 */
export function createThreeWayStrategicPatch(
  schema: StructSchema,
  original: JsonObject,
  modified: JsonObject,
  current: JsonObject,
  options: { readonly overwrite: boolean; readonly unchanged?: readonly string[] },
): JsonObject {
  const type: FieldType = { kind: "struct", struct: schema };
  const delta = diffObjects(current, modified, type, { changes: true, deletions: false, order: true }, false);
  const deletions = diffObjects(original, modified, type, { changes: false, deletions: true, order: true }, false);
  const patch = mergeObject(deletions, copyJson(delta) as MutableObject, type, "combine");
  requireUnchanged(patch, options.unchanged ?? []);
  if (!options.overwrite) {
    const changed = diffObjects(original, current, type, { changes: true, deletions: true, order: false }, false);
    if (haveConflicts(patch, changed, type)) throw new PatchConflictError(patch, changed);
  }
  return patch;
}

function diffObjects(
  original: JsonObject,
  modified: JsonObject,
  type: FieldType,
  options: DiffOptions,
  retainsKeys: boolean,
): MutableObject {
  const patch: MutableObject = {};
  for (const key of Object.keys(modified)) {
    const after = modified[key] as JsonValue;
    const before = Object.hasOwn(original, key) ? (original[key] as JsonValue) : undefined;
    if (before === undefined) {
      if (options.changes) setOwn(patch, key, after);
    } else if (key === directiveKey) diffDirective(before, after, patch);
    else if (isJsonObject(before) && isJsonObject(after)) diffObjectMember(key, before, after, patch, type, options);
    else if (Array.isArray(before) && Array.isArray(after)) diffListMember(key, before, after, patch, type, options);
    else if (options.changes && !equalJson(before, after)) setOwn(patch, key, after);
  }
  const dropped = Object.keys(original).filter((key) => !Object.hasOwn(modified, key));
  if (options.deletions) for (const key of dropped) setOwn(patch, key, null);
  if (retainsKeys) {
    const kept = Object.keys(modified).filter((key) => modified[key] !== null);
    const isNeeded = Object.keys(patch).length > 0 || dropped.some((key) => original[key] !== null);
    if (kept.length > 0 && isNeeded) patch[retainKeysKey] = kept.sort(compareUtf8);
  }
  return patch;
}

function diffDirective(before: JsonValue, after: JsonValue, patch: MutableObject): void {
  if (typeof before !== "string" || typeof after !== "string")
    throw new PatchError(500, `invalid value for special key: ${directiveKey}`);
  if (before !== after) patch[directiveKey] = after;
}

function diffObjectMember(
  key: string,
  before: JsonObject,
  after: JsonObject,
  patch: MutableObject,
  type: FieldType,
  options: DiffOptions,
): void {
  const field = fieldUnlessEqual(patchField, type, key, before, after);
  if (field === undefined) return;
  if (field.strategy === "replace") {
    if (options.changes) setOwn(patch, key, after);
    return;
  }
  const inner = diffObjects(before, after, field.type, options, field.retainKeys);
  if (Object.keys(inner).length > 0) setOwn(patch, key, inner);
}

function diffListMember(
  key: string,
  before: List,
  after: List,
  patch: MutableObject,
  type: FieldType,
  options: DiffOptions,
): void {
  const field = fieldUnlessEqual(patchListField, type, key, before, after);
  if (field === undefined) return;
  if (field.strategy !== "merge") {
    if (options.changes && !equalJson(before, after)) setOwn(patch, key, after);
    return;
  }
  const { items, deleted, order } = diffLists(before, after, field, options);
  if (items.length > 0) setOwn(patch, key, items);
  if (deleted.length > 0) patch[`${deletionListPrefix}/${key}`] = deleted;
  if (order.length > 0) patch[`${elementOrderPrefix}/${key}`] = order;
}

/** A field that the schema does not know matters only when its value has changed. */
function fieldUnlessEqual(
  find: (type: FieldType, key: string) => PatchField,
  type: FieldType,
  key: string,
  before: JsonValue,
  after: JsonValue,
): PatchField | undefined {
  try {
    return find(type, key);
  } catch (error) {
    if (error instanceof PatchError && equalJson(before, after)) return undefined;
    throw error;
  }
}

interface ListDiff {
  readonly items: List;
  readonly deleted: List;
  readonly order: List;
}

function diffLists(original: List, modified: List, field: PatchField, options: DiffOptions): ListDiff {
  if (original.length === 0) return { items: options.changes ? modified : [], deleted: [], order: [] };
  return sharedItemKind(original, modified) === "object"
    ? diffObjectLists(original as readonly JsonObject[], modified as readonly JsonObject[], field, options)
    : diffScalarLists(original, modified, options);
}

function diffObjectLists(
  original: readonly JsonObject[],
  modified: readonly JsonObject[],
  field: PatchField,
  options: DiffOptions,
): ListDiff {
  const { mergeKey } = field;
  const changed: JsonValue[] = [];
  const deleted: JsonValue[] = [];
  walkSorted(sortByText(original, mergeKey), sortByText(modified, mergeKey), mergeKey, (before, after) => {
    for (const item of [before, after]) if (item !== undefined) requireMergeKey(item, mergeKey);
    if (before !== undefined && after !== undefined) {
      const inner = diffObjects(before as JsonObject, after as JsonObject, field.type, options, field.retainKeys);
      if (Object.keys(inner).length > 0)
        changed.push({ ...inner, [mergeKey]: identityOf(after, mergeKey) as JsonValue });
    } else if (after !== undefined) {
      if (options.changes) changed.push(after);
    } else if (options.deletions)
      deleted.push({ [mergeKey]: identityOf(before, mergeKey) as JsonValue, [directiveKey]: "delete" });
  });
  const items = [...sortByOrder(changed, modified, mergeKey), ...deleted];
  const isOrderSame =
    original.length === modified.length &&
    modified.every((item, index) => identityOf(item, mergeKey) === identityOf(original[index], mergeKey));
  const isOrderNeeded =
    options.order &&
    ((options.changes && (items.length > 0 || !isOrderSame)) || (options.deletions && items.length > 0));
  const order = isOrderNeeded ? modified.map((item) => ({ [mergeKey]: identityOf(item, mergeKey) as JsonValue })) : [];
  return { items, deleted: [], order };
}

function diffScalarLists(original: List, modified: List, options: DiffOptions): ListDiff {
  const added: JsonValue[] = [];
  const deleted: JsonValue[] = [];
  const sortedOriginal = sortByText(original, "");
  walkSorted(sortedOriginal, sortByText(modified, ""), "", (before, after) => {
    if (before === undefined && after !== undefined && options.changes) added.push(after);
    if (after === undefined && before !== undefined && options.deletions) deleted.push(before);
  });
  const unique = dropRepeats(deleted);
  // Upstream compares with what was there after sorting it, so an unsorted list always asks for its order.
  const isChanged = options.changes && !equalJson(sortedOriginal, modified);
  const isOrderNeeded = options.order && ((options.deletions && unique.length > 0) || isChanged);
  return { items: sortByOrder(added, modified, ""), deleted: unique, order: isOrderNeeded ? modified : [] };
}

/** Calls back for each pair of equal identity, and for each item that only one side has. Both lists are sorted. */
function walkSorted(
  original: List,
  modified: List,
  mergeKey: string,
  visit: (before: JsonValue | undefined, after: JsonValue | undefined) => void,
): void {
  let left = 0;
  let right = 0;
  while (left < original.length || right < modified.length) {
    const before = original[left];
    const after = modified[right];
    const difference =
      left >= original.length
        ? 1
        : right >= modified.length
          ? -1
          : compareUtf8(goFormat(identityOf(before, mergeKey)), goFormat(identityOf(after, mergeKey)));
    if (difference === 0) visit(before, after);
    else if (difference < 0) visit(before, undefined);
    else visit(undefined, after);
    if (difference <= 0) left += 1;
    if (difference >= 0) right += 1;
  }
}

/** Sorted by identity; items of equal identity in reverse, which is how upstream pairs ports that share a number. */
function sortByText(items: List, mergeKey: string): JsonValue[] {
  const keyed = items.map((item) => ({ item, text: goFormat(identityOf(item, mergeKey)) }));
  return keyed
    .reverse()
    .sort((a, b) => compareUtf8(a.text, b.text))
    .map((entry) => entry.item);
}

/** Drops repeated items; each gap is filled with the last item, as upstream does. */
function dropRepeats(items: List): JsonValue[] {
  const kept = [...items];
  for (let index = 0; index < kept.length - 1; index += 1)
    for (let other = index + 1; other < kept.length; ) {
      if (kept[index] !== kept[other]) other += 1;
      else {
        const last = kept.pop() as JsonValue;
        if (other < kept.length) kept[other] = last;
      }
    }
  return kept;
}
