import type { Draft } from "../../api/draft.ts";
import type { ApiObject } from "../../api/metadata.ts";
import type { WriteContext } from "../../resources/definition.ts";
import type { ResourceAttributes } from "../attributes.ts";
import type { ServedResource } from "../resource-table.ts";

/** An object on its way into the store, in the version in which its kind is stored. */
export type ObjectDraft = Draft<ApiObject>;

/** What every stage of a write knows of its request. */
export interface WriteRequest {
  readonly attributes: ResourceAttributes;
  /** The resource as it was asked for; its `storedAs` is what is written. */
  readonly served: ServedResource;
  /** Answer as if it had happened, but store nothing. */
  readonly dryRun: boolean;
  /** Adds a `Warning` header to the answer. */
  warn(message: string): void;
  readonly signal: AbortSignal;
  /** Admission has seen the request in another form already. */
  readonly skipsAdmission?: boolean;
}

/** What the kind's own rules may depend on beside the object. */
export function writeContext(parts: Pick<WriteContext, "clock" | "random">, request: WriteRequest): WriteContext {
  const { clock, random } = parts;
  return { user: request.attributes.user, clock, random, warn: (message) => request.warn(message) };
}

/** The key of an object below the prefix of its kind. */
export function keyIn(served: ServedResource, namespace: string, name: string): string {
  return served.resource.namespaced ? `${namespace}/${name}` : name;
}

/** How messages about a request name its resource: in the group that was asked, not in the one that is stored. */
export function named(request: Pick<WriteRequest, "served">): { readonly group: string; readonly plural: string } {
  return request.served.resource;
}
