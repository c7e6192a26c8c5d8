import { FieldPath } from "../../api/field-error.ts";
import { goQuote } from "../../api/go-quote.ts";
import { checkPathSegment } from "../../api/names.ts";
import { validateObjectMeta } from "../../api/object-meta-validation.ts";
import {
  alreadyExists,
  badRequest,
  fromStatus,
  generatedNameTaken,
  hasReason,
  invalid,
  type StatusError,
  unknownFailure,
} from "../../api/status-error.ts";
import type { ObjectMeta } from "../../api/types/meta-v1.ts";
import { randomNameSuffix } from "../../base/ids.ts";
import { admissionRequest } from "../chain/admit.ts";
import type { StoredObject } from "../stored-object.ts";
import { dropRepeatedOwners, ensureNamespace, fillSystemFields, wipeSystemFields } from "./object-metadata.ts";
import type { RegistryParts } from "./registry-parts.ts";
import { prepareForCreate } from "./strategy.ts";
import { nothingReserved } from "./write-hook.ts";
import { keyIn, named, type ObjectDraft, type WriteRequest, writeContext } from "./write-request.ts";

/** Names that are tried for one `generateName`. Source: KEP-4420. */
const maxNameAttempts = 8;
/** Longest part of `generateName` that goes into a name: names stay DNS labels. */
const maxGeneratedPrefix = 58;

/**
 * Stores a new object.
 * @throws {StatusError} AlreadyExists, Invalid, BadRequest, or what admission refuses with
 */
export async function createObject(
  parts: RegistryParts,
  request: WriteRequest,
  draft: ObjectDraft,
): Promise<StoredObject> {
  const namespace = request.served.resource.namespaced ? request.attributes.namespace : "";
  wipeSystemFields(draft.metadata);
  ensureNamespace(draft.metadata, namespace);
  warnOfRepeatedOwners(request, draft, false);
  await parts.admission.admit(admissionRequest(request, "create", draft, undefined), request.signal);
  warnOfRepeatedOwners(request, draft, true);

  const isGenerated = (draft.metadata.generateName ?? "") !== "" && (draft.metadata.name ?? "") === "";
  if (!isGenerated) return createOnce(parts, request, draft, namespace);
  for (let attempt = 1; ; attempt += 1) {
    draft.metadata.name = generateName(draft.metadata.generateName as string, parts);
    try {
      return await createOnce(parts, request, draft, namespace);
    } catch (error) {
      if (!isNameTaken(error) || attempt === maxNameAttempts) throw error;
    }
  }
}

/**
 * The later half of a create, after mutating admission; also the way of an update that creates.
 * @throws {StatusError} as `createObject`
 */
export async function createOnce(
  parts: RegistryParts,
  request: WriteRequest,
  draft: ObjectDraft,
  namespace: string,
): Promise<StoredObject> {
  const { served } = request;
  const { storedAs } = served;
  fillSystemFields(draft.metadata, parts.clock, parts.random);
  const reservation = parts.hookOf(served)?.beginCreate?.(draft, request.dryRun) ?? nothingReserved;
  try {
    prepareForCreate(served, draft, writeContext(parts, request));
    checkNewObject(request, draft);
    for (const warning of storedAs.definition.warnings?.(draft, undefined) ?? []) request.warn(warning);
    storedAs.definition.canonicalize?.(draft);
    await parts.admission.validate(admissionRequest(request, "create", draft, undefined), request.signal);
    const stored = await putNew(parts, request, draft, namespace);
    reservation.keep();
    return stored;
  } catch (error) {
    reservation.giveBack();
    throw error;
  }
}

function checkNewObject({ served }: WriteRequest, draft: ObjectDraft): void {
  const { resource, definition } = served.storedAs;
  const { namespaced } = resource;
  const { nameRule = "dnsSubdomain" } = definition;
  const validate = served.definition.conversion?.validateCreate ?? definition.validate;
  const errors = [
    ...validateObjectMeta(draft.metadata as ObjectMeta, { namespaced, nameRule }, FieldPath.of("metadata")),
    ...(validate?.(draft) ?? []),
  ];
  if (errors.length > 0) throw invalid(resource, draft.metadata.name ?? "", errors);
}

async function putNew(
  parts: RegistryParts,
  request: WriteRequest,
  draft: ObjectDraft,
  namespace: string,
): Promise<StoredObject> {
  const { served } = request;
  const { name } = draft.metadata;
  if (served.resource.namespaced && namespace === "") throw badRequest("Namespace parameter required.");
  const faults = checkPathSegment(name);
  if (faults.length > 0) throw badRequest(`Name parameter invalid: ${goQuote(name)}: ${faults.join(";")}`);
  if ((draft.metadata.resourceVersion ?? "") !== "")
    throw unknownFailure("resourceVersion should not be set on objects to be created");
  const key = keyIn(served, namespace, name);
  const stored = request.dryRun
    ? pretendNew(parts, request, draft, key)
    : await parts.writer.put(served, key, draft, 0, parts.hookOf(served)?.sideWrites?.(undefined, draft));
  if (stored === undefined) throw nameTaken(parts, request, draft, key);
  return stored;
}

function pretendNew(
  parts: RegistryParts,
  { served }: WriteRequest,
  draft: ObjectDraft,
  key: string,
): StoredObject | undefined {
  return parts.cache.of(served).get(key) === undefined ? parts.writer.pretend(served, key, draft, "") : undefined;
}

function nameTaken(parts: RegistryParts, request: WriteRequest, draft: ObjectDraft, key: string): StatusError {
  const { name, generateName: prefix = "" } = draft.metadata;
  const error = prefix === "" ? alreadyExists(named(request), name) : generatedNameTaken(named(request), name);
  const isGoing = parts.cache.of(request.served).get(key)?.value.metadata.deletionTimestamp !== undefined;
  if (!isGoing) return error;
  return fromStatus({ ...error.status, message: `object is being deleted: ${error.message}` });
}

function isNameTaken(error: unknown): boolean {
  return hasReason(error, "AlreadyExists");
}

function generateName(prefix: string, parts: RegistryParts): string {
  return prefix.slice(0, maxGeneratedPrefix) + randomNameSuffix(parts.random);
}

function warnOfRepeatedOwners(request: WriteRequest, draft: ObjectDraft, isAfterAdmission: boolean): void {
  const warning = dropRepeatedOwners(draft.metadata, isAfterAdmission);
  if (warning !== undefined) request.warn(warning);
}
