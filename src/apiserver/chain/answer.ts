import type { Status } from "../../api/types/meta-v1.ts";
import { inVersion } from "../object-version.ts";
import type { DeleteResult } from "../registry/delete.ts";
import { returnsDeletedObject } from "../registry/kind-rules.ts";
import type { ServedResource } from "../resource-table.ts";
import type { StoredObject } from "../stored-object.ts";

/** What a request for one thing is answered with. */
export type Answer =
  /** An object of the resource, in the version that was asked for. */
  | {
      readonly kind: "object";
      readonly code: number;
      readonly served: ServedResource;
      readonly object: StoredObject;
      /** The object was deleted by this request, and this is what it was last. */
      readonly isGone: boolean;
    }
  /** Anything else: a Status, a review, a Scale. */
  | { readonly kind: "value"; readonly code: number; readonly value: object };

/** Answers with a stored object, converted to the version that was asked for. */
export function objectAnswer(served: ServedResource, object: StoredObject, code = 200, isGone = false): Answer {
  return { kind: "object", code, served, object: inVersion(served, object), isGone };
}

/** Answers with something that is not an object of the resource. */
export function valueAnswer(value: object, code = 200): Answer {
  return { kind: "value", code, value };
}

/** What a delete is answered with: the object while it waits, and a Status once it is gone, but for some kinds. */
export function deleteAnswer(served: ServedResource, result: DeleteResult, code: number): Answer {
  const isOver = result.isGone || result.wasPending;
  if (!isOver || returnsDeletedObject(served)) return objectAnswer(served, result.object, code, result.isGone);
  const { group, plural } = served.resource;
  const { name, uid } = result.object.value.metadata;
  const status: Status = {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: { name, ...(group === "" ? {} : { group }), kind: plural, uid },
  };
  return valueAnswer(status, code);
}
