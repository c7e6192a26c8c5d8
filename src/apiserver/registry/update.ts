import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { goQuote } from "../../api/go-quote.ts";
import { equalJson } from "../../api/json-value.ts";
import type { ApiObject } from "../../api/metadata.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../../api/object-meta-validation.ts";
import { conflict, invalid, notFound, unknownFailure } from "../../api/status-error.ts";
import type { ObjectMeta } from "../../api/types/meta-v1.ts";
import { admissionRequest } from "../chain/admit.ts";
import type { ServedResource } from "../resource-table.ts";
import type { StoredObject } from "../stored-object.ts";
import { createOnce } from "./create.ts";
import { allowsCreateOnUpdate, requiresVersionOnUpdate } from "./kind-rules.ts";
import { asJson, dropRepeatedOwners, ensureNamespace } from "./object-metadata.ts";
import { finishObject } from "./object-writer.ts";
import type { RegistryParts } from "./registry-parts.ts";
import type { UpdateStrategy } from "./strategy.ts";
import { nothingReserved, type Reservation } from "./write-hook.ts";
import { keyIn, named, type ObjectDraft, type WriteRequest, writeContext } from "./write-request.ts";

/** How one update comes to its new object. */
export interface Update {
  readonly strategy: UpdateStrategy;
  /**
   * Gives the new object, in the stored version, made from the current one. Called again when another write came
   * between. `current` is undefined when the name is free and the kind lets updates create.
   * @throws {StatusError} to refuse
   */
  build(current: ApiObject | undefined): ObjectDraft | Promise<ObjectDraft>;
  /** The uid that the object must have; undefined for any. */
  readonly uid?: string | undefined;
  /** Asked before an update creates. @throws {StatusError} Forbidden */
  authorizeCreate?(): void;
}

/** What an update did. */
export interface UpdateResult {
  readonly object: StoredObject;
  readonly isCreated: boolean;
}

const metadataPath = FieldPath.of("metadata");
/** Times that an update is made anew because another write came between. */
const maxAttempts = 5;

/**
 * Changes a stored object, or creates it where its kind allows that.
 * @throws {StatusError} NotFound, Conflict, Invalid, or what admission refuses with
 */
export function updateObject(parts: RegistryParts, request: WriteRequest, update: Update): Promise<UpdateResult> {
  const { served, attributes } = request;
  const key = keyIn(served, attributes.namespace, attributes.name);
  return parts.serial.run(served.keyPrefix + key, async () => {
    for (let attempt = 1; ; attempt += 1) {
      const current = parts.cache.of(served).get(key);
      const result =
        current === undefined
          ? await createInstead(parts, request, update)
          : await updateOnce(parts, request, update, current, key);
      if (result !== undefined) return result;
      if (attempt === maxAttempts) throw conflict(named(request), attributes.name);
    }
  });
}

async function createInstead(
  parts: RegistryParts,
  request: WriteRequest,
  update: Update,
): Promise<UpdateResult | undefined> {
  const { served, attributes } = request;
  if (!allowsCreateOnUpdate(served) || update.authorizeCreate === undefined)
    throw notFound(named(request), attributes.name);
  if (update.uid !== undefined) throw uidMismatch(request, update.uid, "");
  const draft = await update.build(undefined);
  await parts.admission.admit(admissionRequest(request, "create", draft, undefined), request.signal);
  update.authorizeCreate();
  const namespace = served.resource.namespaced ? attributes.namespace : "";
  ensureNamespace(draft.metadata, namespace);
  return { object: await createOnce(parts, request, draft, namespace), isCreated: true };
}

/** @returns undefined when another write came between */
async function updateOnce(
  parts: RegistryParts,
  request: WriteRequest,
  update: Update,
  current: StoredObject,
  key: string,
): Promise<UpdateResult | undefined> {
  const { served } = request;
  const old = current.value;
  if (update.uid !== undefined && update.uid !== old.metadata.uid)
    throw uidMismatch(request, update.uid, old.metadata.uid);
  const draft = await update.build(old);
  await parts.admission.admit(admissionRequest(request, "update", draft, old), request.signal);
  const warning = dropRepeatedOwners(draft.metadata, true);
  if (warning !== undefined) request.warn(warning);
  checkVersion(request, draft, current);

  const reservation = parts.hookOf(served)?.beginUpdate?.(draft, old, request.dryRun) ?? nothingReserved;
  try {
    await prepare(parts, request, update.strategy, draft, old);
    if (isFullyReleased(draft, old)) {
      const isGone = await removeReleased(parts, request, current, key);
      return isGone
        ? { object: parts.writer.pretend(served, key, draft, old.metadata.resourceVersion), isCreated: false }
        : undefined;
    }
    const object = await store(parts, request, draft, current, key);
    settle(reservation, object !== undefined);
    return object === undefined ? undefined : { object, isCreated: false };
  } catch (error) {
    reservation.giveBack();
    throw error;
  }
}

function settle(reservation: Reservation, isWritten: boolean): void {
  if (isWritten) reservation.keep();
  else reservation.giveBack();
}

