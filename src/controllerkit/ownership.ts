import type { LabelMatcher } from "../api/label-selector.ts";
import type { ApiObject } from "../api/metadata.ts";
import type { Resource } from "../api/resource.ts";
import { hasReason } from "../api/status-error.ts";
import type { OwnerReference } from "../api/types/meta-v1.ts";
import type { Client } from "../client/client.ts";
import type { Informers } from "../client/informer.ts";
import { objectKey } from "../client/object-key.ts";

/** The one owner that manages the object; undefined when it has none. */
export function controllerOf(object: Pick<ApiObject, "metadata">): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

/** Whether `owner` is the one that manages the object. */
export function isControlledBy(object: Pick<ApiObject, "metadata">, owner: Pick<ApiObject, "metadata">): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

/** What stands in an object that `owner` manages; deleting the owner in the foreground waits for it. */
export function controllerReference(owner: ApiObject): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true };
}

const orphanIndex = "orphans";

/** Prepares `orphansIn` for a kind. */
export function indexOrphans<T extends ApiObject>(informers: Informers, resource: Resource<T>): void {
  informers.addIndex(resource, orphanIndex, (object) =>
    controllerOf(object) === undefined && object.metadata.namespace !== undefined ? [object.metadata.namespace] : [],
  );
}

/** Objects of a namespace that nobody manages: those that a controller may adopt. */
export function orphansIn<T extends ApiObject>(
  informers: Informers,
  resource: Resource<T>,
  namespace: string,
): readonly T[] {
  return informers.of(resource).cache.byIndex(orphanIndex, namespace);
}

/** What an owner should do about objects that it might manage. */
export interface ClaimPlan<T> {
  /** Its own already, and still selected. */
  readonly keep: readonly T[];
  /** Selected and nobody's. */
  readonly adopt: readonly T[];
  /** Its own, but no longer selected. */
  readonly release: readonly T[];
}

/**
 * Decides which objects an owner keeps, takes and lets go. An owner that is being deleted neither takes nor lets go;
 * objects being deleted are not taken. Source: upstream's ControllerRefManager.
 */
export function planClaims<T extends ApiObject>(
  owner: ApiObject,
  selector: LabelMatcher,
  objects: readonly T[],
): ClaimPlan<T> {
  const keep: T[] = [];
  const adopt: T[] = [];
  const release: T[] = [];
  const ownerIsLeaving = owner.metadata.deletionTimestamp !== undefined;
  for (const object of objects) {
    const { labels, namespace, deletionTimestamp } = object.metadata;
    const present = controllerOf(object);
    if (present !== undefined) {
      if (present.uid !== owner.metadata.uid) continue;
      if (selector.matches(labels)) keep.push(object);
      else if (!ownerIsLeaving) release.push(object);
    } else if (!ownerIsLeaving && deletionTimestamp === undefined && namespace === owner.metadata.namespace)
      if (selector.matches(labels)) adopt.push(object);
  }
  return { keep, adopt, release };
}

/**
 * Makes a claim plan true and gives the objects that the owner manages now. Before the first adoption the owner is
 * read from the server, because one that is being deleted must not gather new dependants.
 * @throws the first refusal, after everything has been tried
 */
export async function claimObjects<T extends ApiObject, Owner extends ApiObject>(
  claim: {
    readonly owner: Owner;
    readonly ownerResource: Resource<Owner>;
    readonly resource: Resource<T>;
    readonly selector: LabelMatcher;
    readonly objects: readonly T[];
    /** Put on adopted objects and taken off released ones. */
    readonly finalizer?: string;
  },
  client: Client,
  signal: AbortSignal,
): Promise<readonly T[]> {
  const { owner, resource, finalizer } = claim;
  const plan = planClaims(owner, claim.selector, claim.objects);
  const failures: unknown[] = [];
  const attempt = async <R>(action: () => Promise<R>, ...tolerated: ("NotFound" | "Invalid")[]) => {
    try {
      return await action();
    } catch (error) {
      if (!hasReason(error, ...tolerated)) failures.push(error);
      return undefined;
    }
  };
  const patch = (object: T, content: unknown): Promise<T> =>
    client.patch(resource, objectKey(object), "strategic", content, {}, signal);
  // Invalid: another object has taken the name, or the reference is gone already.
  for (const object of plan.release)
    await attempt(() => patch(object, releasePatch(owner, object, finalizer)), "NotFound", "Invalid");
  const owned = [...plan.keep];
  const mayAdopt =
    plan.adopt.length > 0 && (await attempt(() => checkOwner(claim.ownerResource, owner, client, signal)));
  for (const object of mayAdopt === true ? plan.adopt : []) {
    const adopted = await attempt(() => patch(object, adoptPatch(owner, object, finalizer)), "NotFound");
    if (adopted !== undefined) owned.push(adopted);
  }
  if (failures.length > 0) throw failures[0];
  return owned;
}

/** @throws when the owner has been replaced or is being deleted */
async function checkOwner<Owner extends ApiObject>(
  resource: Resource<Owner>,
  owner: Owner,
  client: Client,
  signal: AbortSignal,
): Promise<true> {
  const { name, namespace, uid } = owner.metadata;
  const fresh = await client.get(resource, objectKey(owner), signal);
  const path = `${namespace ?? ""}/${name}`;
  if (fresh.metadata.uid !== uid)
    throw new Error(`original ${resource.kind} ${path} is gone: got uid ${fresh.metadata.uid}, wanted ${uid}`);
  if (fresh.metadata.deletionTimestamp !== undefined)
    throw new Error(`can't adopt: ${path} has just been deleted at ${fresh.metadata.deletionTimestamp}`);
  return true;
}

/** The uid makes the server refuse when another object has taken the name. */
function adoptPatch(owner: ApiObject, object: ApiObject, finalizer: string | undefined): unknown {
  return {
    metadata: {
      uid: object.metadata.uid,
      ownerReferences: [controllerReference(owner)],
      ...(finalizer === undefined ? {} : { finalizers: [finalizer] }),
    },
  };
}

function releasePatch(owner: ApiObject, object: ApiObject, finalizer: string | undefined): unknown {
  return {
    metadata: {
      uid: object.metadata.uid,
      ownerReferences: [{ $patch: "delete", uid: owner.metadata.uid }],
      ...(finalizer === undefined ? {} : { "$deleteFromPrimitiveList/finalizers": [finalizer] }),
    },
  };
}
