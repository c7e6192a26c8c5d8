import type { FieldError, FieldPath } from "../../../api/field-error.ts";
import type { KeyToPath } from "../../../api/types/core-v1.ts";
import { requireText } from "../../field-checks.ts";
import { checkFileMode, checkVolumeFilePath } from "./paths.ts";

/** Checks which keys become which files. */
export function checkItems(errors: FieldError[], path: FieldPath, items: readonly KeyToPath[] | undefined): void {
  for (const [index, item] of (items ?? []).entries()) checkItem(errors, path.child("items").index(index), item);
}

/** Checks one key that becomes a file. */
export function checkItem(errors: FieldError[], path: FieldPath, item: KeyToPath): void {
  requireText(errors, path.child("key"), item.key);
  requireText(errors, path.child("path"), item.path);
  checkVolumeFilePath(errors, path.child("path"), item.path);
  checkFileMode(errors, path.child("mode"), item.mode);
}
