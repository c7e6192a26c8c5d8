import type { Draft } from "../api/draft.ts";
import type { Resource } from "../api/resource.ts";
import type { ResourceAttributes } from "./attributes.ts";

/** A request to a special resource, after authentication, authorisation, decoding and admission. */
export interface SpecialRequest {
  /** Who asks for what: user, verb, namespace and name. */
  readonly attributes: ResourceAttributes;
  /** Answer as if it had happened, but change nothing. */
  readonly dryRun: boolean;
  /** Adds a `Warning` header to the answer. */
  warn(message: string): void;
}

/**
 * A resource or sub-resource that is computed rather than stored: reviews, bindings, evictions, token requests,
 * component statuses. The chain does everything up to the call (for `create` also defaulting by the kind's definition,
 * and admission with operation `create`) and everything after it.
 *
 * What a function returns is the answer, written as it stands: an object with `kind` and `apiVersion`, or a Status.
 * All functions throw a StatusError to refuse.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- bodies of unlike kinds stand in one list
export interface SpecialResource<Body = any> {
  readonly resource: Resource<unknown>;
  /** Left out for the resource itself. */
  readonly subresource?: string;
  /** Answers a POST with status 201. The body has the kind that the tables give for the (sub-)resource. */
  readonly create?: (request: SpecialRequest, body: Draft<Body>, signal: AbortSignal) => Promise<object> | object;
  /** Answers a GET of one object. */
  readonly get?: (request: SpecialRequest, signal: AbortSignal) => Promise<object> | object;
  /** Answers a GET of the collection with its items; selectors and paging are applied by the chain. */
  readonly list?: (request: SpecialRequest, signal: AbortSignal) => Promise<readonly object[]> | readonly object[];
}
