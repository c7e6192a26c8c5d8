import { badRequest, expired, fromStatus } from "../../api/status-error.ts";
import { CompactedError, type Store } from "../../storage/store.ts";
import type { ServedResource } from "../resource-table.ts";
import type { Selection } from "../selection.ts";
import { StoredObject } from "../stored-object.ts";
import { keyRange, onlyKey, type Snapshot } from "../watch-cache/object-table.ts";
import type { WatchCache } from "../watch-cache.ts";
import { type ContinueToken, decodeContinueToken, encodeContinueToken } from "./continue-token.ts";
import { parseResourceVersion } from "./resource-version.ts";

/** Which objects to list, and as of when. */
export interface ListRequest {
  readonly selection: Selection;
  /** Most objects of a page; undefined or 0 for all in one. */
  readonly limit?: number | undefined;
  /** Where the page before ended. */
  readonly continue?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly resourceVersionMatch?: string | undefined;
}

/** A page of objects. */
export interface ListPage {
  readonly objects: readonly StoredObject[];
  /** 0 for what is computed. */
  readonly revision: number;
  /** The token for the next page; undefined on the last. */
  readonly continue: string | undefined;
  /** Objects after this page; undefined on the last, and when selectors make the number unknown. */
  readonly remaining: number | undefined;
}

/** What a list is made from, once it is known which state it shows. */
interface ListPlan {
  /** Undefined for whatever is newest. */
  readonly atRevision: number | undefined;
  /** The first key that may be shown. */
  readonly startKey: string;
  readonly limit: number;
  /** The token that led here, for the message when its revision is gone. */
  readonly token: ContinueToken | undefined;
}

const expiredList = "The resourceVersion for the provided list is too old.";
const expiredContinue =
  "The provided continue parameter is too old to display a consistent list result. You can start a new list without " +
  "the continue parameter, or use the continue token in this response to retrieve the remainder of the results. " +
  "Continuing with the provided token results in an inconsistent list - objects that were created, modified, or " +
  "deleted between the time the first chunk was returned and now may show up in the list.";

/**
 * Lists objects from memory; pages at a revision that memory has forgotten come from the store.
 * Source: Kubernetes API concepts, "Semantics for get and list".
 * @throws {StatusError} BadRequest, Expired, or Timeout for a version that is not there yet
 */
export async function listObjects(
  parts: { readonly cache: WatchCache; readonly store: Store },
  served: ServedResource,
  request: ListRequest,
  signal?: AbortSignal,
): Promise<ListPage> {
  const { cache } = parts;
  const { selection } = request;
  const { plan, notOlderThan } = planList(request, onlyKey(served, selection) !== undefined);
  if (notOlderThan > cache.revision) await cache.waitFor(notOlderThan, signal);
  const objects = cache.of(served);
  if (plan.atRevision === undefined && plan.startKey === "" && plan.limit === 0)
    return { objects: objects.select(selection), revision: cache.revision, continue: undefined, remaining: undefined };

  const revision = plan.atRevision ?? cache.revision;
  const snapshot = objects.snapshotAt(revision);
  return snapshot === undefined
    ? pageFromStore(parts, served, selection, plan, revision)
    : pageFromSnapshot(snapshot, selection, plan, revision);
}

function planList(request: ListRequest, isSingle: boolean): { readonly plan: ListPlan; readonly notOlderThan: number } {
  const { resourceVersionMatch: match = "" } = request;
  if (request.continue !== undefined && request.continue !== "" && !isSingle) {
    const token = decodeContinueToken(request.continue);
    if (request.resourceVersion !== undefined && request.resourceVersion !== "" && request.resourceVersion !== "0")
      throw badRequest("specifying resource version is not allowed when using continue");
    const { revision, startKey } = token;
    return { plan: { atRevision: revision, startKey, limit: request.limit ?? 0, token }, notOlderThan: revision ?? 0 };
  }
  const revision = parseResourceVersion(request.resourceVersion);
  const limit = isSingle || revision === 0 ? 0 : (request.limit ?? 0);
  const isExact = match === "Exact" || (match === "" && limit > 0 && revision !== undefined && revision > 0);
  return {
    plan: { atRevision: isExact ? revision : undefined, startKey: "", limit, token: undefined },
    notOlderThan: revision ?? 0,
  };
}

function pageFromSnapshot(snapshot: Snapshot, selection: Selection, plan: ListPlan, revision: number): ListPage {
  const range = keyRange(selection.namespace);
  const low = plan.startKey > range.low ? plan.startKey : range.low;
  const objects: StoredObject[] = [];
  let hasMore = false;
  snapshot.visitRange(low, range.high, (object) => {
    if (plan.limit > 0 && objects.length === plan.limit) {
      hasMore = true;
      return false;
    }
    if (selection.matches(object)) objects.push(object);
    return true;
  });
  const last = objects.at(-1);
  if (!hasMore || last === undefined) return { objects, revision, continue: undefined, remaining: undefined };
  const startKey = `${last.key}\0`;
  return {
    objects,
    revision,
    continue: encodeContinueToken({ revision, startKey }),
    remaining: selection.isEverything ? snapshot.countRange(startKey, range.high) : undefined,
  };
}

/** Objects read from the store at a time. */
const storePageSize = 1000;

async function pageFromStore(
  { cache, store }: { readonly cache: WatchCache; readonly store: Store },
  served: ServedResource,
  selection: Selection,
  plan: ListPlan,
  revision: number,
): Promise<ListPage> {
  const { decode, encode } = cache.codecOf(served);
  const prefix = served.keyPrefix + (selection.namespace === "" ? "" : `${selection.namespace}/`);
  const objects: StoredObject[] = [];
  // The store lists what comes after a key, so step back from the first key that may be shown.
  let afterKey = plan.startKey === "" ? undefined : served.keyPrefix + plan.startKey.replace(/\0$/, "");
  for (;;) {
    const page = await readPage(store, { prefix, atRevision: revision, limit: storePageSize, afterKey }, plan);
    for (const [index, entry] of page.entries.entries()) {
      if (plan.limit > 0 && objects.length === plan.limit) {
        const startKey = `${(objects.at(-1) as StoredObject).key}\0`;
        const remaining = selection.isEverything ? page.entries.length - index + page.remaining : undefined;
        return { objects, revision, continue: encodeContinueToken({ revision, startKey }), remaining };
      }
      const key = entry.key.slice(served.keyPrefix.length);
      const object = StoredObject.read(key, entry.revision, entry.value, decode, encode);
      if (selection.matches(object)) objects.push(object);
    }
    if (page.remaining === 0) return { objects, revision, continue: undefined, remaining: undefined };
    afterKey = page.entries.at(-1)?.key;
  }
}

async function readPage(
  store: Store,
  query: { prefix: string; atRevision: number; limit: number; afterKey: string | undefined },
  plan: ListPlan,
) {
  const { afterKey, ...rest } = query;
  try {
    return await store.list(afterKey === undefined ? rest : { ...rest, afterKey });
  } catch (error) {
    if (!(error instanceof CompactedError)) throw error;
    if (plan.token === undefined) throw expired(expiredList);
    const { status } = expired(expiredContinue);
    const token = encodeContinueToken({ revision: undefined, startKey: plan.token.startKey });
    throw fromStatus({ ...status, metadata: { ...status.metadata, continue: token } });
  }
}
