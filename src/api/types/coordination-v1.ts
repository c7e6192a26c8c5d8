// Generated from src/api/schema/v1.36 by scripts/generate-api.ts: change the tables, not this file.
import type { ListMeta } from "./meta-v1.ts";
import type { NamespacedObjectMeta } from "../metadata.ts";

export interface Lease {
  readonly apiVersion: "coordination.k8s.io/v1";
  readonly kind: "Lease";
  readonly metadata: NamespacedObjectMeta;
  readonly spec: LeaseSpec;
}

export interface LeaseList {
  readonly apiVersion: "coordination.k8s.io/v1";
  readonly kind: "LeaseList";
  readonly metadata: ListMeta;
  readonly items: readonly Lease[];
}

export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
  readonly strategy?: string;
  readonly preferredHolder?: string;
}
