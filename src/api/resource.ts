import type { ApiObject } from "./metadata.ts";

/** Where objects of one kind live in the API. `T` is the type of those objects. */
export interface Resource<T = ApiObject> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Never present at run time: carries `T` for the compiler. */
  readonly objectType?: T;
}

/** Declares a resource. The generated `resources.ts` holds one for every resource that is served by default. */
export function resource<T>(fields: Omit<Resource<T>, "objectType">): Resource<T> {
  return Object.freeze(fields);
}

/** `v1` for the core group, else `group/version`. */
export function apiVersionOf(resource: { readonly group: string; readonly version: string }): string {
  return resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
}

/** `pods` for the core group, else `deployments.apps`: how messages and RBAC name a resource. */
export function groupResourceName(resource: Pick<Resource, "group" | "plural">): string {
  return resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`;
}
