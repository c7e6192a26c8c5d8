import type { Draft } from "../../api/draft.ts";
import { type FieldError, FieldPath, fieldError } from "../../api/field-error.ts";
import { checkName, type NameRule } from "../../api/names.ts";
import type { ObjectMeta } from "../../api/types/meta-v1.ts";

const metadataPath = FieldPath.of("metadata");

/** What is wrong with the metadata of a new object. */
export function validateObjectMeta(metadata: Draft<ObjectMeta>, isNamespaced: boolean, rule: NameRule): FieldError[] {
  const errors: FieldError[] = [];
  const { name = "", generateName = "", namespace = "" } = metadata;
  for (const fault of generateName === "" ? [] : checkName(rule, generateName, true))
    errors.push(fieldError.invalid(metadataPath.child("generateName"), generateName, fault));
  if (name === "") errors.push(fieldError.required(metadataPath.child("name"), "name or generateName is required"));
  else
    for (const fault of checkName(rule, name)) errors.push(fieldError.invalid(metadataPath.child("name"), name, fault));
  if (isNamespaced && namespace === "") errors.push(fieldError.required(metadataPath.child("namespace")));
  return errors;
}

/** What is wrong with a change of metadata. */
export function validateObjectMetaUpdate(metadata: Draft<ObjectMeta>, old: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ["name", "namespace", "uid"] as const)
    if ((metadata[field] ?? "") !== (old[field] ?? ""))
      errors.push(fieldError.invalid(metadataPath.child(field), metadata[field] ?? "", "field is immutable"));
  return errors;
}
