// Generated from src/api/schema/v1.36 by scripts/generate-api.ts: change the tables, not this file.
import type { ListMeta } from "./meta-v1.ts";
import type { StoredObjectMeta } from "../metadata.ts";

export interface VolumeAttributesClass {
  readonly apiVersion: "storage.k8s.io/v1beta1";
  readonly kind: "VolumeAttributesClass";
  readonly metadata: StoredObjectMeta;
  readonly driverName: string;
  readonly parameters?: { readonly [key: string]: string };
}

export interface VolumeAttributesClassList {
  readonly apiVersion: "storage.k8s.io/v1beta1";
  readonly kind: "VolumeAttributesClassList";
  readonly metadata: ListMeta;
  readonly items: readonly VolumeAttributesClass[];
}
