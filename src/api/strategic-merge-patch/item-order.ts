import { goFormat } from "../go-format.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json-value.ts";
import { PatchError } from "../patch-error.ts";
import { directiveKey, elementOrderPrefix, expectedObject, goTypeOf, noMergeKey } from "./directives.ts";

type List = readonly JsonValue[];

/** Up to this many items Go's stable sort is an insertion sort, whose result shows when items have no place in an order. */
const insertionSortLimit = 20;

/**
 * The type shared by all items, which says how lists are merged.
 * @throws {PatchError} when items are lists, of unlike types, or when there are none
 */
export function sharedItemKind(...lists: readonly List[]): "object" | "scalar" {
  let shared: string | undefined;
  for (const item of lists.flat()) {
    const type = goTypeOf(item);
    if (shared === undefined && Array.isArray(item)) throw new PatchError(422, "lists of lists are not supported");
    if (item === null || (shared !== undefined && shared !== type))
      throw new PatchError(500, `list element types are not identical: ${goFormat(lists)}`);
    shared = type;
  }
  if (shared === undefined) throw new PatchError(500, "no elements in any of the given slices");
  return shared === "map[string]interface {}" ? "object" : "scalar";
}

/** What tells an item apart from others: its merge key's value, or a plain value itself. */
export function identityOf(item: JsonValue | undefined, mergeKey: string): JsonValue | undefined {
  if (mergeKey === "") return item;
  return isJsonObject(item) && Object.hasOwn(item, mergeKey) ? item[mergeKey] : undefined;
}

/** Items that an order lists, and the others. */
export function partitionByOrder(
  items: List,
  order: List,
  mergeKey: string,
): { readonly listed: JsonValue[]; readonly others: JsonValue[] } {
  const listed: JsonValue[] = [];
  const others: JsonValue[] = [];
  const known = new Set(order.map((item) => identityOf(item, mergeKey)));
  const firstBad = mergeKey === "" ? -1 : order.findIndex((item) => !isJsonObject(item));
  for (const item of items) {
    if (mergeKey !== "") requireMergeKey(item, mergeKey);
    const isListed = known.has(identityOf(item, mergeKey));
    if (!isListed && firstBad >= 0) throw new PatchError(500, `value for key ${firstBad} is not a map`);
    (isListed ? listed : others).push(item);
  }
  return { listed, others };
}

/**
 * Puts a merged list in order: items that the patch speaks of in the patch's order, the others in the server's,
 * each other item before the first patched one that came behind it on the server.
 */
export function arrangeItems(
  patched: List,
  patchOrder: List,
  others: List,
  serverOrder: List,
  mergeKey: string,
): JsonValue[] {
  const right = sortByOrder(patched, patchOrder, mergeKey);
  const left = sortByOrder(others, serverOrder, mergeKey);
  const rank = rankIn(serverOrder, mergeKey);
  const arranged: JsonValue[] = [];
  let next = 0;
  for (const item of right) {
    const itemRank = rank(item);
    while (next < left.length) {
      const leftRank = rank(left[next]);
      if (leftRank === undefined || itemRank === undefined || leftRank >= itemRank) break;
      arranged.push(left[next] as JsonValue);
      next += 1;
    }
    arranged.push(item);
  }
  return [...arranged, ...left.slice(next)];
}

/** Sorts items as an order has them; objects that are marked for deletion go to the end. */
export function sortByOrder(items: List, order: List, mergeKey: string): JsonValue[] {
  if (mergeKey === "") return sortByRank(items, rankIn(order, ""));
  for (const item of [...items, ...order]) requireMergeKey(item, mergeKey);
  const kept = items.filter((item) => !isDeletion(item));
  return [...sortByRank(kept, rankIn(order, mergeKey)), ...items.filter(isDeletion)];
}

/**
 * Checks that a patch lists its items in the order that it prescribes.
 * @throws {PatchError}
 */
export function checkPatchOrder(patchList: List, order: List, mergeKey: string): void {
  if (order.length === 0 || patchList.length === 0) return;
  if (mergeKey !== "") for (const item of patchList) if (!isJsonObject(item)) throw expectedObject(item);
  const items = mergeKey === "" ? patchList : patchList.filter((item) => !isDeletion(item));
  let next = 0;
  for (let place = 0; place < order.length && next < items.length; ) {
    const item = items[next] as JsonValue;
    if (isJsonObject(item) && Object.hasOwn(item, directiveKey)) next += 1;
    else {
      if (mergeKey !== "") {
        requireMergeKey(item, mergeKey);
        requireMergeKey(order[place], mergeKey);
      }
      if (identityOf(item, mergeKey) === identityOf(order[place], mergeKey)) next += 1;
      place += 1;
    }
  }
  if (next < items.length)
    throw new PatchError(
      500,
      `The order in patch list:\n${goFormat(patchList)}\n doesn't match ${elementOrderPrefix} list:\n${goFormat(order)}\n`,
    );
}

/** @throws {PatchError} when an item is no object or lacks its merge key */
export function requireMergeKey(item: JsonValue | undefined, mergeKey: string): void {
  if (!isJsonObject(item)) throw expectedObject(item);
  if (!Object.hasOwn(item, mergeKey)) throw noMergeKey(item, mergeKey);
}

function isDeletion(item: JsonValue): boolean {
  return (item as JsonObject)[directiveKey] === "delete";
}

type Rank = (item: JsonValue | undefined) => number | undefined;

function rankIn(order: List, mergeKey: string): Rank {
  const ranks = new Map<JsonValue | undefined, number>();
  order.forEach((item, index) => {
    const identity = identityOf(item, mergeKey);
    if (!ranks.has(identity)) ranks.set(identity, index);
  });
  return (item) => ranks.get(identityOf(item, mergeKey));
}

function sortByRank(items: List, rank: Rank): JsonValue[] {
  const ranked = items.map((item) => ({ item, rank: rank(item) }));
  if (ranked.length > insertionSortLimit || ranked.every((entry) => entry.rank !== undefined))
    ranked.sort((a, b) => (a.rank ?? -1) - (b.rank ?? -1));
  else insertByRank(ranked);
  return ranked.map((entry) => entry.item);
}

/** Items without a rank come before whatever they are compared with, which makes the algorithm part of the behaviour. */
function insertByRank(entries: { item: JsonValue; rank: number | undefined }[]): void {
  for (let end = 1; end < entries.length; end += 1)
    for (let index = end; index > 0; index -= 1) {
      const [before, entry] = entries.slice(index - 1, index + 1) as [(typeof entries)[0], (typeof entries)[0]];
      if (before.rank !== undefined && entry.rank !== undefined && entry.rank >= before.rank) break;
      entries[index - 1] = entry;
      entries[index] = before;
    }
}