/** A version that the client names must be the newest. */
function checkVersion(request: WriteRequest, draft: ObjectDraft, current: StoredObject): void {
  const version = draft.metadata.resourceVersion ?? "";
  const { name } = request.attributes;
  if (version === "" || version === "0") {
    if (!requiresVersionOnUpdate(request.served)) return;
    const error = fieldError.invalid(metadataPath.child("resourceVersion"), 0, "must be specified for an update");
    throw invalid({ group: request.served.resource.group, kind: request.served.resource.plural }, name, [error]);
  }
  if (!/^[0-9]+$/.test(version)) throw unknownFailure(`strconv.ParseUint: parsing ${goQuote(version)}: invalid syntax`);
  if (Number(version) !== current.revision) throw conflict(named(request), name);
}

/** Everything between admission and the store. */
async function prepare(
  parts: RegistryParts,
  request: WriteRequest,
  strategy: UpdateStrategy,
  draft: ObjectDraft,
  old: ApiObject,
): Promise<void> {
  const { served, attributes } = request;
  const { resource } = served.storedAs;
  ensureNamespace(draft.metadata, resource.namespaced ? attributes.namespace : "");
  carryOver(draft, old);
  strategy.prepare(draft, old, writeContext(parts, request));
  keepIdentity(draft, old);
  draft.metadata.resourceVersion = old.metadata.resourceVersion;
  const errors = [...checkMetadata(served, draft, old, strategy.validatesObject), ...strategy.validate(draft, old)];
  if (errors.length > 0) throw invalid(resource, draft.metadata.name, errors);
  for (const warning of strategy.warnings(draft, old)) request.warn(warning);
  strategy.canonicalize(draft);
  await parts.admission.validate(admissionRequest(request, "update", draft, old), request.signal);
}

/** Upstream checks metadata for all kinds alike, and then again for each; what is wrong is reported as often. */
function checkMetadata(
  { storedAs: { resource } }: ServedResource,
  draft: ObjectDraft,
  old: ApiObject,
  validatesObject: boolean,
): FieldError[] {
  const metadata = draft.metadata as ObjectMeta;
  const { namespaced } = resource;
  const check = (checksFinalizerDomains: boolean): readonly [FieldError[], FieldError[]] => {
    const rules = { namespaced, nameRule: "pathSegment", checksFinalizerDomains } as const;
    return [
      validateObjectMeta(metadata, rules, metadataPath),
      validateObjectMetaUpdate(metadata, old.metadata, metadataPath, rules),
    ];
  };
  const [ofObject, ofChange] = check(true);
  if (ofObject.length === 0 && ofChange.length === 0) return [];
  return [...check(false).flat(), ...ofChange, ...(validatesObject ? ofObject : [])];
}

/** Requests cannot set the generation, nor, as long as nobody keeps count, who manages which fields. */
function carryOver(draft: ObjectDraft, old: ApiObject): void {
  delete draft.metadata.managedFields;
  if (old.metadata.generation === undefined) delete draft.metadata.generation;
  else draft.metadata.generation = old.metadata.generation;
}

/** What an update can never take from an object. */
function keepIdentity({ metadata }: ObjectDraft, { metadata: old }: ApiObject): void {
  if ((metadata.uid ?? "") === "") metadata.uid = old.uid;
  metadata.creationTimestamp = old.creationTimestamp;
  if (old.deletionTimestamp !== undefined) metadata.deletionTimestamp = old.deletionTimestamp;
  if (old.deletionGracePeriodSeconds !== undefined)
    metadata.deletionGracePeriodSeconds ??= old.deletionGracePeriodSeconds;
}

/** Deletion has been asked for, grace is over, and the last finalizer is gone; of a namespace also those of its content. */
function isFullyReleased(draft: ObjectDraft & { spec?: { finalizers?: unknown } }, old: ApiObject): boolean {
  const content = draft.kind === "Namespace" ? draft.spec?.finalizers : undefined;
  return (
    (draft.metadata.finalizers ?? []).length === 0 &&
    !(Array.isArray(content) && content.length > 0) &&
    old.metadata.deletionTimestamp !== undefined &&
    (old.metadata.deletionGracePeriodSeconds ?? 0) === 0
  );
}

/** @returns false when another write came between */
async function removeReleased(
  parts: RegistryParts,
  request: WriteRequest,
  current: StoredObject,
  key: string,
): Promise<boolean> {
  if (request.dryRun) return true;
  const sideWrites = parts.hookOf(request.served)?.sideWrites?.(current.value, undefined);
  return (await parts.writer.remove(request.served, key, current.revision, sideWrites)) !== undefined;
}

async function store(
  parts: RegistryParts,
  request: WriteRequest,
  draft: ObjectDraft,
  current: StoredObject,
  key: string,
): Promise<StoredObject | undefined> {
  const { served } = request;
  const version = current.value.metadata.resourceVersion;
  if (equalJson(asJson(finishObject(served, draft, version)), asJson(current.value))) return current;
  if (request.dryRun) return parts.writer.pretend(served, key, draft, version);
  return parts.writer.put(
    served,
    key,
    draft,
    current.revision,
    parts.hookOf(served)?.sideWrites?.(current.value, draft),
  );
}

function uidMismatch(request: WriteRequest, wanted: string, found: string): Error {
  const { served, attributes } = request;
  const key = `/registry/${served.resource.plural}/${keyIn(served, attributes.namespace, attributes.name)}`;
  return conflict(
    named(request),
    attributes.name,
    `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ` +
      `UID in precondition: ${wanted}, UID in object meta: ${found}`,
  );
}
