// Generated from src/api/schema/v1.36 by scripts/generate-api.ts: change the tables, not this file.
import type { Toleration } from "./core-v1.ts";
import type { ListMeta } from "./meta-v1.ts";
import type { StoredObjectMeta } from "../metadata.ts";

export interface Overhead {
  readonly podFixed?: { readonly [key: string]: string };
}

export interface RuntimeClass {
  readonly apiVersion: "node.k8s.io/v1";
  readonly kind: "RuntimeClass";
  readonly metadata: StoredObjectMeta;
  readonly handler: string;
  readonly overhead?: Overhead;
  readonly scheduling?: Scheduling;
}

export interface RuntimeClassList {
  readonly apiVersion: "node.k8s.io/v1";
  readonly kind: "RuntimeClassList";
  readonly metadata: ListMeta;
  readonly items: readonly RuntimeClass[];
}

export interface Scheduling {
  readonly nodeSelector?: { readonly [key: string]: string };
  readonly tolerations?: readonly Toleration[];
}
