import { equalJson } from "../../api/json-value.ts";
import type { ApiObject } from "../../api/metadata.ts";
import { conflict, notFound } from "../../api/status-error.ts";
import type { Namespace } from "../../api/types/core-v1.ts";
import type { DeleteOptions } from "../../api/types/meta-v1.ts";
import { admissionRequest } from "../chain/admit.ts";
import type { ServedResource } from "../resource-table.ts";
import type { StoredObject } from "../stored-object.ts";
import { atRevision } from "../watch-cache/change.ts";
import { type DeletePlan, type DeletionMarks, planDelete, planNamespaceDelete } from "./delete-plan.ts";
import { draftOf } from "./draft-of.ts";
import { isGarbageCollected } from "./kind-rules.ts";
import { asJson } from "./object-metadata.ts";
import { finishObject } from "./object-writer.ts";
import type { RegistryParts } from "./registry-parts.ts";
import { keyIn, named, type ObjectDraft, type WriteRequest } from "./write-request.ts";

/** What a delete did. */
export interface DeleteResult {
  /** The object as it was last: as it went, or as it waits to go. */
  readonly object: StoredObject;
  /** False while the object waits for its grace period or for finalizers. */
  readonly isGone: boolean;
  /** It had been going already, and this request changed nothing. */
  readonly wasPending: boolean;
}

/** Times that a delete is decided anew because another write came between. */
const maxAttempts = 20;

/**
 * Deletes an object, or marks it to be deleted.
 * @throws {StatusError} NotFound; Conflict when a precondition does not hold; what admission refuses with
 */
export function deleteObject(
  parts: RegistryParts,
  request: WriteRequest,
  options: DeleteOptions,
): Promise<DeleteResult> {
  const { served, attributes } = request;
  const key = keyIn(served, attributes.namespace, attributes.name);
  return parts.serial.run(served.keyPrefix + key, async () => {
    for (let attempt = 1; ; attempt += 1) {
      const current = parts.cache.of(served).get(key);
      if (current === undefined) throw notFound(named(request), attributes.name);
      const result = await deleteOnce(parts, request, options, current, key);
      if (result !== undefined) return result;
      if (attempt === maxAttempts) throw conflict(named(request), attributes.name);
    }
  });
}

/** @returns undefined when another write came between */
async function deleteOnce(
  parts: RegistryParts,
  request: WriteRequest,
  options: DeleteOptions,
  current: StoredObject,
  key: string,
): Promise<DeleteResult | undefined> {
  const { served } = request;
  checkPreconditions(request, options, current.value);
  const plan = planFor(served, current.value, options, parts.clock.nowMs());
  if (plan.kind === "pending") return { object: current, isGone: false, wasPending: true };
  if (request.skipsAdmission !== true) {
    const admission = admissionRequest(request, "delete", undefined, current.value);
    await parts.admission.admit(admission, request.signal);
    await parts.admission.validate(admission, request.signal);
  }
  if (plan.kind === "remove") return remove(parts, request, current, key);

  const marked = await mark(parts, request, plan.marks, current, key);
  if (marked === undefined) return undefined;
  if (!plan.thenRemove) return { object: marked, isGone: false, wasPending: false };
  return remove(parts, request, marked, key);
}

/** @returns the marked object, which is the same when it has its marks already; undefined when another write came between */
async function mark(
  parts: RegistryParts,
  { served, dryRun }: WriteRequest,
  marks: DeletionMarks,
  current: StoredObject,
  key: string,
): Promise<StoredObject | undefined> {
  const draft = withMarks(current.value, marks);
  const version = current.value.metadata.resourceVersion;
  if (equalJson(asJson(finishObject(served, draft, version)), asJson(current.value))) return current;
  if (dryRun) return parts.writer.pretend(served, key, draft, version);
  return parts.writer.put(served, key, draft, current.revision);
}

async function remove(
  parts: RegistryParts,
  request: WriteRequest,
  current: StoredObject,
  key: string,
): Promise<DeleteResult | undefined> {
  if (request.dryRun) return { object: current, isGone: true, wasPending: false };
  const sideWrites = parts.hookOf(request.served)?.sideWrites?.(current.value, undefined);
  const revision = await parts.writer.remove(request.served, key, current.revision, sideWrites);
  if (revision === undefined) return undefined;
  const { encode } = parts.cache.codecOf(request.served);
  return { object: atRevision(current, revision, encode), isGone: true, wasPending: false };
}

function planFor(served: ServedResource, object: ApiObject, options: DeleteOptions, nowMs: number): DeletePlan {
  const { definition, resource } = served.storedAs;
  if (resource.group === "" && resource.plural === "namespaces")
    return planNamespaceDelete(object as Namespace & ApiObject, options, nowMs);
  const propagation = isGarbageCollected(served) ? (definition.defaultPropagation ?? "background") : "unsupported";
  return planDelete(object, { gracefulDelete: definition.gracefulDelete, propagation }, options, nowMs);
}

/** Names the kind, not the resource, as upstream does here. */
function checkPreconditions(request: WriteRequest, options: DeleteOptions, object: ApiObject): void {
  const { uid, resourceVersion } = options.preconditions ?? {};
  const { group, kind } = request.served.storedAs.resource;
  const { metadata } = object;
  const fail = (why: string): Error => conflict({ group, plural: kind }, metadata.name, why);
  if (uid !== undefined && uid !== metadata.uid)
    throw fail(
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). ` +
        "The object might have been deleted and then recreated",
    );
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    throw fail(
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record ` +
        `(${metadata.resourceVersion}). The object might have been modified`,
    );
}

function withMarks(object: ApiObject, marks: DeletionMarks): ObjectDraft {
  const draft = { ...object, metadata: draftOf(object.metadata) } as ObjectDraft & { status?: object };
  const { metadata } = draft;
  metadata.deletionTimestamp = marks.deletionTimestamp;
  if (marks.deletionGracePeriodSeconds !== undefined)
    metadata.deletionGracePeriodSeconds = marks.deletionGracePeriodSeconds;
  if (marks.generation !== undefined) metadata.generation = marks.generation;
  metadata.finalizers = [...marks.finalizers];
  if (marks.phase !== undefined) draft.status = { ...draft.status, phase: marks.phase };
  return draft;
}
