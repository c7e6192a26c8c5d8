import { goFormat } from "./go-format.ts";
import type { JsonObject } from "./json-value.ts";
import { writeYaml } from "./yaml/writer.ts";

/** A patch would touch what must stay as it is. */
export class PatchPreconditionError extends Error {
  override readonly name = "PatchPreconditionError";

  constructor(patch: JsonObject) {
    super(`precondition failed for: ${goFormat(patch)}`);
  }
}

/** A patch would undo what somebody else has changed since. */
export class PatchConflictError extends Error {
  override readonly name = "PatchConflictError";

  constructor(patch: JsonObject, changes: JsonObject) {
    super(
      `patch:\n${writeYaml(patch)}\nconflicts with changes made from original to current:\n${writeYaml(changes)}\n`,
    );
  }
}
