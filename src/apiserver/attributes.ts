import type { FieldRequirement } from "../api/field-selector.ts";
import type { UserInfo } from "../api/user.ts";

/** What a request may do to a resource. */
export type ResourceVerb =
  | "get"
  | "list"
  | "watch"
  | "create"
  | "update"
  | "patch"
  | "delete"
  | "deletecollection"
  /** Verbs that only authorisation knows. */
  | "impersonate"
  | "bind"
  | "escalate"
  | "approve"
  | "sign"
  | "attest"
  | "use";

/** A request as authorisation, admission, audit and flow control see it: who wants to do what to which thing. */
export type RequestAttributes = ResourceAttributes | PathAttributes;

export interface ResourceAttributes {
  readonly kind: "resource";
  readonly user: UserInfo;
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  /** The plural, for example `pods`. */
  readonly resource: string;
  /** Empty for the resource itself. */
  readonly subresource: string;
  /** Empty for kinds without a namespace and for requests over all namespaces. */
  readonly namespace: string;
  /** Empty for collections, unless the field selector asks for one `metadata.name`. */
  readonly name: string;
  /** What a list, watch or collection delete narrows itself to; left out when it has no field selector. */
  readonly fieldSelector?: readonly FieldRequirement[];
}

export interface PathAttributes {
  readonly kind: "path";
  readonly user: UserInfo;
  /** The HTTP method in lower case. */
  readonly verb: string;
  readonly path: string;
}
