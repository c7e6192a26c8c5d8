import type { Draft } from "../../api/draft.ts";
import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { checkDnsLabel, checkLabelKey, checkLabelValue, checkName, type NameRule } from "../../api/names.ts";
import type { ObjectMeta, OwnerReference } from "../../api/types/meta-v1.ts";
import { compareUtf8, utf8Length } from "../../api/utf8.ts";

type Metadata = Draft<ObjectMeta> | ObjectMeta;

const root = FieldPath.of("metadata");
const immutable = "field is immutable";
/** Most that the annotations of one object may take, in bytes. */
const maxAnnotationBytes = 256 * 1024;
/** Finalizers that need no domain. */
const standardFinalizers: ReadonlySet<string> = new Set(["kubernetes", "orphan", "foregroundDeletion"]);

/** What is wrong with an object's metadata. */
export function validateObjectMeta(metadata: Metadata, isNamespaced: boolean, rule: NameRule): FieldError[] {
  const errors: FieldError[] = [];
  const { name = "", generateName = "", namespace = "", generation = 0 } = metadata;
  const addFaults = (path: FieldPath, value: string, faults: readonly string[]): void => {
    for (const fault of faults) errors.push(fieldError.invalid(path, value, fault));
  };
  if (generateName !== "") addFaults(root.child("generateName"), generateName, checkName(rule, generateName, true));
  if (name === "") errors.push(fieldError.required(root.child("name"), "name or generateName is required"));
  else addFaults(root.child("name"), name, checkName(rule, name));
  if (isNamespaced) {
    if (namespace === "") errors.push(fieldError.required(root.child("namespace")));
    else addFaults(root.child("namespace"), namespace, checkDnsLabel(namespace));
  } else if (namespace !== "") errors.push(fieldError.forbidden(root.child("namespace"), "not allowed on this type"));
  if (generation < 0)
    errors.push(fieldError.invalid(root.child("generation"), generation, "must be greater than or equal to 0"));
  checkLabelsAndOwners(errors, metadata);
  checkFinalizers(errors, metadata.finalizers ?? []);
  checkFinalizerDomains(errors, metadata.finalizers ?? []);
  return errors;
}

/** What is wrong with a change of metadata; `validateObjectMeta` is run beside it. */
export function validateObjectMetaUpdate(metadata: Metadata, old: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp !== undefined)
    checkNoNewFinalizers(errors, metadata.finalizers ?? [], old.finalizers ?? []);
  if ((metadata.resourceVersion ?? "") === "")
    errors.push(fieldError.invalid(root.child("resourceVersion"), "", "must be specified for an update"));
  if ((metadata.generation ?? 0) < (old.generation ?? 0))
    errors.push(fieldError.invalid(root.child("generation"), metadata.generation ?? 0, "must not be decremented"));
  for (const field of ["name", "namespace", "uid"] as const)
    if ((metadata[field] ?? "") !== (old[field] ?? ""))
      errors.push(fieldError.invalid(root.child(field), metadata[field] ?? "", immutable));
  for (const field of ["creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"] as const)
    if ((metadata[field] ?? null) !== (old[field] ?? null))
      errors.push(fieldError.invalid(root.child(field), metadata[field] ?? null, immutable));
  return errors;
}

function checkLabelsAndOwners(errors: FieldError[], metadata: Metadata): void {
  const { labels = {}, annotations = {}, ownerReferences = [] } = metadata;
  const labelsPath = root.child("labels");
  for (const key of Object.keys(labels).sort(compareUtf8)) {
    const value = labels[key] as string;
    for (const fault of checkLabelKey(key)) errors.push(fieldError.invalid(labelsPath, key, fault));
    for (const fault of checkLabelValue(value)) errors.push(fieldError.invalid(labelsPath, value, fault));
  }
  const annotationsPath = root.child("annotations");
  let bytes = 0;
  for (const key of Object.keys(annotations).sort(compareUtf8)) {
    bytes += utf8Length(key) + utf8Length(annotations[key] as string);
    for (const fault of checkLabelKey(key.toLowerCase())) errors.push(fieldError.invalid(annotationsPath, key, fault));
  }
  if (bytes > maxAnnotationBytes) errors.push(fieldError.tooLong(annotationsPath, maxAnnotationBytes));
  checkOwners(errors, ownerReferences as readonly OwnerReference[]);
}

function checkOwners(errors: FieldError[], owners: readonly OwnerReference[]): void {
  const path = root.child("ownerReferences");
  let controller: string | undefined;
  for (const owner of owners) {
    const { version, group } = splitVersion(owner.apiVersion);
    if (version === "")
      errors.push(fieldError.invalid(path.child("apiVersion"), owner.apiVersion, "version must not be empty"));
    for (const field of ["kind", "name", "uid"] as const)
      if (owner[field] === "") errors.push(fieldError.invalid(path.child(field), "", "must not be empty"));
    if (group === "" && version === "v1" && owner.kind === "Event")
      errors.push(fieldError.invalid(path, owner, "/v1, Kind=Event is disallowed from being an owner"));
    if (owner.controller !== true) continue;
    const name = `${owner.kind}/${owner.name}`;
    if (controller === undefined) controller = name;
    else
      errors.push(
        fieldError.invalid(
          path,
          owners,
          `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`,
        ),
      );
  }
}

/** A version with more than one slash counts as none. */
function splitVersion(apiVersion: string): { readonly group: string; readonly version: string } {
  const parts = apiVersion.split("/");
  if (parts.length === 1) return { group: "", version: parts[0] as string };
  return parts.length === 2 ? { group: parts[0] as string, version: parts[1] as string } : { group: "", version: "" };
}

function checkFinalizers(errors: FieldError[], finalizers: readonly string[]): void {
  const path = root.child("finalizers");
  for (const finalizer of finalizers)
    for (const fault of checkLabelKey(finalizer)) errors.push(fieldError.invalid(path, finalizer, fault));
  if (finalizers.includes("orphan") && finalizers.includes("foregroundDeletion"))
    errors.push(fieldError.invalid(path, finalizers, "finalizer orphan and foregroundDeletion cannot be both set"));
}

function checkFinalizerDomains(errors: FieldError[], finalizers: readonly string[]): void {
  for (const [index, finalizer] of finalizers.entries()) {
    if (finalizer.includes("/") || standardFinalizers.has(finalizer)) continue;
    const fault = "name is neither a standard finalizer name nor is it fully qualified";
    errors.push(fieldError.invalid(root.child("finalizers").index(index), finalizer, fault));
  }
}

function checkNoNewFinalizers(errors: FieldError[], finalizers: readonly string[], old: readonly string[]): void {
  const added = [...new Set(finalizers)].filter((finalizer) => !old.includes(finalizer)).sort(compareUtf8);
  if (added.length === 0) return;
  const list = added.map((finalizer) => JSON.stringify(finalizer)).join(", ");
  errors.push(
    fieldError.forbidden(
      root.child("finalizers"),
      `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`,
    ),
  );
}
