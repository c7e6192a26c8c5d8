// Generated from src/api/schema/v1.36 by scripts/generate-api.ts: change the tables, not this file.
import type { ListMeta } from "./meta-v1.ts";
import type { NamespacedObjectMeta, StoredObjectMeta } from "../metadata.ts";

export interface ContainerMetrics {
  readonly name: string;
  readonly usage: { readonly [key: string]: string } | null;
}

export interface NodeMetrics {
  readonly apiVersion: "metrics.k8s.io/v1beta1";
  readonly kind: "NodeMetrics";
  readonly metadata: StoredObjectMeta;
  readonly timestamp: string | null;
  readonly window: string;
  readonly usage: { readonly [key: string]: string } | null;
}

export interface NodeMetricsList {
  readonly apiVersion: "metrics.k8s.io/v1beta1";
  readonly kind: "NodeMetricsList";
  readonly metadata: ListMeta;
  readonly items: readonly NodeMetrics[];
}

export interface PodMetrics {
  readonly apiVersion: "metrics.k8s.io/v1beta1";
  readonly kind: "PodMetrics";
  readonly metadata: NamespacedObjectMeta;
  readonly timestamp: string | null;
  readonly window: string;
  readonly containers: readonly ContainerMetrics[] | null;
}

export interface PodMetricsList {
  readonly apiVersion: "metrics.k8s.io/v1beta1";
  readonly kind: "PodMetricsList";
  readonly metadata: ListMeta;
  readonly items: readonly PodMetrics[];
}
