import type { Input } from "../api/draft.ts";
import type { ApiObject } from "../api/metadata.ts";
import type { Resource } from "../api/resource.ts";
import type { DeleteOptions } from "../api/types/meta-v1.ts";

/** Names one object. Leave the namespace out for kinds without one. */
export interface ObjectKey {
  readonly namespace?: string;
  readonly name: string;
}

/** Which objects to list or watch. Without a namespace: those of all namespaces. */
export interface Selection {
  readonly namespace?: string;
  /** For example `app=web,tier in (front,back)`. */
  readonly labelSelector?: string;
  /** For example `spec.nodeName=node-1`. */
  readonly fieldSelector?: string;
}

export interface ListOptions extends Selection {
  /** Most objects of one page. Default: all in one page. */
  readonly limit?: number;
  /** Where the page before ended. */
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: "Exact" | "NotOlderThan";
}

/** One page of objects. */
export interface ObjectList<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  /** Hand this in to get the next page; undefined on the last. */
  readonly continue?: string;
}

export interface WatchOptions extends Selection {
  /** Changes after this version; left out, the present objects come first as ADDED. */
  readonly resourceVersion?: string;
  /** Ask for BOOKMARK events, which carry only a version. */
  readonly allowBookmarks?: boolean;
  /** After the present objects, send a BOOKMARK with the annotation k8s.io/initial-events-end. */
  readonly sendInitialEvents?: boolean;
}

export type WatchEvent<T> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string; readonly initialEventsEnd: boolean };

/** How a patch is written. */
export type PatchType = "json" | "merge" | "strategic" | "apply";

export interface WriteOptions {
  /** Validate and answer, but store nothing. */
  readonly dryRun?: boolean;
  /** Recorded in managedFields; default: the client's own name. */
  readonly fieldManager?: string;
  /** Default `Ignore` for this client: its objects are typed. */
  readonly fieldValidation?: "Ignore" | "Warn" | "Strict";
  /** `status`, `scale`, `binding` and so on. */
  readonly subresource?: string;
}

/**
 * Speaks to the API server as one user. The same interface in process, where objects are shared and frozen, and over
 * HTTPS. All methods throw a StatusError on refusal, and the signal's reason when it is aborted.
 */
export interface Client {
  get<T extends ApiObject>(resource: Resource<T>, key: ObjectKey, signal?: AbortSignal): Promise<T>;

  list<T extends ApiObject>(resource: Resource<T>, options?: ListOptions, signal?: AbortSignal): Promise<ObjectList<T>>;

  /**
   * Changes in order, in batches as they come; never an empty batch. Ends without an error when the server closes the
   * watch, and throws Expired when the version asked for is too old.
   */
  watch<T extends ApiObject>(
    resource: Resource<T>,
    options: WatchOptions,
    signal: AbortSignal,
  ): AsyncIterable<readonly WatchEvent<T>[]>;

  /** Answers with the object as stored. Kinds that are never stored, such as reviews, answer with themselves filled in. */
  create<T>(
    resource: Resource<T>,
    object: Input<T>,
    options?: WriteOptions & { readonly namespace?: string; readonly name?: string },
    signal?: AbortSignal,
  ): Promise<T>;

  /** Replaces an object; `metadata.resourceVersion`, when given, must be the newest. */
  update<T extends ApiObject>(
    resource: Resource<T>,
    object: Input<T>,
    options?: WriteOptions,
    signal?: AbortSignal,
  ): Promise<T>;

  patch<T extends ApiObject>(
    resource: Resource<T>,
    key: ObjectKey,
    type: PatchType,
    patch: unknown,
    options?: WriteOptions & { readonly force?: boolean },
    signal?: AbortSignal,
  ): Promise<T>;

  /** Answers with the object when it only begins to be deleted (grace period, finalizers), else undefined. */
  delete<T extends ApiObject>(
    resource: Resource<T>,
    key: ObjectKey,
    options?: Input<DeleteOptions>,
    signal?: AbortSignal,
  ): Promise<T | undefined>;

  deleteCollection<T extends ApiObject>(
    resource: Resource<T>,
    selection: Selection,
    options?: Input<DeleteOptions>,
    signal?: AbortSignal,
  ): Promise<void>;

  /** Reads a sub-resource that speaks another kind than its parent, such as `scale`. */
  getSubresource<S>(resource: Resource, key: ObjectKey, subresource: string, signal?: AbortSignal): Promise<S>;

  /** Posts to a sub-resource: `binding`, `eviction`, `token`. */
  createSubresource<S>(
    resource: Resource,
    key: ObjectKey,
    subresource: string,
    body: Input<S>,
    signal?: AbortSignal,
  ): Promise<S>;
}
