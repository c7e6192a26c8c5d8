import { type FieldError, type FieldPath, fieldError } from "../../../api/field-error.ts";
import type {
  DownwardAPIVolumeFile,
  ProjectedVolumeSource,
  ServiceAccountTokenProjection,
  VolumeProjection,
} from "../../../api/types/core-v1.ts";
import { requireText } from "../../field-checks.ts";
import { checkFieldSelector, checkResourceFieldSelector, fileFields } from "./environment.ts";
import { checkItem } from "./items.ts";
import { checkFileMode, checkVolumeFilePath } from "./paths.ts";
import type { PodRules } from "./rules.ts";

const minTokenSeconds = 10 * 60;
const maxTokenSeconds = 2 ** 32;

/** Checks a file that shows something of the pod. */
export function checkDownwardFile(errors: FieldError[], path: FieldPath, file: DownwardAPIVolumeFile): void {
  const { fieldRef, resourceFieldRef } = file;
  requireText(errors, path.child("path"), file.path);
  checkVolumeFilePath(errors, path.child("path"), file.path);
  if (fieldRef !== undefined) {
    checkFieldSelector(errors, path.child("fieldRef"), fieldRef, fileFields);
    if (resourceFieldRef !== undefined)
      errors.push(
        fieldError.invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously"),
      );
  } else if (resourceFieldRef !== undefined) {
    checkResourceFieldSelector(errors, path.child("resourceFieldRef"), resourceFieldRef, true);
  } else {
    errors.push(fieldError.required(path, "one of fieldRef and resourceFieldRef is required"));
  }
  checkFileMode(errors, path.child("mode"), file.mode);
}

/** Checks a folder made of several sources. */
export function checkProjected(
  errors: FieldError[],
  path: FieldPath,
  projected: ProjectedVolumeSource,
  rules: PodRules,
): void {
  checkFileMode(errors, path.child("defaultMode"), projected.defaultMode);
  const taken = new Set<string>();
  const take = (file: string, value: string): void => {
    if (taken.has(file)) errors.push(fieldError.invalid(path, value, "conflicting duplicate paths"));
    taken.add(file);
  };
  for (const [index, source] of (projected.sources ?? []).entries()) {
    const place = path.child("sources").index(index);
    checkProjectedKeys(errors, place, source, take);
    for (const file of source.downwardAPI?.items ?? []) {
      checkDownwardFile(errors, place.child("downwardAPI"), file);
      if (file.path !== "") take(file.path, file.path);
    }
    if (source.serviceAccountToken !== undefined)
      checkToken(errors, path, place.child("serviceAccountToken"), source.serviceAccountToken, rules);
    const kinds = [source.secret, source.configMap, source.downwardAPI, source.serviceAccountToken];
    if (kinds.filter((kind) => kind !== undefined).length > 1)
      errors.push(fieldError.forbidden(place, "may not specify more than 1 volume type per source"));
  }
}

function checkProjectedKeys(
  errors: FieldError[],
  path: FieldPath,
  source: VolumeProjection,
  take: (file: string, value: string) => void,
): void {
  for (const kind of ["secret", "configMap"] as const) {
    const keys = source[kind];
    if (keys === undefined) continue;
    const name = keys.name ?? "";
    requireText(errors, path.child(kind).child("name"), name);
    for (const [index, item] of (keys.items ?? []).entries()) {
      checkItem(errors, path.child(kind).child("items").index(index), item);
      if (item.path !== "") take(item.path, name);
    }
  }
}

function checkToken(
  errors: FieldError[],
  projectedPath: FieldPath,
  path: FieldPath,
  token: ServiceAccountTokenProjection,
  rules: PodRules,
): void {
  const seconds = token.expirationSeconds ?? 0;
  if (seconds < minTokenSeconds)
    errors.push(
      fieldError.invalid(path.child("expirationSeconds"), seconds, "may not specify a duration less than 10 minutes"),
    );
  if (seconds > maxTokenSeconds)
    errors.push(
      fieldError.invalid(
        path.child("expirationSeconds"),
        seconds,
        "may not specify a duration larger than 2^32 seconds",
      ),
    );
  const place = projectedPath.child("path");
  if (requireText(errors, place, token.path) && !rules.allowTokenPathOutside)
    checkVolumeFilePath(errors, place, token.path);
}
