import type { Draft } from "../../api/draft.ts";
import { equalJson, type JsonValue } from "../../api/json-value.ts";
import { badRequest } from "../../api/status-error.ts";
import type { ObjectMeta, OwnerReference } from "../../api/types/meta-v1.ts";
import { type Clock, formatTime } from "../../base/clock.ts";
import { createUid } from "../../base/ids.ts";
import type { Random } from "../../base/random.ts";

type MetadataDraft = Draft<ObjectMeta>;

/** Removes what only the server sets from the metadata of a new object. */
export function wipeSystemFields(metadata: MetadataDraft): void {
  delete metadata.uid;
  delete metadata.selfLink;
  delete metadata.managedFields;
  delete metadata.creationTimestamp;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
}

/** Gives a new object its identity. */
export function fillSystemFields(metadata: MetadataDraft, clock: Clock, random: Random): void {
  metadata.creationTimestamp = formatTime(clock.nowMs());
  metadata.uid = createUid(random);
}

/**
 * Makes the object's namespace that of the request.
 * @param namespace empty for kinds without a namespace
 * @throws {StatusError} BadRequest when the object says another
 */
export function ensureNamespace(metadata: MetadataDraft, namespace: string): void {
  const given = metadata.namespace ?? "";
  if (given === namespace) return;
  if (namespace === "") delete metadata.namespace;
  else if (given === "") metadata.namespace = namespace;
  else throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
}

/**
 * Drops owner references that are there twice.
 * @returns the warning that the user deserves; undefined when all differ
 */
export function dropRepeatedOwners(metadata: MetadataDraft, isAfterAdmission: boolean): string | undefined {
  const references = metadata.ownerReferences;
  if (references === undefined || references.length < 2) return undefined;
  const kept: Draft<OwnerReference>[] = [];
  const repeated: string[] = [];
  for (const reference of references)
    if (kept.some((other) => equalJson(asJson(other), asJson(reference)))) repeated.push(reference.uid);
    else kept.push(reference);
  if (repeated.length === 0) return undefined;
  metadata.ownerReferences = kept;
  return (
    `.metadata.ownerReferences contains duplicate entries${isAfterAdmission ? " after mutating admission happens" : ""}; ` +
    "API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your " +
    `requests; duplicate UID(s) observed: ${repeated.join(", ")}`
  );
}

/** Any part of an object as the JSON that it is. */
export function asJson(value: unknown): JsonValue {
  return value as JsonValue;
}

/** Fields of metadata in the order in which the API writes them. */
const writtenOrder: readonly (keyof ObjectMeta)[] = [
  "name",
  "generateName",
  "namespace",
  "uid",
  "resourceVersion",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "labels",
  "annotations",
  "ownerReferences",
  "finalizers",
];

/**
 * Metadata as it is stored: in written order, empty parts left out, under a version. `selfLink` is never stored, and
 * `managedFields` not before server-side apply keeps them.
 */
export function writtenMetadata(metadata: MetadataDraft, resourceVersion: string): MetadataDraft {
  const written: Record<string, unknown> = {};
  for (const field of writtenOrder) {
    const value = field === "resourceVersion" ? resourceVersion : metadata[field];
    if (value !== undefined && value !== null && !isEmpty(value)) written[field] = value;
  }
  return written;
}

function isEmpty(value: unknown): boolean {
  if (value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
