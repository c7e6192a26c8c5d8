import type { ApiObject } from "./metadata.ts";
import type { ObjectMeta, OwnerReference } from "./types/meta-v1.ts";

/** Anything with metadata, stored or not. */
export interface HasMetadata {
  readonly metadata: ObjectMeta;
}

/** The finalizer that keeps an object until its dependants have been deleted. */
export const foregroundFinalizer = "foregroundDeletion";
/** The finalizer that keeps an object until its dependants have been set free. */
export const orphanFinalizer = "orphan";

/** The value of a label; undefined when the object does not have it. */
export function labelOf(object: HasMetadata, key: string): string | undefined {
  return valueOf(object.metadata.labels, key);
}

/** The value of an annotation; undefined when the object does not have it. */
export function annotationOf(object: HasMetadata, key: string): string | undefined {
  return valueOf(object.metadata.annotations, key);
}

/** Labels or annotations with some set, and those removed whose value is undefined. Gives the same map back when nothing changes. */
export function withEntries(
  entries: Readonly<Record<string, string>> | undefined,
  changes: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const current = entries ?? {};
  const changed = Object.keys(changes).filter((key) => valueOf(current, key) !== changes[key]);
  if (entries !== undefined && changed.length === 0) return entries;
  const result: Record<string, string> = Object.assign(Object.create(null), current);
  for (const key of changed) {
    const value = changes[key];
    if (value === undefined) delete result[key];
    else result[key] = value;
  }
  return result;
}

/** The owner that manages an object; undefined when nobody does. */
export function controllerOf(object: HasMetadata): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

/** Whether `owner`, and not another object of its name, manages an object. */
export function isControlledBy(object: HasMetadata, owner: HasMetadata): boolean {
  const controller = controllerOf(object);
  return controller !== undefined && controller.uid === owner.metadata.uid;
}

/** Whether `owner` is one of an object's owners. */
export function isOwnedBy(object: HasMetadata, owner: HasMetadata): boolean {
  return object.metadata.ownerReferences?.some((reference) => reference.uid === owner.metadata.uid) === true;
}

/** The reference that makes `owner` manage an object, and keeps the owner from vanishing before it. */
export function newControllerRef(owner: ApiObject): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true };
}

/** Whether an object is being deleted: it stays until its agent or its finalizers let it go. */
export function isBeingDeleted(object: HasMetadata): boolean {
  return object.metadata.deletionTimestamp !== undefined && object.metadata.deletionTimestamp !== null;
}

/** Whether an object has a finalizer. */
export function hasFinalizer(object: HasMetadata, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) === true;
}

/** An object's finalizers with one more, at the end; the same list when it is there already. */
export function withFinalizer(finalizers: readonly string[] | undefined, finalizer: string): readonly string[] {
  const current = finalizers ?? [];
  return current.includes(finalizer) ? current : [...current, finalizer];
}

/** An object's finalizers without one; the same list when it is not there. */
export function withoutFinalizer(finalizers: readonly string[] | undefined, finalizer: string): readonly string[] {
  const current = finalizers ?? [];
  return current.includes(finalizer) ? current.filter((name) => name !== finalizer) : current;
}

function valueOf(entries: Readonly<Record<string, string>> | undefined, key: string): string | undefined {
  return entries !== undefined && entries !== null && Object.hasOwn(entries, key) ? entries[key] : undefined;
}
