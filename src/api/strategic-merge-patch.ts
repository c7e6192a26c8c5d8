import { copyJson, type JsonObject } from "./json-value.ts";
import type { StructSchema } from "./schema.ts";
import type { MutableObject } from "./strategic-merge-patch/directives.ts";
import { mergeObject } from "./strategic-merge-patch/merge.ts";

export { createThreeWayStrategicPatch, createTwoWayStrategicPatch } from "./strategic-merge-patch/diff.ts";

/** A patched object, and what messages about it show of the patch. */
export interface StrategicMergeResult {
  readonly object: JsonObject;
  /** The patch without what merging used up; upstream's messages about the result show this in Go's `%v`. */
  readonly remainder: JsonObject;
}

/**
 * Applies a strategic merge patch: like a JSON merge patch, but lists are merged as the schema says, and `$patch`,
 * `$retainKeys`, `$setElementOrder/<field>` and `$deleteFromPrimitiveList/<field>` direct it. Neither argument is changed.
 * The result is not checked against the schema: decode it.
 * @throws {PatchError} when the patch does not fit the schema or is malformed
 */
export function applyStrategicMergePatch(
  schema: StructSchema,
  original: JsonObject,
  patch: JsonObject,
): StrategicMergeResult {
  const remainder = copyJson(patch) as MutableObject;
  const object = mergeObject(original, remainder, { kind: "struct", struct: schema }, "apply");
  return { object, remainder };
}
