// Generated from src/api/schema/v1.36 by scripts/generate-api.ts: change the tables, not this file.
import type { ListMeta } from "./meta-v1.ts";
import type { StoredObjectMeta } from "../metadata.ts";

export interface ClusterTrustBundle {
  readonly apiVersion: "certificates.k8s.io/v1alpha1";
  readonly kind: "ClusterTrustBundle";
  readonly metadata: StoredObjectMeta;
  readonly spec: ClusterTrustBundleSpec;
}

export interface ClusterTrustBundleList {
  readonly apiVersion: "certificates.k8s.io/v1alpha1";
  readonly kind: "ClusterTrustBundleList";
  readonly metadata: ListMeta;
  readonly items: readonly ClusterTrustBundle[];
}

export interface ClusterTrustBundleSpec {
  readonly signerName?: string;
  readonly trustBundle: string;
}
