import type { ObjectMeta } from "./types/meta-v1.ts";

/** Metadata of an object that the API server has stored. */
export interface StoredObjectMeta extends ObjectMeta {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
}

/** Metadata of a stored object that lives in a namespace. */
export interface NamespacedObjectMeta extends StoredObjectMeta {
  readonly namespace: string;
}

/** What every stored object has, whatever its kind. */
export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: StoredObjectMeta;
}
