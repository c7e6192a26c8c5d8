import { compileLabelSelector, type LabelMatcher, noLabel, SelectorError } from "../api/label-selector.ts";
import type { ApiObject } from "../api/metadata.ts";
import { apiVersionOf, type Resource } from "../api/resource.ts";
import type { LabelSelector, OwnerReference } from "../api/types/meta-v1.ts";
import { type CacheChange, type Informer, keyOf } from "../client/informer.ts";
import { controllerOf } from "./ownership.ts";

/** Compiled selectors of objects, each made once. */
export interface SelectorCache {
  /** The matcher of an object's selector; one that matches nothing when it cannot be compiled. */
  of(selector: LabelSelector | undefined): LabelMatcher;
}

/** Creates an empty cache. It holds on to no selector whose object is gone. */
export function createSelectorCache(): SelectorCache {
  const compiled = new WeakMap<LabelSelector, LabelMatcher>();
  return {
    of(selector) {
      if (selector === undefined) return noLabel;
      let matcher = compiled.get(selector);
      if (matcher === undefined) {
        matcher = compileOrNothing(selector);
        compiled.set(selector, matcher);
      }
      return matcher;
    },
  };
}

function compileOrNothing(selector: LabelSelector): LabelMatcher {
  try {
    return compileLabelSelector(selector);
  } catch (error) {
    if (error instanceof SelectorError) return noLabel;
    throw error;
  }
}

/**
 * Says whose business a change of a dependant is: that of the owners it has and had, and for one that nobody manages,
 * of all who would take it.
 */
export function ownerKeys<Owner extends ApiObject, T extends ApiObject>(owners: {
  readonly resource: Resource<Owner>;
  readonly informer: Informer<Owner>;
  /** Whether the owner selects objects with these labels. */
  readonly selects: (owner: Owner, labels: T["metadata"]["labels"]) => boolean;
}): (change: CacheChange<T>) => readonly string[] {
  const apiVersion = apiVersionOf(owners.resource);
  const group = owners.resource.group;
  const isOfKind = (reference: OwnerReference | undefined): reference is OwnerReference =>
    reference !== undefined &&
    reference.kind === owners.resource.kind &&
    (reference.apiVersion === apiVersion || groupOf(reference.apiVersion) === group);
  const keyOfOwner = (object: T): readonly string[] => {
    const reference = controllerOf(object);
    const { namespace } = object.metadata;
    if (!isOfKind(reference)) return [];
    return [keyOf({ metadata: { name: reference.name, ...(namespace === undefined ? {} : { namespace }) } })];
  };
  const takers = (object: T): readonly string[] =>
    owners.informer.cache
      .list(object.metadata.namespace)
      .filter((owner) => owners.selects(owner, object.metadata.labels))
      .map(keyOf);
  return ({ before, after }) => {
    const keys = new Set<string>();
    if (before !== undefined) for (const key of keyOfOwner(before)) keys.add(key);
    if (after !== undefined) {
      for (const key of keyOfOwner(after)) keys.add(key);
      const isNobodys = controllerOf(after) === undefined && after.metadata.deletionTimestamp === undefined;
      if (isNobodys && (before === undefined || mayBeTakenNow(before, after)))
        for (const key of takers(after)) keys.add(key);
    }
    return [...keys];
  };
}

/** An orphan interests others when it has just become one or its labels are new. */
function mayBeTakenNow<T extends ApiObject>(before: T, after: T): boolean {
  return controllerOf(before) !== undefined || !sameLabels(before.metadata.labels, after.metadata.labels);
}

function sameLabels(a: ApiObject["metadata"]["labels"], b: ApiObject["metadata"]["labels"]): boolean {
  if (a === b) return true;
  const keys = Object.keys(a ?? {});
  return keys.length === Object.keys(b ?? {}).length && keys.every((key) => a?.[key] === b?.[key]);
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}
